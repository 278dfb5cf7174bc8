import type { Hex } from "viem";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { RefundRow } from "../../store/payments/jobs.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import type { Chain } from "../chain/chain.ts";
import { finalDepth } from "../chain/depth.ts";
import { readLevelHead } from "../chain/level-head.ts";
import { findNonceUse } from "../chain/nonce-use.ts";
import { findReceipt, isKnown, readNonce } from "../chain/reads.ts";
import { type RpcEndpoint, RpcError } from "../chain/rpc-endpoint.ts";
import { askingChain, chainUnavailable } from "../chain/unavailable.ts";
import type { PaymentContext } from "../ledger/transitions.ts";
import { readTransfers } from "./paid-refunds.ts";
import { toRefundView } from "./refunds.ts";

/** An operator's word that a refund's transaction was never mined and will not be. */
export interface LostRefund {
  readonly paymentId: string;
  readonly declaredBy: string;
  /** How he knows; kept in the payment's history. */
  readonly reason: string;
}

/** A refund's transaction, all signed forms of it, and what it would have paid. */
interface Sent {
  readonly refund: RefundRow;
  readonly tx: TxRow;
  readonly hashes: readonly string[];
  /** The block from which on it may be. */
  readonly fromBlock: number;
}

/**
 * Gives up a refund whose transaction no node shows, on the operator's word, so that it may be asked
 * for again. Every RPC URL is asked first: none may show it, waiting or mined, by its hash, in the
 * block that used its nonce or by the token's event; and that nonce must be used past any reorg.
 * @returns the refund, and the transaction that is given up
 * @throws StewardError `not_found`; `conflict` where it is not under way, is shown or may still be
 *   mined; `internal` CHAIN_UNAVAILABLE where some URL does not answer
 */
export async function declareRefundLost(
  deps: PaymentContext,
  { chain, wallet }: { readonly chain: Chain | undefined; readonly wallet: Hex },
  { paymentId, declaredBy, reason }: LostRefund,
): Promise<{ refund: JsonObject; txId: number }> {
  const row = deps.queries.find(paymentId);
  const refund = deps.jobs.findRefund(paymentId);
  if (!row || !refund) throw new StewardError("not_found");
  const tx = refund.txId === null ? undefined : deps.txs.find(refund.txId);
  if (refund.state !== "submitted" || tx?.state !== "signed") throw toConflict(refund, tx);
  if (!chain) throw chainUnavailable();
  const hashes = deps.txs.listAttempts(tx.txId).map(({ hash }) => hash);
  const sent: Sent = { refund, tx, hashes, fromBlock: row.quotedBlock };
  await askingChain(() => chain.rpc.each((rpc) => assertUnseen(chain, wallet, rpc, sent)));
  return deps.store.write((write) => {
    const updatedAt = deps.now();
    const failure = `Declared lost: ${reason}`;
    const given =
      deps.txs.compareAndSet(write, tx.txId, ["signed"], { state: "lost", updatedAt }) &&
      deps.jobs.moveRefund(write, paymentId, ["submitted"], {
        state: "failed",
        failure,
        updatedAt,
      });
    if (!given) throw toConflict(deps.jobs.findRefund(paymentId) ?? refund, deps.txs.find(tx.txId));
    const detail = { refund: "declared lost", by: declaredBy, why: reason, tx_hashes: hashes };
    const state = deps.queries.find(paymentId)?.state ?? row.state;
    deps.queries.addHistory(write, paymentId, state, updatedAt, detail);
    deps.log.warn({ payment_id: paymentId, ...detail }, "a refund was declared lost");
    return { refund: toRefundView(deps.jobs.findRefund(paymentId) as RefundRow), txId: tx.txId };
  });
}

function toConflict({ state }: RefundRow, tx: TxRow | undefined): StewardError {
  const what = tx?.state === "mined" ? "mined" : state;
  return new StewardError("conflict", {
    message: `The refund is ${what}; only one that was sent and is not shown can be declared lost.`,
  });
}

/** One URL's word on it: nothing of the transaction may be there. */
async function assertUnseen(
  chain: Chain,
  wallet: Hex,
  rpc: RpcEndpoint,
  { refund, tx, hashes, fromBlock }: Sent,
): Promise<void> {
  const head = await readLevelHead(chain, rpc);
  for (const hash of hashes) {
    if (await orNothing(findReceipt(rpc, hash))) throw toShown(rpc, hash);
    if (await orNothing(isKnown(rpc, hash))) throw toShown(rpc, hash);
  }
  const depth = finalDepth(chain);
  if ((await readNonce(rpc, wallet, Math.max(0, head.number - depth))) <= tx.nonce) {
    throw new StewardError("conflict", {
      message: `It may still be mined: its nonce ${tx.nonce} was not used ${depth} blocks ago.`,
      retryAfterMs: 60_000,
    });
  }
  const use = await findNonceUse(rpc, wallet, tx.nonce, head);
  if (use && hashes.includes(use.hash)) throw toShown(rpc, use.hash);
  const transfers = { token: refund.token as Hex, from: wallet, to: refund.to as Hex };
  for await (const log of readTransfers(rpc, { ...transfers, fromBlock, head })) {
    if (hashes.includes(log.transactionHash)) throw toShown(rpc, log.transactionHash);
  }
}

/** A node without an index, or without such a method, shows nothing. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof RpcError && error.fault === "refused") return undefined;
    throw error;
  }
}

function toShown({ label }: RpcEndpoint, hash: string): StewardError {
  return new StewardError("conflict", {
    message: `It is not lost: ${label} shows its transaction.`,
    details: { tx_hash: hash },
  });
}
