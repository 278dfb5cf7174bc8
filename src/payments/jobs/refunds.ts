import { encodeFunctionData, type Hex } from "viem";
import { testUsdcAbi } from "../../abi/test-usdc.generated.ts";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { RefundRow } from "../../store/payments/jobs.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import type { Chain } from "../chain/chain.ts";
import { finalDepth, REORG_BLOCKS } from "../chain/depth.ts";
import { askingChain, chainUnavailable } from "../chain/unavailable.ts";
import { readTokenBalance } from "../contracts/usdc.ts";
import {
  type LedgerDeps,
  markRefunded,
  REFUNDABLE,
  takeRefundBack,
} from "../ledger/transitions.ts";
import type { RefundRequest } from "../port.ts";
import type { Job, JobInput, MinedTx, WalletJob } from "./job.ts";

/** A transfer of USDC to an account that never held any, with room. */
const REFUND_GAS = 120_000n;

/**
 * Records that a settled payment's whole amount is to go back to its payer, out of the wallet's own
 * balance. Asked again it returns the same refund; one that failed on chain is tried again.
 * @throws StewardError `not_found`; `conflict` where the payment is not settled or the wallet's
 *   balance is too low; `internal` CHAIN_UNAVAILABLE
 */
export async function requestRefund(
  deps: LedgerDeps,
  { chain, wallet }: { readonly chain: Chain | undefined; readonly wallet: Hex },
  { paymentId, requestedBy, reason }: RefundRequest,
): Promise<JsonObject> {
  const row = deps.queries.find(paymentId);
  if (!row) throw new StewardError("not_found");
  const existing = deps.jobs.findRefund(paymentId);
  if (existing && existing.state !== "failed") return toRefundView(existing);
  if (existing) assertOver(deps, chain, existing);
  if (row.mode === "escrow") {
    throw new StewardError("conflict", { message: "Its money is in escrow: refund the escrow." });
  }
  if (!chain) throw chainUnavailable();
  if (!REFUNDABLE.includes(row.state) || row.payer === null) {
    throw new StewardError("conflict", { message: `The payment is ${row.state}.` });
  }
  const holding = { token: chain.config.usdc, owner: wallet };
  if ((await askingChain(() => readTokenBalance(chain.rpc, holding))) < row.amount) {
    throw new StewardError("conflict", {
      message: "The steward's wallet holds less of the token than the amount.",
      details: { wallet, amount: row.amount.toString() },
    });
  }
  return deps.store.write(() => {
    const at = deps.now();
    const again = deps.jobs.moveRefund(paymentId, ["failed"], {
      state: "requested",
      txId: null,
      updatedAt: at,
    });
    if (!again && !deps.jobs.findRefund(paymentId)) {
      deps.jobs.insertRefund({
        paymentId,
        chainId: row.chainId,
        token: row.token,
        to: row.payer as string,
        amount: row.amount,
        state: "requested",
        requestedBy,
        reason: reason ?? null,
        createdAt: at,
        updatedAt: at,
      });
    }
    deps.queries.addHistory(paymentId, row.state, at, { refund: "requested", by: requestedBy });
    return toRefundView(deps.jobs.findRefund(paymentId) as RefundRow);
  });
}

/** Where a reorg may still let the failed transaction succeed, a second one would pay twice. */
function assertOver({ txs }: LedgerDeps, chain: Chain | undefined, { txId }: RefundRow): void {
  const tx = txId === null ? undefined : txs.find(txId);
  if (!tx || tx.state === "final" || tx.state === "lost") return;
  const depth = chain ? finalDepth(chain) : REORG_BLOCKS;
  throw new StewardError("conflict", {
    message: `The refund failed in block ${tx.blockNumber}; ask again ${depth} blocks after it.`,
    retryAfterMs: 60_000,
  });
}

/** A refund as the admin API shows it. */
export function toRefundView(row: RefundRow): JsonObject {
  return {
    state: row.state,
    to: row.to,
    amount: row.amount.toString(),
    requested_by: row.requestedBy,
    reason: row.reason,
    tx_hash: row.txHash,
    block_number: row.blockNumber,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}

async function nextRefund(deps: LedgerDeps, { chain }: JobInput): Promise<Job | undefined> {
  const row = deps.jobs.nextRefund(chain.config.chain_id);
  if (!row) return undefined;
  const data = encodeFunctionData({
    abi: testUsdcAbi,
    functionName: "transfer",
    args: [row.to as Hex, row.amount],
  });
  return {
    kind: "refund",
    to: row.token as Hex,
    data,
    gas: REFUND_GAS,
    claim: ({ id, hash }) =>
      deps.jobs.moveRefund(row.paymentId, ["requested"], {
        state: "submitted",
        txId: id,
        txHash: hash,
        updatedAt: deps.now(),
      }),
  };
}

function applyRefund(deps: LedgerDeps, tx: TxRow, mined: MinedTx): void {
  const refund = deps.jobs.findRefundOfTx(tx.txId);
  if (!refund) return;
  const { txHash, blockNumber, succeeded } = mined;
  const updatedAt = deps.now();
  const set = { txHash, blockNumber, updatedAt };
  const row = deps.queries.find(refund.paymentId);
  if (!succeeded) {
    // It may have been confirmed on a branch of the chain that is gone.
    const from = ["submitted", "confirmed"] as const;
    deps.jobs.moveRefund(refund.paymentId, from, { ...set, state: "failed" });
    if (row) takeRefundBack(deps, row);
    deps.log.error({ payment_id: refund.paymentId, tx_hash: txHash }, "a refund reverted");
    return;
  }
  const from = ["submitted", "confirmed", "failed"] as const;
  deps.jobs.moveRefund(refund.paymentId, from, { ...set, state: "confirmed" });
  if (row) markRefunded(deps, row, txHash);
}

function returnRefund(deps: LedgerDeps, tx: TxRow): void {
  const refund = deps.jobs.findRefundOfTx(tx.txId);
  if (!refund) return;
  const again = { state: "requested", txId: null, updatedAt: deps.now() } as const;
  deps.jobs.moveRefund(refund.paymentId, ["submitted", "confirmed"], again);
  const payment = deps.queries.find(refund.paymentId);
  if (payment) takeRefundBack(deps, payment);
}

/** Refunds of settled payments out of the wallet's own balance. */
export const refundJobs: WalletJob = {
  kind: "refund",
  next: nextRefund,
  applied: applyRefund,
  returned: returnRefund,
};
