import { encodeEventTopics, type Hex } from "viem";
import { testUsdcAbi } from "../../abi/test-usdc.generated.ts";
import { StewardError } from "../../errors.ts";
import type { RefundRow } from "../../store/payments/jobs.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import { readLevelHead } from "../chain/level-head.ts";
import { readLogs } from "../chain/log-reads.ts";
import type { Block, ChainLog } from "../chain/reads.ts";
import type { RpcEndpoint } from "../chain/rpc-endpoint.ts";
import { toSpans } from "../chain/spans.ts";
import { askingChain } from "../chain/unavailable.ts";
import type { PaymentContext } from "../ledger/transitions.ts";
import type { RefundRequest } from "../port.ts";

const RETRY_MS = 60_000;
const NOBODY = `0x${"0".repeat(40)}`;

/** What the token is asked for its transfers; an account left out is any. */
export interface TransferFilter {
  readonly token: Hex;
  readonly from?: Hex;
  readonly to: Hex;
  readonly fromBlock: number;
  readonly head: Block;
}

/** Where the chain has the transaction by which a payment was given back. */
export interface Transfer {
  readonly txHash: string;
  readonly blockNumber: number;
}

/** Reads a token's transfers to an account, a span of blocks after the other. @throws RpcError */
export async function* readTransfers(
  rpc: RpcEndpoint,
  { token, from, to, fromBlock, head }: TransferFilter,
): AsyncGenerator<ChainLog> {
  const args = { ...(from && { from }), to };
  const topics = encodeEventTopics({ abi: testUsdcAbi, eventName: "Transfer", args }) as Hex[];
  for (const span of toSpans({ fromBlock, toBlock: head.number })) {
    yield* await readLogs(rpc, { address: token, topics, ...span });
  }
}

/**
 * Looks, before a refund that was begun once is paid again, whether the token shows that it was paid: every RPC URL
 * is asked for transfers of its amount to its payer since the payment was settled, those left out that the books have
 * as something else. Which of them is the refund only the operator can say: he names it, or all that are not.
 * @param from who would have paid it, where that is known
 * @returns the one that he named
 * @throws StewardError `conflict` with `tx_hashes` where he has to say it, or what he named shows nowhere or is not
 *   deep enough; `internal` CHAIN_UNAVAILABLE where some URL does not answer
 */
export async function findPaid(
  deps: PaymentContext,
  { chain, from }: { readonly chain: Chain; readonly from: Hex | undefined },
  row: PaymentRow,
  { paidBy, notPaidBy = [] }: Pick<RefundRequest, "paidBy" | "notPaidBy">,
): Promise<Transfer | undefined> {
  const { shown, head } = await askingChain(() => readShown(chain, from, row));
  const ofOthers = deps.jobs.listRefundHashes([...shown.keys()], row.paymentId);
  for (const hash of ofOthers) shown.delete(hash);
  if (paidBy !== undefined) {
    const blockNumber = shown.get(paidBy.toLowerCase());
    if (blockNumber === undefined) {
      throw new StewardError("conflict", {
        message: "No node shows that this transaction paid the amount to the payer.",
        details: { paid_by: paidBy, tx_hashes: [...shown.keys()] },
      });
    }
    if (head - blockNumber + 1 >= chain.config.confirmations) {
      return { txHash: paidBy.toLowerCase(), blockNumber };
    }
    throw new StewardError("conflict", {
      message: `It is in block ${blockNumber}; ask again ${chain.config.confirmations} blocks after it.`,
      retryAfterMs: RETRY_MS,
    });
  }
  for (const hash of notPaidBy) shown.delete(hash.toLowerCase());
  if (shown.size === 0) return undefined;
  throw new StewardError("conflict", {
    message:
      "The payer was paid this amount since it was settled, see tx_hashes: say paid_by with the one that is this " +
      "refund, and nothing is paid again, or not_paid_by with all of them.",
    details: { to: row.payer, amount: row.amount.toString(), tx_hashes: [...shown.keys()] },
  });
}

/** The transfers that any URL shows, by their hashes, and the newest block that all have. */
async function readShown(
  chain: Chain,
  from: Hex | undefined,
  row: PaymentRow,
): Promise<{ readonly shown: Map<string, number>; readonly head: number }> {
  const shown = new Map<string, number>();
  let newest = Number.POSITIVE_INFINITY;
  await chain.rpc.each(async (rpc) => {
    const head = await readLevelHead(chain, rpc);
    newest = Math.min(newest, head.number);
    const account = { token: row.token as Hex, to: row.payer as Hex, ...(from && { from }) };
    const fromBlock = row.blockNumber ?? row.quotedBlock;
    for await (const log of readTransfers(rpc, { ...account, fromBlock, head })) {
      if (!isOfAmount(log, row.amount) || isContracts(chain, row, log)) continue;
      shown.set(log.transactionHash, log.blockNumber);
    }
  });
  return { shown, head: newest };
}

/** Tells whether a receipt shows that the token paid a refund. */
export function paysRefund(logs: readonly ChainLog[], { token, to, amount }: RefundRow): boolean {
  const args = { to: to as Hex };
  const [topic, , toTopic] = encodeEventTopics({ abi: testUsdcAbi, eventName: "Transfer", args });
  return logs.some(
    (log) =>
      log.address === token.toLowerCase() &&
      log.topics[0] === topic &&
      log.topics[2] === toTopic &&
      isOfAmount(log, amount),
  );
}

function isOfAmount({ data }: ChainLog, amount: bigint): boolean {
  return data.length === 66 && BigInt(data) === amount;
}

/** Whether a transfer is no wallet's: minted, or paid out by one of the contracts. */
function isContracts({ config }: Chain, row: PaymentRow, { topics }: ChainLog): boolean {
  const from = `0x${topics[1]?.slice(26)}`;
  const contracts = [NOBODY, row.contract, config.settlement, config.escrow];
  return contracts.some((contract) => contract?.toLowerCase() === from);
}
