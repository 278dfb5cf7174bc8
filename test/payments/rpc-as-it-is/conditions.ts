import { parseTransaction } from "viem";
import type { AlarmId } from "../../../src/payments/chain/alarms.ts";
import type { Shape } from "../../support/shaped-node.ts";
import {
  answering,
  behind,
  changing,
  first,
  isByHash,
  late,
  paying,
  refusing,
  spans,
  spelling,
  where,
} from "./support/shapes.ts";

/** What a node does, and how a payment ends behind it. */
export interface Condition {
  /** What the node does. */
  readonly name: string;
  readonly shape: () => Shape;
  /** Since when: the steward's start, or (default) the moment a quote was made. */
  readonly from?: "start";
  /** The steward's configuration where it is not the default. */
  readonly payments?: object;
  /** User and password in its URL. */
  readonly userInfo?: string;
  /** What is paid; default: one direct payment. */
  readonly pays?: "escrow" | "behind an escrow" | "unfunded" | "twelve";
  /**
   * `delivered` though it lasts; refused with a reason; or waiting with an alarm, and delivered when
   * it is over.
   */
  readonly expected: "delivered" | { readonly refused: string } | { readonly waiting: AlarmId };
  /** Alarms that are raised on the way; default: none. */
  readonly alarms?: readonly AlarmId[];
  /** How often a method may be called at most, until the payment has its end. */
  readonly calls?: Readonly<Record<string, number>>;
}

const none: Shape = () => ({ result: null });
const page = { status: 200, body: "<html>sorry</html>" };
const without = (key: string) =>
  changing((result: Record<string, unknown>) => ({ ...result, [key]: undefined }));

/** Refuses transactions of more gas than the cap, as EIP-7825 has nodes do. */
const capped = (cap: bigint): Shape =>
  where(
    ({ params }) => (parseTransaction(params[0] as `0x02${string}`).gas ?? 0n) > cap,
    refusing(-32_000, `transaction gas limit too high (cap: ${cap}, tx: 1)`),
  );

/** Refuses transactions whose tip is lower. */
const minimumTip = (tip: bigint): Shape =>
  where(
    ({ params }) =>
      (parseTransaction(params[0] as `0x02${string}`).maxPriorityFeePerGas ?? 0n) < tip,
    refusing(-32_000, `transaction underpriced: gas tip cap 1, minimum needed ${tip}`),
  );

const noHash = (code: number, message: string) =>
  answering({ eth_call: where(isByHash, refusing(code, message)) });
const noTip = (code: number, message: string) =>
  answering({
    eth_maxPriorityFeePerGas: refusing(code, message),
    eth_feeHistory: refusing(code, message),
    eth_gasPrice: () => ({ result: "0x6fc23ac00" }),
  });
const logsOf = (blocks: number, code: number, message: string) =>
  answering({ eth_getLogs: spans(blocks, refusing(code, message)) });
const limit = (code: number, message: string) =>
  answering({ eth_call: first(4, refusing(code, message)) });

/** A node that shows no more blocks and passes nothing on. */
function stopped(syncing: unknown): () => Shape {
  return () => {
    let head: unknown;
    return answering({
      eth_syncing: () => ({ result: syncing }),
      eth_sendRawTransaction: refusing(-32_000, "already known"),
      eth_getBlockByNumber: async (call, ask) => {
        const answer = await ask(call);
        if (call.params[0] !== "latest" || !("result" in answer)) return answer;
        head ??= answer.result;
        return { result: head };
      },
    });
  };
}

