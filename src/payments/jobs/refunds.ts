import { encodeFunctionData, type Hex } from "viem";
import { testUsdcAbi } from "../../abi/test-usdc.generated.ts";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Write } from "../../store/database.ts";
import type { RefundRow } from "../../store/payments/jobs.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import type { Chain } from "../chain/chain.ts";
import { finalDepth, REORG_BLOCKS } from "../chain/depth.ts";
import { callContract } from "../chain/reads.ts";
import { toBlockedText } from "../chain/revert-words.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import { callSeen } from "../chain/seen-call.ts";
import { askingChain, chainUnavailable } from "../chain/unavailable.ts";
import { readTokenBalance } from "../contracts/usdc.ts";
import {
  markRefunded,
  type PaymentContext,
  REFUNDABLE,
  takeRefundBack,
} from "../ledger/transitions.ts";
import type { RefundRequest } from "../port.ts";
import type { Job, JobInput, MinedTx, WalletJob } from "./job.ts";
import { findPaid, type Transfer } from "./paid-refunds.ts";
import { findOthersTransfer, isOthers, recordTransfer, toOthersConflict } from "./taken-refunds.ts";

/** A transfer of USDC to an account that never held any, with room. */
const REFUND_GAS = 120_000n;

/**
 * Records that a settled payment's whole amount is to go back to its payer, out of the wallet's own
 * balance. Asked again it returns the same refund; one that failed is tried again, and one that another steward
 * began is taken over where the operator says so, where the chain does not show that it was paid.
 * @throws StewardError `not_found`; `conflict` where the payment is not settled, the wallet's balance is too low, the
 *   refund is another steward's (`docs/protocol.md` §9.9) or may have been paid; `internal` CHAIN_UNAVAILABLE
 */
export async function requestRefund(
  deps: PaymentContext,
  { chain, wallet }: { readonly chain: Chain | undefined; readonly wallet: Hex },
  request: RefundRequest,
): Promise<JsonObject> {
  const { paymentId, requestedBy, reason, takesOver = false } = request;
  const row = deps.queries.find(paymentId);
  if (!row) throw new StewardError("not_found");
  const existing = deps.jobs.findRefund(paymentId);
  const isTaken = existing !== undefined && isOthers(existing);
  if (isTaken && !takesOver) throw toOthersConflict(existing);
  const isUnderWay = existing?.state !== "failed" && (!isTaken || existing.state === "confirmed");
  if (existing && isUnderWay) return toRefundView(existing);
  if (existing) assertOver(deps, chain, existing);
  if (row.mode === "escrow") {
    throw new StewardError("conflict", { message: "Its money is in escrow: refund the escrow." });
  }
  if (!chain) throw chainUnavailable();
  const paid = await findFormer(deps, { chain, wallet }, { row, existing, request });
  if (paid === undefined) await assertPayable(chain, wallet, row);
  return deps.store.write((write) => {
    const found = deps.jobs.findRefund(paymentId);
    // A zone may have gone to another steward and come back meanwhile.
    if (found && isOthers(found) && found.steward !== existing?.steward)
      throw toOthersConflict(found);
    // It may have been named for another payment meanwhile.
    if (paid && deps.jobs.listRefundHashes([paid.txHash], paymentId).length > 0) {
      const details = { tx_hash: paid.txHash };
      throw new StewardError("conflict", { message: "It paid another refund.", details });
    }
    if (paid) recordTransfer(write, deps, row, paid);
    else recordRequest(write, deps, row, { requestedBy, reason: reason ?? null, found });
    return toRefundView(deps.jobs.findRefund(paymentId) as RefundRow);
  });
}

