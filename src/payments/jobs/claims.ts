import type { Hex } from "viem";
import type { ErrorReason } from "../../error-catalogue.ts";
import type { Write } from "../../store/database.ts";
import type { ClaimRow } from "../../store/payments/claims.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import type { Chain } from "../chain/chain.ts";
import { callContract } from "../chain/reads.ts";
import { toBlockedText } from "../chain/revert-words.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import { callSeen } from "../chain/seen-call.ts";
import { readClaimable, toClaimCall } from "../chain/tills.ts";
import { findClaimed } from "../contracts/held-shares.ts";
import type { PaymentContext } from "../ledger/transitions.ts";
import type { Job, JobInput, MinedTx, WalletJob } from "./job.ts";

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

/**
 * The next claim to send, as a transaction; one that would pay nothing ends here.
 * @throws RpcError where no node answers
 */
async function nextClaim(
  deps: PaymentContext,
  { chain, wallet, held: { claim: held } }: JobInput,
): Promise<Job | undefined> {
  held.enter(chain.head?.number ?? 0);
  while (!held.isFull) {
    const row = deps.claims.nextClaim(chain.config.chain_id, held.ids);
    if (!row) break;
    // Asked at the node's newest block and at the block we saw last; it ends only if both refuse: a
    // node that lags may not know the deposit yet.
    const asked = await held.ask(row.claimId, async () => {
      const refusal = await findClaimRefusal(chain, wallet, row);
      return refusal && (await findClaimRefusal(chain, wallet, row, true));
    });
    if (asked.isHeld) continue;
    const { found: refusal } = asked;
    if (refusal === undefined) return toJob(deps, row, wallet);
    deps.store.write((write) => failClaim(write, deps, row, refusal.message));
    await deps.store.committed();
    // NOTHING_TO_CLAIM: somebody else claimed it for the owner, so there is no alarm to raise.
    if (refusal.reason === "NOTHING_TO_CLAIM") continue;
    chain.alarm("payout-refused", { claim_id: row.claimId, kind: "claim" }, refusal.message);
  }
  if (!held.isFull) held.end();
  return undefined;
}

function toJob(deps: PaymentContext, row: ClaimRow, wallet: Hex): Job {
  return {
    kind: "claim",
    to: row.contract as Hex,
    ...toClaimCall(row.owner, wallet),
    claim: (write, { id, hash }) =>
      deps.claims.moveClaim(write, row.claimId, ["requested"], {
        state: "submitted",
        txId: id,
        txHash: hash,
        updatedAt: deps.now(),
      }),
  };
}

function failClaim(write: Write, deps: PaymentContext, row: ClaimRow, failure: string): void {
  const set = { state: "failed" as const, failure, amount: null, updatedAt: deps.now() };
  deps.claims.moveClaim(write, row.claimId, ["requested", "submitted", "confirmed"], set);
  deps.log.warn({ claim_id: row.claimId, owner: row.owner, failure }, "a claim failed");
}

/** Records what a mined transaction paid for its claim. */
function applyClaim(write: Write, deps: PaymentContext, tx: TxRow, mined: MinedTx): void {
  const row = deps.claims.findClaimOfTx(tx.txId);
  if (!row) return;
  const amount = findClaimed(mined.logs, row.contract, row.owner);
  if (!mined.succeeded || amount === undefined) {
    return failClaim(
      write,
      deps,
      row,
      "The transaction reverted: somebody else claimed it, or the token refused.",
    );
  }
  const { txHash, blockNumber } = mined;
  deps.claims.moveClaim(write, row.claimId, ["submitted", "confirmed", "failed"], {
    ...{ state: "confirmed", failure: null, amount, txHash, blockNumber },
    updatedAt: deps.now(),
  });
}

/** A reorg took its transaction back, which is sent again: it is open. */
function takeClaimBack(write: Write, deps: PaymentContext, tx: TxRow): void {
  reopen(write, deps, tx, "submitted");
}

/** Its transaction is lost: it is sent in another one. */
function returnClaim(write: Write, deps: PaymentContext, tx: TxRow): void {
  reopen(write, deps, tx, "requested");
}

/** Another process with the wallet's key used its nonce, perhaps for the same claim. */
export function endTakenClaim(write: Write, deps: PaymentContext, tx: TxRow): void {
  const row = deps.claims.findClaimOfTx(tx.txId);
  if (row) failClaim(write, deps, row, "Another process used its transaction's nonce: ask again.");
}

function reopen(
  write: Write,
  deps: PaymentContext,
  tx: TxRow,
  state: "submitted" | "requested",
): void {
  const row = deps.claims.findClaimOfTx(tx.txId);
  if (!row) return;
  const open = deps.claims.findOpenClaim(row);
  // An owner has one open claim at most: a claim opened meanwhile takes everything that this one
  // left.
  if (open && open.claimId !== row.claimId) {
    return failClaim(write, deps, row, "A reorg took it back; a later claim goes on.");
  }
  deps.claims.moveClaim(write, row.claimId, ["submitted", "confirmed"], {
    ...{ state, failure: null, amount: null, blockNumber: null },
    ...(state === "requested" && { txId: null, txHash: null }),
    updatedAt: deps.now(),
  });
}

/** Shares that the token refused, claimed for their owners. */
export const claimJobs: WalletJob = {
  kind: "claim",
  next: nextClaim,
  applied: applyClaim,
  undone: takeClaimBack,
  returned: returnClaim,
};