/** Nodes as they really are. */
export const CONDITIONS: readonly Condition[] = [
  // Receipts
  {
    name: "an index that is off: no receipt by hash",
    shape: () => answering({ eth_getTransactionReceipt: none, eth_getTransactionByHash: none }),
    expected: "delivered",
  },
  {
    name: "no receipts at all, neither by hash nor of a block",
    shape: () => answering({ eth_getTransactionReceipt: none, eth_getBlockReceipts: none }),
    expected: "delivered",
    alarms: ["receipts-missing"],
  },
  {
    name: "receipts that are three blocks late",
    shape: () => answering({ eth_getTransactionReceipt: late(3) }),
    expected: "delivered",
  },
  {
    name: "receipts without effectiveGasPrice",
    shape: () => answering({ eth_getTransactionReceipt: without("effectiveGasPrice") }),
    expected: "delivered",
  },
  {
    name: "receipts that fail",
    shape: () => answering({ eth_getTransactionReceipt: refusing(-32_603, "index is corrupt") }),
    expected: { waiting: "method-failing" },
  },
  // Calls at a block
  {
    name: "eth_call by hash: header not found",
    shape: () => noHash(-32_000, "header not found"),
    pays: "escrow",
    expected: "delivered",
    calls: { eth_call: 30 },
  },
  {
    name: "eth_call by hash: no EIP-1898",
    shape: () => noHash(-32_602, "invalid argument 1: hex string expected"),
    pays: "escrow",
    expected: "delivered",
    calls: { eth_call: 30 },
  },
  {
    name: "an escrow payment that nodes refuse to execute, at the head of the queue",
    shape: () =>
      answering({
        eth_call: where(
          ({ params }) =>
            JSON.stringify(params[0]).length > 1_500 && "from" in (params[0] as object),
          refusing(-32_000, "out of gas"),
        ),
      }),
    pays: "behind an escrow",
    expected: { waiting: "payment-unjudged" },
    calls: { eth_call: 400 },
  },
  // Events
  {
    name: "eth_getLogs of 10 blocks at most",
    shape: () =>
      logsOf(10, -32_600, "you can make eth_getLogs requests with up to a 10 block range"),
    from: "start",
    pays: "escrow",
    expected: "delivered",
  },
  {
    name: "eth_getLogs of 500 blocks at most, as -32005",
    shape: () => logsOf(500, -32_005, "query returned more than 10000 results"),
    from: "start",
    pays: "escrow",
    expected: "delivered",
  },
  // Fees
  {
    name: "a minimum tip that eth_maxPriorityFeePerGas does not say",
    shape: () => answering({ eth_sendRawTransaction: minimumTip(25_000_000_000n) }),
    expected: "delivered",
    alarms: ["send-underpriced"],
    calls: { eth_sendRawTransaction: 6 },
  },
  {
    name: "no eth_maxPriorityFeePerGas (-32601), and a minimum tip",
    shape: () =>
      answering({
        eth_maxPriorityFeePerGas: refusing(-32_601, "the method does not exist/is not available"),
        eth_feeHistory: paying(25_000_000_000n),
        eth_gasPrice: () => ({ result: "0x6fc23ac00" }),
        eth_sendRawTransaction: minimumTip(25_000_000_000n),
      }),
    from: "start",
    expected: "delivered",
  },
  {
    name: "no eth_maxPriorityFeePerGas, as -32700",
    shape: () =>
      noTip(-32_700, "The method eth_maxPriorityFeePerGas does not exist/is not available"),
    from: "start",
    expected: "delivered",
  },
  {
    name: "baseFeePerGas: null",
    shape: () =>
      answering({
        eth_getBlockByNumber: changing((block: object) => ({ ...block, baseFeePerGas: null })),
        eth_maxPriorityFeePerGas: () => ({ result: "0x4a817c800" }),
      }),
    from: "start",
    expected: "delivered",
  },
  {
    name: "an advised tip of 100 of the chain's own coin",
    shape: () =>
      answering({
        eth_maxPriorityFeePerGas: () => ({ result: "0x56bc75e2d63100000" }),
        eth_feeHistory: paying(1_000_000_000n),
      }),
    from: "start",
    expected: "delivered",
    alarms: ["tip-capped"],
  },
  // Broadcasts
  {
    name: "a broadcast that is acknowledged as known and forgotten",
    shape: () =>
      answering({ eth_sendRawTransaction: first(1, refusing(-32_000, "already known")) }),
    expected: "delivered",
  },
  {
    name: "insufficient funds for a signed transaction",
    shape: () =>
      answering({
        eth_sendRawTransaction: refusing(-32_003, "Insufficient funds for gas * price + value"),
      }),
    expected: { waiting: "send-no-funds" },
    calls: { eth_sendRawTransaction: 6 },
  },
  {
    name: "a broadcast that is refused in unknown words, with a URL in them",
    shape: () =>
      answering({
        eth_sendRawTransaction: refusing(-32_000, "policy of https://node.example/key/abc says no"),
      }),
    expected: { waiting: "send-refused" },
    calls: { eth_sendRawTransaction: 6 },
  },
  {
    name: "a cap on a transaction's gas (EIP-7825), lower than a batch's",
    shape: () => answering({ eth_sendRawTransaction: capped(2_100_000n) }),
    pays: "twelve",
    expected: "delivered",
    calls: { eth_sendRawTransaction: 12 },
  },
  // Reverts, as they are spelt
  {
    name: "reverts as -32015 Reverted 0x",
    shape: () =>
      answering({
        eth_call: spelling((data) => ({
          error: { code: -32_015, message: "VM execution error.", data: `Reverted ${data}` },
        })),
      }),
    pays: "unfunded",
    expected: { refused: "INSUFFICIENT_BALANCE" },
  },
  {
    name: "reverts as -32000 without data",
    shape: () =>
      answering({
        eth_call: spelling(() => ({ error: { code: -32_000, message: "execution reverted" } })),
      }),
    pays: "unfunded",
    expected: { refused: "INSUFFICIENT_BALANCE" },
  },
  {
    name: "reverts as -32603 with an object",
    shape: () =>
      answering({
        eth_call: spelling((data) => ({
          error: { code: -32_603, message: "Error: VM Exception", data: { message: "no", data } },
        })),
      }),
    pays: "unfunded",
    expected: { refused: "INSUFFICIENT_BALANCE" },
  },
  {
    name: "says of every call that it reverted",
    shape: () => answering({ eth_call: refusing(-32_015, "VM execution error.", "Reverted 0x") }),
    expected: { waiting: "method-failing" },
  },
  {
    name: "says so of one call",
    shape: () =>
      answering({ eth_call: first(1, refusing(-32_015, "VM execution error.", "Reverted 0x")) }),
    pays: "escrow",
    expected: "delivered",
  },
  // Limits
  {
    name: "a limit as HTTP 429 with JSON",
    shape: () =>
      answering({
        eth_call: first(4, () => ({
          status: 429,
          body: '{"jsonrpc":"2.0","id":null,"error":{"code":429,"message":"slow down"}}',
        })),
      }),
    pays: "twelve",
    expected: "delivered",
    alarms: ["rate-limited"],
    calls: { eth_call: 12 },
  },
  ...(
    [
      [-32_005, "daily request count exceeded, request rate limited"],
      [-32_007, "50/second request limit reached"],
      [-32_016, "over rate limit"],
    ] as const
  ).map(
    ([code, message]): Condition => ({
      name: `a limit as HTTP 200 with ${code}`,
      shape: () => limit(code, message),
      pays: "twelve",
      expected: "delivered",
      alarms: ["rate-limited"],
      calls: { eth_call: 12 },
    }),
  ),
  // Addresses
  ...[301, 308].map(
    (status): Condition => ({
      name: `a redirect, HTTP ${status}`,
      shape: () => () => ({ status, headers: { location: "https://node.example/" } }),
      from: "start",
      expected: { waiting: "chain-unreachable" },
    }),
  ),
  {
    name: "credentials that are wrong, HTTP 401",
    shape: () => () => ({ status: 401, body: '{"error":"unauthorized"}' }),
    from: "start",
    expected: { waiting: "chain-unreachable" },
  },
  {
    name: "credentials in the URL",
    shape:
      () =>
      (call, ask, { headers }) =>
        headers.authorization === `Basic ${btoa("steward:p@ss")}` ? ask(call) : { status: 401 },
    from: "start",
    userInfo: "steward:p%40ss@",
    expected: "delivered",
  },
  {
    name: "a page in place of JSON",
    shape: () => () => page,
    from: "start",
    expected: { waiting: "chain-unreachable" },
  },
  {
    name: "another chain at a second URL",
    shape: () =>
      where(
        ({ method }) => method === "eth_chainId",
        () => ({ result: "0x2105" }),
      ),
    from: "start",
    expected: "delivered",
    alarms: ["wrong-chain"],
  },
  // Nodes behind
  {
    name: "a node that has stopped, and does not know it",
    shape: stopped(false),
    payments: { head_age_max_secs: 1 },
    expected: { waiting: "no-new-blocks" },
  },
  {
    name: "a node that has stopped, and says that it is catching up",
    shape: stopped({ startingBlock: "0x1", currentBlock: "0x1", highestBlock: "0x2" }),
    payments: { head_age_max_secs: 1 },
    expected: { waiting: "no-new-blocks" },
  },
  {
    name: "a node that is three blocks behind in what it executes",
    shape: () => answering({ eth_call: behind(3) }),
    expected: "delivered",
  },
];
