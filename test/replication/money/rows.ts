import type { KillPoint } from "../../payments/matrix/killed-steward.ts";

/** What is under way when the primary dies, each a table of `docs/protocol.md` §9.9. */
export type Scene = "once" | "keyed" | "held" | "refund" | "release" | "dispute" | "escrow refund";

/** A death of the primary, and what is to come of it. */
export interface Row {
  readonly scene: Scene;
  readonly kill: KillPoint;
  /** Of the zone; money needs one acknowledgement with either. */
  readonly minAcks: number;
  /** A second voter, and of the two that one takes over which has less. */
  readonly hasThird: boolean;
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

/** Where a voter holds it, in these scenes only one of two does. */
const OF_THREE: readonly Scene[] = ["keyed", "refund", "release"];

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
  .map((row, index) => ({
    ...{ ...row, minAcks: index % 2 },
    hasThird: row.kill.when === "held" && OF_THREE.includes(row.scene),
  }));

/** Words a row as the name of its test. */
export function toRowName({ scene, kill, hasThird }: Row): string {
  const held = hasThird ? "once one of two voters holds that" : "once a voter holds that";
  const when = kill.when === "held" ? held : kill.when;
  return `${scene}, killed ${when} ${kill.table} ${kill.value}`;
}
