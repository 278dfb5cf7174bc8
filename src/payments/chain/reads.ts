import type { Hex } from "viem";
import { z } from "zod";
import type { RpcEndpoint } from "./rpc-endpoint.ts";
import { parseBigInt, parseHash, parseHex, parseNumber } from "./rpc-pool.ts";

/** Anything one can ask a chain: a pool, or one URL of it. */
export type RpcCaller = Pick<RpcEndpoint, "call">;

function field<T>(parse: (raw: unknown) => T) {
  return z.unknown().transform((raw, context): T => {
    try {
      return parse(raw);
    } catch (error) {
      context.addIssue({ code: "custom", message: String(error) });
      return z.NEVER;
    }
  });
}

const blockSchema = z.object({
  number: field(parseNumber),
  hash: field(parseHash),
  parentHash: field(parseHash),
  timestamp: field(parseNumber),
  gasLimit: field(parseBigInt),
  // Chains without EIP-1559 leave it out or say null.
  baseFeePerGas: field(parseBigInt)
    .nullish()
    .transform((fee) => fee ?? undefined),
});

/** A block's header, as far as it is needed; `timestamp` in Unix seconds. */
export type Block = z.output<typeof blockSchema>;

const logSchema = z.object({
  address: field(parseHex),
  topics: z.array(field(parseHash)).max(4),
  data: field(parseHex),
  blockNumber: field(parseNumber),
  blockHash: field(parseHash),
  transactionHash: field(parseHash),
  logIndex: field(parseNumber),
});

/** An event as the chain gives it, hex in lower case. */
export type ChainLog = z.output<typeof logSchema>;

const receiptSchema = z.object({
  transactionHash: field(parseHash),
  blockNumber: field(parseNumber),
  blockHash: field(parseHash),
  status: field(parseNumber).pipe(z.union([z.literal(0), z.literal(1)])),
  // For the books alone: some nodes leave them out.
  gasUsed: field(parseBigInt).optional().catch(undefined),
  effectiveGasPrice: field(parseBigInt).optional().catch(undefined),
  // What rollups of the OP Stack charge beside, for the data on the chain below.
  l1Fee: field(parseBigInt).optional().catch(undefined),
  logs: z.array(logSchema),
});

const sentSchema = z.object({ hash: field(parseHash), nonce: field(parseNumber) });

/** A transaction's receipt. */
export type Receipt = z.output<typeof receiptSchema>;

/** Names a block: its number, `latest`, or exactly one by its hash (EIP-1898). */
export type BlockRef = number | "latest" | "pending" | { readonly blockHash: Hex };

function toBlockParam(block: BlockRef): unknown {
  return typeof block === "number" ? toQuantity(block) : block;
}

/** Writes a quantity the way RPC takes it. */
export function toQuantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** Reads a block; undefined where there is none of that number yet. */
export function findBlock(rpc: RpcCaller, block: number | "latest"): Promise<Block | undefined> {
  return rpc.call("eth_getBlockByNumber", [toBlockParam(block), false], (raw) =>
    raw === null && block !== "latest" ? undefined : blockSchema.parse(raw),
  );
}

/** Reads a transaction's receipt; undefined while it is not mined. */
export function findReceipt(rpc: RpcCaller, hash: string): Promise<Receipt | undefined> {
  return rpc.call("eth_getTransactionReceipt", [hash], (raw) => {
    if (raw === null) return undefined;
    const receipt = receiptSchema.parse(raw);
    if (receipt.transactionHash !== hash) throw new Error("the receipt is another transaction's");
    return receipt;
  });
}

/** Reads a transaction's receipt out of its block's; undefined where it is not among them. */
export function findBlockReceipt(
  rpc: RpcCaller,
  block: number,
  hash: string,
): Promise<Receipt | undefined> {
  return rpc.call("eth_getBlockReceipts", [toQuantity(block)], (raw) => {
    if (raw === null) return undefined;
    const found = z
      .array(z.object({ transactionHash: field(parseHash) }).loose())
      .parse(raw)
      .find(({ transactionHash }) => transactionHash === hash);
    return found && receiptSchema.parse(found);
  });
}

