import type { Write } from "../../store/database.ts";
import type { EscrowStatus } from "../../store/payments/escrow-schema.ts";
import type { EscrowRow } from "../../store/payments/escrows.ts";
import { type PaymentContext, takeRefundBack } from "../ledger/transitions.ts";
import { HELD, setStatus } from "./ledger.ts";

/** What the contract says of an escrow after a reorg; undefined: it has no such deposit any more. */
export type Undone = Pick<EscrowRow, "deadline"> & { readonly status: EscrowStatus | undefined };

/** Whether the chain does not have an escrow's last change any more. */
export function isUndone({ status }: EscrowRow, now: Undone): boolean {
  if (status === "pending_deposit" || status === "failed") return false;
  if (now.status === undefined) return true;
  if (now.status === "deposited") return status !== "deposited";
  return ["released", "refunded"].includes(status) && status !== now.status;
}

/** Takes an escrow back to what the chain has, before what it became since is applied. */
export function undo(write: Write, deps: PaymentContext, row: EscrowRow, now: Undone): void {
  const payment = deps.queries.find(row.paymentId);
  const kept = {
    deadline: now.deadline,
    resolvedBy: null,
    resolvedTx: null,
    resolvedAt: null,
    protocolFee: null,
    creatorFee: null,
    recipientAmount: null,
  };
  deps.log.warn({ escrow_id: row.escrowId, was: row.status, now: now.status }, "a reorg undid it");
  deps.claims.putHeld(write, row.paymentId, []);
  if (payment?.state === "refunded") takeRefundBack(write, deps, payment);
  if (now.status === undefined) {
    const deadline = payment?.escrowDeadline ?? row.deadline;
    const set = { ...kept, deadline, txHash: null, status: "pending_deposit" as const };
    setStatus(write, deps, deps.hooks, row, [row.status], set);
  } else if (HELD.includes(now.status)) {
    setStatus(write, deps, deps.hooks, row, [row.status], { ...kept, status: now.status });
  } else {
    // The contract shows another end now: it is `deposited` here until that end's event, read in
    // the same round, is written.
    deps.escrows.compareAndSet(write, row, [row.status], { ...kept, status: "deposited" });
  }
}
