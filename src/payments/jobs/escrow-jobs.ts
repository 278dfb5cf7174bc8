import type { Hex } from "viem";
import type { Write } from "../../store/database.ts";
import type { EscrowOpRow } from "../../store/payments/escrows.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import { toOpCall } from "../contracts/escrow-call.ts";
import { findRefusal } from "../escrow/ops.ts";
import type { Sendable } from "../ledger/send-gate.ts";
import type { PaymentContext } from "../ledger/transitions.ts";
import type { Job, JobInput, MinedTx, WalletJob } from "./job.ts";

/**
 * The next operation to send, as a transaction; one that the contract would refuse ends here, and
 * one that nodes answer but do not execute waits for another block.
 * @throws RpcError where no node answers
 */
export async function nextOpJob(
  deps: PaymentContext,
  { chain, wallet, held: { escrow: held }, sends }: JobInput,
): Promise<Job | undefined> {
  held.enter(chain.head?.number ?? 0);
  while (!held.isFull) {
    const row = sends.escrow.pickFirst(
      (limit) => deps.escrows.listRequestedOps(chain.config.chain_id, held.ids, limit),
      (op) => toSendable(deps, op),
    );
    if (!row) break;
    // Asked at the node's newest block and at the block we saw last; it ends only if both refuse: a
    // node that lags may not know the deposit yet.
    const asked = await held.ask(row.opId, async () => {
      const refusal = await findRefusal(chain, wallet, row);
      return refusal && (await findRefusal(chain, wallet, row, "seen"));
    });
    if (asked.isHeld) continue;
    const { found: refusal } = asked;
    if (refusal === undefined) return toJob(deps, row);
    deps.store.write((write) => failOp(write, deps, row, refusal));
    await deps.store.committed();
  }
  if (!held.isFull) held.end();
  return undefined;
}

function toSendable({ escrows, queries }: PaymentContext, op: EscrowOpRow): Sendable {
  const paymentId = escrows.find(op)?.paymentId;
  const zoneId = paymentId === undefined ? undefined : queries.find(paymentId)?.zoneId;
  return { id: String(op.opId), zoneId: zoneId ?? "" };
}

function toJob(deps: PaymentContext, row: EscrowOpRow): Job {
  return {
    kind: "escrow",
    to: row.contract as Hex,
    ...toOpCall(row),
    claim: (write, { id, hash }) =>
      deps.escrows.moveOp(write, row.opId, ["requested"], {
        state: "submitted",
        txId: id,
        txHash: hash,
        updatedAt: deps.now(),
      }),
  };
}

function failOp(write: Write, deps: PaymentContext, row: EscrowOpRow, failure: string): void {
  const set = { state: "failed" as const, failure, updatedAt: deps.now() };
  deps.escrows.moveOp(write, row.opId, ["requested", "submitted", "confirmed"], set);
  deps.log.warn({ escrow_id: row.escrowId, op: row.op, failure }, "an escrow operation failed");
  deps.store.gate(() => deps.escrowNews.tell(row.escrowId));
}

function applyOp(write: Write, deps: PaymentContext, tx: TxRow, mined: MinedTx): void {
  const row = deps.escrows.findOpOfTx(tx.txId);
  if (!row) return;
  if (!mined.succeeded) return failOp(write, deps, row, "the transaction reverted");
  const set = { state: "confirmed" as const, txHash: mined.txHash, updatedAt: deps.now() };
  deps.escrows.moveOp(write, row.opId, ["submitted"], set);
  deps.store.gate(() => deps.escrowNews.tell(row.escrowId));
}

function returnOp(write: Write, deps: PaymentContext, tx: TxRow): void {
  const row = deps.escrows.findOpOfTx(tx.txId);
  if (!row) return;
  const again = { state: "requested" as const, txId: null, updatedAt: deps.now() };
  deps.escrows.moveOp(write, row.opId, ["submitted", "confirmed"], again);
}

/** Releases, refunds and disputes of escrows that the steward carries. */
export const escrowJobs: WalletJob = {
  kind: "escrow",
  next: nextOpJob,
  applied: applyOp,
  returned: returnOp,
};