/** Lists what an account sent in a block, out of the whole block; empty where the node has none. */
export function listSent(
  rpc: RpcCaller,
  block: number,
  account: Hex,
): Promise<{ hash: Hex; nonce: number }[]> {
  const from = account.toLowerCase();
  return rpc.call("eth_getBlockByNumber", [toQuantity(block), true], (raw) => {
    if (raw === null) return [];
    const { transactions } = z
      .object({ transactions: z.array(z.object({ from: z.string() }).loose()) })
      .parse(raw);
    const sent = transactions.filter((tx) => tx.from.toLowerCase() === from);
    return z.array(sentSchema).parse(sent);
  });
}

/** Whether a node has a transaction, mined or waiting. */
export function isKnown(rpc: RpcCaller, hash: string): Promise<boolean> {
  return rpc.call("eth_getTransactionByHash", [hash], (raw) => raw !== null);
}

/** What a read-only execution is asked to do. */
export interface CallInput {
  readonly to: Hex;
  readonly data: Hex;
  readonly from?: Hex;
  readonly gas?: bigint;
}

/** Executes without effect. @throws RpcError `reverted` with the revert data */
export function callContract(
  rpc: RpcCaller,
  input: CallInput,
  block: BlockRef = "latest",
): Promise<Hex> {
  return readContract(rpc, input, block, (data) => data);
}

/**
 * Executes without effect and decodes what is returned. An answer that does not decode is none: a
 * node without the state says `0x`, and the next URL is asked.
 * @throws RpcError `reverted` with the revert data
 */
export function readContract<T>(
  rpc: RpcCaller,
  { to, data, from, gas }: CallInput,
  block: BlockRef,
  decode: (data: Hex) => T,
): Promise<T> {
  const call = { to, data, ...(from && { from }), ...(gas && { gas: toQuantity(gas) }) };
  return rpc.call("eth_call", [call, toBlockParam(block)], (raw) => decode(parseHex(raw)));
}

/** Counts the mined transactions of an account: its next nonce. */
export function readNonce(rpc: RpcCaller, account: Hex, block: BlockRef): Promise<number> {
  return rpc.call("eth_getTransactionCount", [account, toBlockParam(block)], parseNumber);
}

/** Reads an account's wei. */
export function readBalance(rpc: RpcCaller, account: Hex): Promise<bigint> {
  return rpc.call("eth_getBalance", [account, "latest"], parseBigInt);
}

/** Reads an account's code, `0x` where it has none. */
export function readCode(rpc: RpcCaller, account: Hex): Promise<Hex> {
  return rpc.call("eth_getCode", [account, "latest"], parseHex);
}

/** Reads one word of an account's storage. */
export function readStorage(rpc: RpcCaller, account: Hex, slot: Hex): Promise<Hex> {
  return rpc.call("eth_getStorageAt", [account, slot, "latest"], parseHex);
}

/** Reads the tip that nodes advise, in wei. */
export function readPriorityFee(rpc: RpcCaller): Promise<bigint> {
  return rpc.call("eth_maxPriorityFeePerGas", [], parseBigInt);
}

const feeHistorySchema = z.object({ reward: z.array(z.array(field(parseBigInt))).nullish() });

/** Reads the median tips of the last 20 blocks, in wei; none of blocks that nobody paid one in. */
export function readTipsPaid(rpc: RpcCaller): Promise<bigint[]> {
  return rpc.call("eth_feeHistory", ["0x14", "latest", [50]], (raw) => {
    const { reward } = feeHistorySchema.parse(raw);
    return (reward ?? []).flat().filter((tip) => tip > 0n);
  });
}

/** Whether a node says that it is still catching up with its chain. */
export function isSyncing(rpc: RpcCaller): Promise<boolean> {
  return rpc.call("eth_syncing", [], (raw) => typeof raw === "object" && raw !== null);
}

/** Reads the price of gas that nodes advise, tip included, in wei. */
export function readGasPrice(rpc: RpcCaller): Promise<bigint> {
  return rpc.call("eth_gasPrice", [], parseBigInt);
}

/** Which events to look for. */
export interface LogFilter {
  readonly address: Hex | readonly Hex[];
  readonly topics: readonly (Hex | readonly Hex[] | null)[];
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** Reads events of a span of blocks, as one question. */
export function readLogSpan(rpc: RpcCaller, filter: LogFilter): Promise<ChainLog[]> {
  const { address, topics, fromBlock, toBlock } = filter;
  const param = {
    address,
    topics,
    fromBlock: toQuantity(fromBlock),
    toBlock: toQuantity(toBlock),
  };
  return rpc.call("eth_getLogs", [param], (raw) => z.array(logSchema).parse(raw));
}
