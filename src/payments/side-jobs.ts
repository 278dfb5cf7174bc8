import type { Hex } from "viem";
import type { TxRow } from "../store/payment-queries-tx.ts";
import type { TxKind } from "../store/payment-schema.ts";
import type { Chain } from "./chain.ts";
import { applyClaim, nextClaimJob, returnClaim, takeClaimBack } from "./claims.ts";
import { applyOp, type HeldOps, nextOpJob, returnOp } from "./escrow-ops.ts";
import { type Carrier, type LedgerDeps, takeRefundBack } from "./ledger.ts";
import { applyRefund, type MinedTx, nextRefundJob } from "./refunds.ts";
import { applyRegistration, nextRegistrationJob } from "./registrations.ts";
import type { SettleCall } from "./settle-call.ts";

/** A transaction of the wallet that settles nothing. */
export interface Job extends SettleCall {
  readonly kind: TxKind;
  readonly to: Hex;
  /** Ties what is to be done to its transaction, inside the write that makes it durable. */
  readonly claim: (tx: Carrier) => boolean;
}

/** The next thing for the wallet to do beside settling. @throws RpcError where no node answers */
export async function nextJob(
  deps: LedgerDeps,
  chain: Chain,
  wallet: Hex,
  held: HeldOps,
): Promise<Job | undefined> {
  return (
    (await nextOpJob(deps, chain, wallet, held)) ??
    (await nextRefundJob(deps, chain, wallet)) ??
    (await nextClaimJob(deps, chain, wallet)) ??
    nextRegistrationJob(deps, chain, wallet)
  );
}

/** Records what a mined transaction did beside settling; runs inside `store.write`. */
export function applyJob(deps: LedgerDeps, tx: TxRow, mined: MinedTx): void {
  if (tx.kind === "refund") applyRefund(deps, tx, mined);
  if (tx.kind === "escrow") applyOp(deps, tx, mined);
  if (tx.kind === "claim") applyClaim(deps, tx, mined);
  if (tx.kind === "register") applyRegistration(deps, tx, mined);
}

/** Takes back what a reorg undid, while its transaction may be mined again; runs inside `store.write`. */
export function takeJobBack(deps: LedgerDeps, tx: TxRow): void {
  if (tx.kind === "claim") takeClaimBack(deps, tx);
}

/** Lets what a lost transaction was to do be done again; runs inside `store.write`. */
export function returnJob(deps: LedgerDeps, tx: TxRow): void {
  const updatedAt = deps.now();
  const again = { txId: null, updatedAt };
  returnOp(deps, tx);
  returnClaim(deps, tx);
  const refund = deps.jobs.findRefundOfTx(tx.txId);
  if (refund) {
    const from = ["submitted", "confirmed"] as const;
    deps.jobs.moveRefund(refund.paymentId, from, { ...again, state: "requested" });
    const payment = deps.queries.find(refund.paymentId);
    if (payment) takeRefundBack(deps, payment);
  }
  const registration = deps.jobs.findRegistrationOfTx(tx.txId);
  if (registration) {
    deps.jobs.moveRegistration(registration, ["submitted"], { ...again, state: "wanted" });
  }
}
