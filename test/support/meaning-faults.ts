/** One call as a node is asked. */
export interface FaultyCall {
  readonly method: string;
  readonly params: unknown[];
}

type Answer =
  | { readonly result: unknown }
  | { readonly error: { code: number; message: string; data?: unknown } };

/** Asks the real node behind. */
type Ask = (call: FaultyCall) => Promise<Answer>;

/** How many blocks a node that is behind has not seen. */
const BEHIND_BLOCKS = 8;
const NOBODY = "0x00000000000000000000000000000000000000ff";

const READING = [
  "eth_getBlockByNumber",
  "eth_getBalance",
  "eth_getTransactionCount",
  "eth_call",
  "eth_getCode",
  "eth_getTransactionReceipt",
  "eth_getTransactionByHash",
  "eth_getLogs",
] as const;
const ANY = [
  ...READING,
  "eth_chainId",
  "eth_maxPriorityFeePerGas",
  "eth_feeHistory",
  "eth_sendRawTransaction",
] as const;

/**
 * Faults of meaning, each with the methods it is for: HTTP and JSON-RPC are right, and what is said
 * is nothing, of some blocks ago, or an error spelt as other nodes spell it.
 */
export const MEANING_FAULTS = {
  "null-result": [
    "eth_getBlockByNumber",
    "eth_getTransactionReceipt",
    "eth_getTransactionByHash",
    "eth_getLogs",
    "eth_feeHistory",
  ],
  "stale-answer": READING,
  "error-32015-reverted": ["eth_call"],
  "error-32603-object": ANY,
  "error-32005-limit": ANY,
  "error-32700-method": ANY,
} as const satisfies Record<string, readonly string[]>;

/** Names a fault of meaning. */
export type MeaningFaultKind = keyof typeof MEANING_FAULTS;

export function isMeaningFault(kind: string): kind is MeaningFaultKind {
  return kind in MEANING_FAULTS;
}

/** What a node with such a fault says to a call. */
export async function answerWrongly(
  kind: MeaningFaultKind,
  call: FaultyCall,
  ask: Ask,
): Promise<Answer> {
  switch (kind) {
    case "null-result":
      return { result: null };
    case "stale-answer":
      return answerStale(call, ask);
    case "error-32005-limit":
      return toError(-32_005, "daily request count exceeded, request rate limited");
    case "error-32700-method":
      return toError(-32_700, `The method ${call.method} does not exist/is not available`);
    case "error-32015-reverted": {
      const data = await findRevert(call, ask);
      return toError(-32_015, "VM execution error.", `Reverted ${data ?? "0x"}`);
    }
    case "error-32603-object": {
      // What was sent is taken all the same.
      const data = await findRevert(call, ask);
      const message = data === undefined ? "Internal error" : "Error: VM Exception: reverted";
      return toError(-32_603, message, { message, ...(data !== undefined && { data }) });
    }
  }
}

function toError(code: number, message: string, data?: unknown): Answer {
  return { error: { code, message, ...(data !== undefined && { data }) } };
}

/** What the real node reverts with, where it does. */
async function findRevert(call: FaultyCall, ask: Ask): Promise<unknown> {
  const answer = await ask(call);
  return "error" in answer && answer.error.code === 3 ? answer.error.data : undefined;
}

/** Answers as the node did some blocks ago. */
async function answerStale({ method, params }: FaultyCall, ask: Ask): Promise<Answer> {
  const head = await ask({ method: "eth_blockNumber", params: [] });
  const at = "result" in head ? Math.max(0, Number(head.result) - BEHIND_BLOCKS) : 0;
  const isAbove = (number: unknown) => Number(number) > at;
  if (method === "eth_getTransactionReceipt" || method === "eth_getTransactionByHash") {
    const answer = await ask({ method, params });
    const found = "result" in answer && (answer.result as { blockNumber?: string } | null);
    return found && isAbove(found.blockNumber) ? { result: null } : answer;
  }
  const [first] = params;
  if (method === "eth_getBlockByNumber" && first !== "latest" && isAbove(first)) {
    return { result: null };
  }
  if (method !== "eth_getBlockByNumber" && (await isUnknownBlock(params[1], isAbove, ask))) {
    return toError(-32_000, "header not found");
  }
  return ask({ method, params: params.map((param) => toEarlier(param, at)) });
}

/** Whether a call names a block that a node which is behind does not have. */
async function isUnknownBlock(
  block: unknown,
  isAbove: (number: unknown) => boolean,
  ask: Ask,
): Promise<boolean> {
  if (typeof block === "string") return block !== "latest" && isAbove(block);
  const { blockHash } = (block ?? {}) as { blockHash?: string };
  if (blockHash === undefined) return false;
  const answer = await ask({ method: "eth_getBlockByHash", params: [blockHash, false] });
  const found = "result" in answer && (answer.result as { number: string } | null);
  return !found || isAbove(found.number);
}

function toEarlier(param: unknown, at: number): unknown {
  const block = `0x${at.toString(16)}`;
  if (param === "latest") return block;
  const filter = param as { fromBlock?: string; toBlock?: string } | null;
  if (typeof filter !== "object" || filter?.toBlock === undefined) return param;
  // Nodes answer a span they do not have yet with no events; anvil would say that it is no span.
  if (Number(filter.fromBlock) > at) return { address: NOBODY };
  return { ...filter, toBlock: Number(filter.toBlock) > at ? block : filter.toBlock };
}
