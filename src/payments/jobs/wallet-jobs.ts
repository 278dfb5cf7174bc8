import type { Write } from "../../store/database.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import type { PaymentContext } from "../ledger/transitions.ts";
import { claimJobs, endTakenClaim } from "./claims.ts";
import { escrowJobs } from "./escrow-jobs.ts";
import { giveUpTaken } from "./given-up-refunds.ts";
import type { Job, JobInput, MinedTx, WalletJob } from "./job.ts";
import { refundJobs } from "./refunds.ts";
import { registrationJobs } from "./registrations.ts";

/** What the wallet does beside settling, the most urgent first. */
const WALLET_JOBS: readonly WalletJob[] = [escrowJobs, refundJobs, claimJobs, registrationJobs];

/**
 * The next thing for the wallet to do beside settling. What nodes answer but do not execute waits, and
 * keeps nothing of another kind waiting.
 * @throws RpcError where no node answers
 */
export async function nextJob(deps: PaymentContext, input: JobInput): Promise<Job | undefined> {
  for (const { kind, next } of WALLET_JOBS) {
    try {
      const job = await next(deps, input);
      if (job) return job;
    } catch (error) {
      if (!(error instanceof RpcError) || error.fault !== "refused") throw error;
      input.onUnjudged(kind, error.words);
    }
  }
  return undefined;
}

/** Records what a mined transaction did beside settling. */
export function applyJob(write: Write, deps: PaymentContext, tx: TxRow, mined: MinedTx): void {
  for (const { kind, applied } of WALLET_JOBS)
    if (kind === tx.kind) applied(write, deps, tx, mined);
}

/** Takes back what a reorg undid, while its transaction may be mined again. */
export function takeJobBack(write: Write, deps: PaymentContext, tx: TxRow): void {
  for (const { kind, undone } of WALLET_JOBS) if (kind === tx.kind) undone?.(write, deps, tx);
}

/**
 * Ends what must not be done again by itself, where another process used a transaction's nonce: it may
 * have done the same.
 */
export function endTaken(write: Write, deps: PaymentContext, tx: TxRow): void {
  if (tx.kind === "claim") endTakenClaim(write, deps, tx);
  giveUpTaken(write, deps, tx);
}

/** Lets what a lost transaction was to do be done again. */
export function returnJob(write: Write, deps: PaymentContext, tx: TxRow): void {
  for (const { kind, returned } of WALLET_JOBS) if (kind === tx.kind) returned(write, deps, tx);
}
