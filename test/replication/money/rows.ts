import type { KillPoint } from "../../payments/matrix/killed-steward.ts";

/** What is under way when the primary dies, each a table of `docs/protocol.md` §9.9. */
export type Scene = "once" | "keyed" | "held" | "refund" | "release" | "dispute" | "escrow refund";

/** A death of the primary, and what is to come of it. */
export interface Row {
  readonly scene: Scene;
  readonly kill: KillPoint;
  /** Of the zone; money needs one acknowledgement with either. */
  readonly minAcks: number;
}

/** Every state of a paid request and of its payment. */
const PAID = [
  ["requests", "quoted"],
  ["payment_history", "authorized"],
  ["payment_history", "submitting"],
  ["payment_history", "submitted"],
  ["requests", "running"],
  ["payment_history", "delivered"],
] as const;
const REFUND = [
  ["refunds", "requested"],
  ["refunds", "submitted"],
  ["refunds", "confirmed"],
] as const;
const toOp = (goal: string) =>
  [
    ["escrow_ops", "requested"],
    ["escrow_ops", "submitted"],
    ["escrow_ops", "confirmed"],
    ["escrows", goal],
  ] as const;

const SCENES: Readonly<Record<Scene, readonly (readonly [table: string, value: string])[]>> = {
  once: PAID,
  keyed: PAID,
  held: PAID,
  refund: REFUND,
  release: toOp("released"),
  dispute: toOp("disputed"),
  "escrow refund": toOp("refunded"),
};

/**
 * Each state before its COMMIT, after it, and once a voter holds it: 99 deaths. `confirmed` is no row of its own:
 * it is the write that brings `running`.
 */
export const ROWS: readonly Row[] = Object.entries(SCENES)
  .flatMap(([scene, states]) =>
    states.flatMap(([table, value]) =>
      (["before", "after", "held"] as const).map((when) => ({
        ...{ scene: scene as Scene, kill: { table, value, when } },
      })),
    ),
  )
  .map((row, index) => ({ ...row, minAcks: index % 2 }));

/** Words a row as the name of its test. */
export function toRowName({ scene, kill }: Row): string {
  const when = kill.when === "held" ? "once a voter holds that" : kill.when;
  return `${scene}, killed ${when} ${kill.table} ${kill.value}`;
}
