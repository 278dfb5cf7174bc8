import type { Write } from "../../store/database.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import { move, type PaymentContext } from "./transitions.ts";

/** Records that the chain shows a requirement unpaid, and past its deadline: a fresh one may take its place. */
export function markUnused(write: Write, deps: PaymentContext, { paymentId }: PaymentRow): boolean {
  const set = { voidAt: deps.now() };
  return move(write, deps, paymentId, {
    ...{ from: ["quoted"], to: "quoted", set },
    detail: { void: "unused" },
  });
}

/**
 * quoted → failed: the chain shows that somebody paid it, whose authorization this steward does not know. What
 * became of that is found out as of any attempt that ended; `docs/protocol.md` §9.9.
 */
export function attribute(
  write: Write,
  deps: PaymentContext,
  { paymentId, nodeId }: PaymentRow,
  payer: string,
): boolean {
  const moved = move(write, deps, paymentId, {
    ...{ from: ["quoted"], to: "failed" },
    set: {
      payer,
      failureReason: "AUTHORIZATION_OUTSTANDING",
      failureMessage: "It was paid by an authorization that this steward has not seen.",
    },
    detail: { payer, unseen: true },
  });
  if (moved) deps.queries.noteTaken(write, nodeId);
  return moved;
}