/** Where the chain has a refund that was begun once, before it is paid again. @throws StewardError as `findPaid` */
async function findFormer(
  deps: PaymentContext,
  { chain, wallet }: { readonly chain: Chain; readonly wallet: Hex },
  {
    row,
    existing,
    request,
  }: {
    readonly row: PaymentRow;
    readonly existing: RefundRow | undefined;
    readonly request: RefundRequest;
  },
): Promise<Transfer | undefined> {
  if (existing === undefined) {
    if (request.paidBy === undefined) return undefined;
    throw new StewardError("conflict", { message: "paid_by: it was not asked for before." });
  }
  if (isOthers(existing)) {
    const told = await findOthersTransfer(chain, existing);
    return told ?? (await findPaid(deps, { chain, from: undefined }, row, request));
  }
  // Its own transaction reverted past any reorg: so it paid nothing.
  const tx = existing.txId === null ? undefined : deps.txs.find(existing.txId);
  if (tx?.state === "final") return undefined;
  return await findPaid(deps, { chain, from: wallet }, row, request);
}

/** Whether the wallet has the amount, and the token would pay it to the payer. @throws StewardError `conflict` */
async function assertPayable(chain: Chain, wallet: Hex, row: PaymentRow): Promise<void> {
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
  const transfer = { token: row.token, to: row.payer, amount: row.amount };
  const refusal = await askingChain(() => findRefusal(chain, wallet, transfer));
  if (refusal !== undefined) {
    const details = { to: row.payer };
    throw new StewardError("conflict", { reason: "PAYEE_BLOCKED", message: refusal, details });
  }
}

/** Writes a refund that this steward's wallet is to send: a new one, one that failed, or another steward's. */
function recordRequest(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  {
    requestedBy,
    reason,
    found,
  }: Pick<RefundRow, "requestedBy" | "reason"> & { readonly found: RefundRow | undefined },
): void {
  const { paymentId } = row;
  const at = deps.now();
  const isTaken = found !== undefined && isOthers(found);
  deps.jobs.moveRefund(
    write,
    paymentId,
    isTaken ? ["requested", "submitted", "failed"] : ["failed"],
    {
      ...{ state: "requested", steward: null, txId: null, txHash: null, failure: null },
      updatedAt: at,
    },
  );
  if (found === undefined) {
    deps.jobs.insertRefund(write, {
      paymentId,
      chainId: row.chainId,
      token: row.token,
      to: row.payer as string,
      amount: row.amount,
      state: "requested",
      requestedBy,
      reason,
      createdAt: at,
      updatedAt: at,
    });
  }
  const from = isTaken ? { taken_from: found.steward } : {};
  const detail = { refund: "requested", by: requestedBy, ...from };
  deps.queries.addHistory(write, paymentId, row.state, at, detail);
}

/** Where a reorg may still let the failed transaction succeed, a second one would pay twice. */
function assertOver({ txs }: PaymentContext, chain: Chain | undefined, { txId }: RefundRow): void {
  const tx = txId === null ? undefined : txs.find(txId);
  if (!tx || tx.state === "final" || tx.state === "lost") return;
  const depth = chain ? finalDepth(chain) : REORG_BLOCKS;
  throw new StewardError("conflict", {
    message: `The refund failed in block ${tx.blockNumber}; ask again ${depth} blocks after it.`,
    retryAfterMs: 60_000,
  });
}

/**
 * Why the token would not pay a refund now, by executing it without effect; undefined where it would.
 * @param seen at the last block that was seen, instead of a node's newest
 * @throws RpcError where no node answers
 */
async function findRefusal(
  chain: Chain,
  wallet: Hex,
  refund: Pick<RefundRow, "token" | "to" | "amount">,
  seen = false,
): Promise<string | undefined> {
  const call = { from: wallet, ...toTransfer(refund) };
  try {
    await (seen ? callSeen(chain, call) : callContract(chain.rpc, call));
    return undefined;
  } catch (error) {
    if (error instanceof RpcError && error.fault === "reverted") return toBlockedText(error.data);
    throw error;
  }
}

function toTransfer({ token, to, amount }: Pick<RefundRow, "token" | "to" | "amount">) {
  const args = [to as Hex, amount] as const;
  const data = encodeFunctionData({ abi: testUsdcAbi, functionName: "transfer", args });
  return { to: token as Hex, data, gas: REFUND_GAS };
}

