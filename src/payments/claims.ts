import { decodeErrorResult, type Hex, parseAbi } from "viem";
import type { ErrorReason } from "../error-catalogue.ts";
import { toPeerText } from "../errors.ts";
import type { ClaimRow } from "../store/claim-queries.ts";
import type { TxRow } from "../store/payment-queries-tx.ts";
import type { Chain } from "./chain.ts";
import { callContract } from "./chain-reads.ts";
import { findClaimed } from "./held-shares.ts";
import type { LedgerDeps } from "./ledger.ts";
import type { MinedTx } from "./refunds.ts";
import { RpcError } from "./rpc-endpoint.ts";
import { callSeen } from "./seen-call.ts";
import type { Job } from "./side-jobs.ts";
import { readClaimable, toClaimCall } from "./tills.ts";

const REVERTS = parseAbi(["error Error(string message)"]);

/** Why a claim would pay nothing now. */
export interface ClaimRefusal {
  readonly reason: ErrorReason;
  readonly message: string;
}

/** What one owner has at one contract, and who would claim it. */
export interface Claimant {
  readonly contract: string;
  readonly owner: string;
}

/**
 * Finds out why the wallet's claim for an owner would not pay him, by executing it without effect.
 * @param seen at the last block that was seen, instead of a node's newest
 * @returns undefined where it would pay
 * @throws RpcError where no node answers
 */
export async function findClaimRefusal(
  chain: Chain,
  wallet: Hex,
  { contract, owner }: Claimant,
  seen = false,
): Promise<ClaimRefusal | undefined> {
  const to = contract as Hex;
  if (owner !== wallet && !(await chain.tills.read(chain.rpc, to)).claimsFor) {
    return {
      reason: "CLAIM_OWNER_ONLY",
      message: "This contract pays a kept share to its owner's own claim() only.",
    };
  }
  const call = { to, from: wallet, ...toClaimCall(owner, wallet) };
  try {
    await (seen ? callSeen(chain, call) : callContract(chain.rpc, call));
    return undefined;
  } catch (error) {
    if (!(error instanceof RpcError) || error.fault !== "reverted") throw error;
    if ((await readClaimable(chain.rpc, { contract, owner })) === 0n) {
      return {
        reason: "NOTHING_TO_CLAIM",
        message: "The contract keeps nothing for this account.",
      };
    }
    return { reason: "PAYEE_BLOCKED", message: toBlockedText(error.data) };
  }
}

/** Says that the token pays an account nothing, with the token's own words where it gave some. */
export function toBlockedText(data: Hex): string {
  const words = findWords(data);
  const text = "The token refuses to pay this account";
  return words === undefined ? `${text}.` : toPeerText(`${text}: ${words}`);
}

/** The text of a revert; undefined where it has none. */
export function findWords(data: Hex): string | undefined {
  try {
    return decodeErrorResult({ abi: REVERTS, data }).args[0];
  } catch {
    // Errors of a token's own have no text.
    return undefined;
  }
}

/**
 * The next claim to send, as a transaction; one that would pay nothing ends here.
 * @throws RpcError where no node answers
 */
export async function nextClaimJob(
  deps: LedgerDeps,
  chain: Chain,
  wallet: Hex,
): Promise<Job | undefined> {
  for (;;) {
    const row = deps.claims.nextClaim(chain.config.chain_id);
    if (!row) return undefined;
    // Neither a node that is behind nor a head that is may end it alone.
    const refusal =
      (await findClaimRefusal(chain, wallet, row)) &&
      (await findClaimRefusal(chain, wallet, row, true));
    if (refusal === undefined) return toJob(deps, row, wallet);
    deps.store.write(() => failClaim(deps, row, refusal.message));
    await deps.store.committed();
  }
}

function toJob(deps: LedgerDeps, row: ClaimRow, wallet: Hex): Job {
  return {
    kind: "claim",
    to: row.contract as Hex,
    ...toClaimCall(row.owner, wallet),
    claim: ({ id, hash }) =>
      deps.claims.moveClaim(row.claimId, ["requested"], {
        state: "submitted",
        txId: id,
        txHash: hash,
        updatedAt: deps.now(),
      }),
  };
}

function failClaim(deps: LedgerDeps, row: ClaimRow, failure: string): void {
  const set = { state: "failed" as const, failure, amount: null, updatedAt: deps.now() };
  deps.claims.moveClaim(row.claimId, ["requested", "submitted", "confirmed"], set);
  deps.log.warn({ claim_id: row.claimId, owner: row.owner, failure }, "a claim failed");
}

/** Records what a mined transaction paid for its claim; runs inside `store.write`. */
export function applyClaim(deps: LedgerDeps, tx: TxRow, mined: MinedTx): void {
  const row = deps.claims.findClaimOfTx(tx.txId);
  if (!row) return;
  const amount = findClaimed(mined.logs, row.contract, row.owner);
  if (!mined.succeeded || amount === undefined) {
    return failClaim(
      deps,
      row,
      "The transaction reverted: somebody else claimed it, or the token refused.",
    );
  }
  const { txHash, blockNumber } = mined;
  deps.claims.moveClaim(row.claimId, ["submitted", "confirmed", "failed"], {
    ...{ state: "confirmed", failure: null, amount, txHash, blockNumber },
    updatedAt: deps.now(),
  });
}

/** A reorg took its transaction back, which is sent again: it is open; runs inside `store.write`. */
export function takeClaimBack(deps: LedgerDeps, tx: TxRow): void {
  reopen(deps, tx, "submitted");
}

/** Its transaction is lost: it is sent in another one; runs inside `store.write`. */
export function returnClaim(deps: LedgerDeps, tx: TxRow): void {
  reopen(deps, tx, "requested");
}

function reopen(deps: LedgerDeps, tx: TxRow, state: "submitted" | "requested"): void {
  const row = deps.claims.findClaimOfTx(tx.txId);
  if (!row) return;
  const open = deps.claims.findOpenClaim(row);
  // One at a time for an owner: the later one takes what this one gave back.
  if (open && open.claimId !== row.claimId) {
    return failClaim(deps, row, "A reorg took it back; a later claim goes on.");
  }
  deps.claims.moveClaim(row.claimId, ["submitted", "confirmed"], {
    ...{ state, failure: null, amount: null, blockNumber: null },
    ...(state === "requested" && { txId: null, txHash: null }),
    updatedAt: deps.now(),
  });
}
