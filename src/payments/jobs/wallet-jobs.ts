import type { TxRow } from "../../store/payments/txs.ts";
import type { LedgerDeps } from "../ledger/transitions.ts";
import { claimJobs } from "./claims.ts";
import { escrowJobs } from "./escrow-jobs.ts";
import type { Job, JobInput, MinedTx, WalletJob } from "./job.ts";
import { refundJobs } from "./refunds.ts";
import { registrationJobs } from "./registrations.ts";

/** What the wallet does beside settling, the most urgent first. */
const WALLET_JOBS: readonly WalletJob[] = [escrowJobs, refundJobs, claimJobs, registrationJobs];

/** The next thing for the wallet to do beside settling. @throws RpcError where no node answers */
export async function nextJob(deps: LedgerDeps, input: JobInput): Promise<Job | undefined> {
  for (const { next } of WALLET_JOBS) {
    const job = await next(deps, input);
    if (job) return job;
  }
  return undefined;
}

/** Records what a mined transaction did beside settling; runs inside `store.write`. */
export function applyJob(deps: LedgerDeps, tx: TxRow, mined: MinedTx): void {
  for (const { kind, applied } of WALLET_JOBS) if (kind === tx.kind) applied(deps, tx, mined);
}

/** Takes back what a reorg undid, while its transaction may be mined again; runs inside `store.write`. */
export function takeJobBack(deps: LedgerDeps, tx: TxRow): void {
  for (const { kind, undone } of WALLET_JOBS) if (kind === tx.kind) undone?.(deps, tx);
}

/** Lets what a lost transaction was to do be done again; runs inside `store.write`. */
export function returnJob(deps: LedgerDeps, tx: TxRow): void {
  for (const { kind, returned } of WALLET_JOBS) if (kind === tx.kind) returned(deps, tx);
}