/** A refund as the admin API shows it. */
export function toRefundView(row: RefundRow): JsonObject {
  return {
    state: row.state,
    to: row.to,
    amount: row.amount.toString(),
    requested_by: row.requestedBy,
    reason: row.reason,
    failure: row.failure,
    tx_hash: row.txHash,
    block_number: row.blockNumber,
    ...(row.steward !== null && { steward: row.steward }),
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}

/**
 * The next refund to send, as a transaction; one that the token would not pay ends here.
 * @throws RpcError where no node answers
 */
async function nextRefund(
  deps: PaymentContext,
  { chain, wallet, held: { refund: held }, sends }: JobInput,
): Promise<Job | undefined> {
  held.enter(chain.head?.number ?? 0);
  while (!held.isFull) {
    const row = sends.refund.pickFirst(
      (limit) => deps.jobs.listRequestedRefunds(chain.config.chain_id, limit, held.ids),
      ({ paymentId: id }) => ({ id, zoneId: deps.queries.find(id)?.zoneId ?? "" }),
    );
    if (!row) break;
    // Asked at the node's newest block and at the block we saw last; it ends only if both refuse: a
    // node that lags may not know the deposit yet.
    const asked = await held.ask(row.paymentId, async () => {
      const refusal = await findRefusal(chain, wallet, row);
      return refusal && (await findRefusal(chain, wallet, row, true));
    });
    if (asked.isHeld) continue;
    const { found: failure } = asked;
    if (failure === undefined) return toJob(deps, row);
    deps.store.write((write) => {
      const { paymentId } = row;
      const at = deps.now();
      if (
        !deps.jobs.moveRefund(write, paymentId, ["requested"], {
          state: "failed",
          failure,
          updatedAt: at,
        })
      )
        return;
      const state = deps.queries.find(paymentId)?.state;
      if (state)
        deps.queries.addHistory(write, paymentId, state, at, { refund: "failed", why: failure });
    });
    await deps.store.committed();
    chain.alarm("payout-refused", { payment_id: row.paymentId, kind: "refund" }, failure);
  }
  if (!held.isFull) held.end();
  return undefined;
}

function toJob(deps: PaymentContext, row: RefundRow): Job {
  return {
    kind: "refund",
    ...toTransfer(row),
    claim: (write, { id, hash }) =>
      deps.jobs.moveRefund(write, row.paymentId, ["requested"], {
        state: "submitted",
        txId: id,
        txHash: hash,
        updatedAt: deps.now(),
      }),
  };
}

function applyRefund(write: Write, deps: PaymentContext, tx: TxRow, mined: MinedTx): void {
  const refund = deps.jobs.findRefundOfTx(tx.txId);
  if (!refund) return;
  const { txHash, blockNumber, succeeded } = mined;
  const updatedAt = deps.now();
  const set = { txHash, blockNumber, updatedAt };
  const row = deps.queries.find(refund.paymentId);
  if (!succeeded) {
    // From `confirmed` too: after a reorg the same refund may be mined again, and revert this time.
    const from = ["submitted", "confirmed"] as const;
    deps.jobs.moveRefund(write, refund.paymentId, from, {
      ...set,
      state: "failed",
      failure: "The transaction reverted.",
    });
    if (row) takeRefundBack(write, deps, row);
    deps.log.error({ payment_id: refund.paymentId, tx_hash: txHash }, "a refund reverted");
    return;
  }
  const from = ["submitted", "confirmed", "failed"] as const;
  deps.jobs.moveRefund(write, refund.paymentId, from, {
    ...set,
    state: "confirmed",
    failure: null,
  });
  if (row) markRefunded(write, deps, row, txHash);
}

function returnRefund(write: Write, deps: PaymentContext, tx: TxRow): void {
  const refund = deps.jobs.findRefundOfTx(tx.txId);
  if (!refund) return;
  const again = { state: "requested", txId: null, updatedAt: deps.now() } as const;
  deps.jobs.moveRefund(write, refund.paymentId, ["submitted", "confirmed"], again);
  const payment = deps.queries.find(refund.paymentId);
  if (payment) takeRefundBack(write, deps, payment);
}

/** Refunds of settled payments out of the wallet's own balance. */
export const refundJobs: WalletJob = {
  kind: "refund",
  next: nextRefund,
  applied: applyRefund,
  returned: returnRefund,
};
