/**
 * What a node's error means. `reverted`: executed, and reverted; `halted`: executed, and ended in
 * another way; `limited`: it was asked too much; `span`: too many blocks or events at one time;
 * `unknown-method`; `unknown-form`: parameters it does not take; `no-block`: it has no such block or
 * no longer its state; `known`: it has this transaction; `nonce-used`, `nonce-gap`: another one has
 * its turn; `underpriced`; `no-funds`; `gas-cap`: more gas than a transaction may have; `pool-full`.
 */
export type RpcMeaning =
  | "reverted"
  | "halted"
  | "limited"
  | "span"
  | "unknown-method"
  | "unknown-form"
  | "no-block"
  | "known"
  | "nonce-used"
  | "nonce-gap"
  | "underpriced"
  | "no-funds"
  | "gas-cap"
  | "pool-full"
  | "unknown";

/** One way in which some node spells an error: everything that is given must be so. */
export interface Spelling {
  readonly meaning: RpcMeaning;
  /** Methods it is looked for at; default: any. */
  readonly methods?: readonly string[];
  readonly codes?: readonly number[];
  readonly text?: RegExp;
  /** Data that tells it by its form alone. */
  readonly hasData?: true;
  /** Seen with, as it is said there. */
  readonly seen: readonly SeenError[];
}

/** An error as some node sends it, and the call it answers. */
export interface SeenError {
  readonly by: string;
  readonly method: string;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
}

const EXECUTING = ["eth_call", "eth_estimateGas", "eth_sendRawTransaction"];
const SENDING = ["eth_sendRawTransaction"];
const LOGS = ["eth_getLogs"];

function seen(
  by: string,
  method: string,
  code: number,
  message: string,
  data?: unknown,
): SeenError {
  return { by, method, error: { code, message, ...(data !== undefined && { data }) } };
}

/**
 * The errors of nodes as they really are; the first row that fits decides. Reverts come first: their
 * text may hold what a payer's own code says.
 */
export const SPELLINGS: readonly Spelling[] = [
  {
    meaning: "reverted",
    methods: EXECUTING,
    codes: [3],
    seen: [seen("geth, anvil", "eth_call", 3, "execution reverted: no", "0x08c379a0")],
  },
  {
    meaning: "reverted",
    methods: EXECUTING,
    hasData: true,
    seen: [
      seen("besu, old geth", "eth_call", -32_000, "Execution reverted", "0x08c379a0"),
      seen("parity, nethermind", "eth_call", -32_015, "VM execution error.", "Reverted 0x08c379a0"),
      seen("hardhat 2", "eth_call", -32_603, "Error: VM Exception: reverted with reason 'no'", {
        message: "Error: VM Exception: reverted with reason 'no'",
        data: "0x08c379a0",
      }),
    ],
  },
  {
    meaning: "reverted",
    methods: EXECUTING,
    text: /^(Error: )?(VM Exception while processing transaction: )?(VM )?(execution |transaction )?revert/i,
    seen: [
      seen("balancers", "eth_call", -32_000, "execution reverted"),
      seen("ganache", "eth_call", -32_000, "VM Exception while processing transaction: revert"),
      seen("openethereum", "eth_call", -32_015, "Transaction reverted without a reason"),
    ],
  },
  {
    meaning: "span",
    methods: LOGS,
    text: /range|more than \d+ (results|logs)|too many (blocks|results|logs)|response size|query (timeout|exceeds|returned)/i,
    seen: [
      seen(
        "a free tier",
        "eth_getLogs",
        -32_600,
        "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range.",
      ),
      seen("infura", "eth_getLogs", -32_005, "query returned more than 10000 results"),
      seen("quicknode", "eth_getLogs", -32_614, "eth_getLogs is limited to a 10,000 range"),
      seen("ankr", "eth_getLogs", -32_062, "Block range is too large"),
      seen("bsc", "eth_getLogs", -32_000, "exceed maximum block range: 5000"),
      seen("drpc", "eth_getLogs", 35, "ranges over 10000 blocks are not supported on freetier"),
      seen("geth", "eth_getLogs", -32_000, "query timeout exceeded"),
    ],
  },
  {
    meaning: "limited",
    codes: [429, -32_005, -32_007, -32_016, -32_029, -32_090, -32_097],
    seen: [
      seen(
        "alchemy",
        "eth_call",
        429,
        "Your app has exceeded its compute units per second capacity",
      ),
      seen("infura", "eth_call", -32_005, "daily request count exceeded, request rate limited"),
      seen("quicknode", "eth_call", -32_007, "50/second request limit reached"),
      seen("base", "eth_getLogs", -32_016, "over rate limit"),
      seen("ankr", "eth_call", -32_090, "Too many requests"),
    ],
  },
  {
    meaning: "limited",
    text: /rate.?limit|too many requests|request limit|requests per|compute units|quota|throttl/i,
    seen: [
      seen("gateways", "eth_call", -32_000, "rate limit exceeded"),
      seen("gateways", "eth_call", -32_603, "Too Many Requests"),
    ],
  },
  {
    meaning: "unknown-method",
    codes: [-32_601, -32_004],
    seen: [
      seen(
        "most",
        "eth_maxPriorityFeePerGas",
        -32_601,
        "the method does not exist/is not available",
      ),
      seen("some", "eth_getBlockReceipts", -32_004, "Method not supported"),
    ],
  },
  {
    meaning: "unknown-method",
    text: /unknown method|unsupported method|method\b.*\b(not (found|supported|available|exist|allowed)|unsupported|does(n't| not) exist)/i,
    seen: [
      seen(
        "ganache",
        "eth_maxPriorityFeePerGas",
        -32_700,
        "The method eth_maxPriorityFeePerGas does not exist/is not available",
      ),
      seen("gateways", "eth_getBlockReceipts", -32_600, "Unsupported method: eth_getBlockReceipts"),
    ],
  },
  {
    meaning: "gas-cap",
    methods: EXECUTING,
    text: /gas limit (is )?too high|exceeds transaction gas cap|(exceeds|greater than) (the )?(block gas limit|(tx gas limit )?cap)|exceeds block gas limit|gas limit exceeded/i,
    seen: [
      seen(
        "geth",
        "eth_sendRawTransaction",
        -32_000,
        "transaction gas limit too high (cap: 16777216, tx: 18000000)",
      ),
      seen(
        "hardhat 3",
        "eth_call",
        -32_000,
        "Transaction gas limit is 18000000 and exceeds transaction gas cap of 16777216",
      ),
      seen("geth", "eth_sendRawTransaction", -32_000, "exceeds block gas limit"),
      seen(
        "reth, anvil",
        "eth_sendRawTransaction",
        -32_003,
        "transaction gas limit (18000000) is greater than the cap (16777216)",
      ),
    ],
  },
  {
    meaning: "known",
    methods: SENDING,
    text: /already (known|imported|exists|in (the )?(mem)?pool)|known transaction|AlreadyKnown/i,
    seen: [
      seen("geth", "eth_sendRawTransaction", -32_000, "already known"),
      seen("anvil", "eth_sendRawTransaction", -32_003, "transaction already imported"),
      seen("nethermind", "eth_sendRawTransaction", -32_010, "AlreadyKnown"),
      seen("hardhat", "eth_sendRawTransaction", -32_000, "Known transaction: 0x00"),
    ],
  },
  {
    meaning: "nonce-used",
    methods: SENDING,
    text: /nonce (is )?too low|old ?nonce|nonce too small/i,
    seen: [
      seen("geth", "eth_sendRawTransaction", -32_000, "nonce too low: next nonce 5, tx nonce 4"),
      seen("nethermind", "eth_sendRawTransaction", -32_010, "OldNonce"),
    ],
  },
  {
    meaning: "nonce-gap",
    methods: SENDING,
    text: /nonce (is )?too (high|far|distant)|nonce ?gap|(in|at) the future/i,
    seen: [
      seen(
        "hardhat",
        "eth_sendRawTransaction",
        -32_000,
        "Nonce too high. Expected nonce to be 1 but got 3.",
      ),
      seen("nethermind", "eth_sendRawTransaction", -32_010, "NonceGap"),
    ],
  },
  {
    meaning: "no-funds",
    methods: EXECUTING,
    text: /insufficient ?(funds|balance)|enough (funds|balance)|upfront cost/i,
    seen: [
      seen("geth", "eth_sendRawTransaction", -32_000, "insufficient funds for gas * price + value"),
      seen(
        "anvil",
        "eth_sendRawTransaction",
        -32_003,
        "Insufficient funds for gas * price + value",
      ),
      seen(
        "hardhat",
        "eth_sendRawTransaction",
        -32_000,
        "Sender doesn't have enough funds to send tx.",
      ),
      seen("besu", "eth_sendRawTransaction", -32_000, "Upfront cost exceeds account balance"),
    ],
  },
  {
    meaning: "underpriced",
    methods: SENDING,
    text: /underpriced|gas price (is )?(below|too low)|gas price not|tip cap|fee ?too ?low|(max fee|fee ?cap|maxFeePerGas|priority fee).*(less|lower|below|low|minimum)|below (the )?(configured )?minimum|too low to (replace|compete)/i,
    seen: [
      seen(
        "bor",
        "eth_sendRawTransaction",
        -32_000,
        "transaction underpriced: gas tip cap 1000000, minimum needed 25000000000",
      ),
      seen("geth", "eth_sendRawTransaction", -32_000, "replacement transaction underpriced"),
      seen("geth", "eth_sendRawTransaction", -32_000, "max fee per gas less than block base fee"),
      seen(
        "besu",
        "eth_sendRawTransaction",
        -32_009,
        "Gas price below configured minimum gas price",
      ),
      seen(
        "nethermind",
        "eth_sendRawTransaction",
        -32_010,
        "FeeTooLow, MaxFeePerGas too low to compete",
      ),
    ],
  },
  {
    meaning: "pool-full",
    methods: SENDING,
    text: /(pool|mempool)\b.*\b(full|limit)|account (slots|limit)|too many (pending|queued)/i,
    seen: [seen("geth", "eth_sendRawTransaction", -32_000, "txpool is full")],
  },
  {
    meaning: "no-block",
    text: /(header|block|state)\b.*\bnot (found|available)|unknown block|missing trie node|pruned|historical state|block.?out.?of.?range|after last accepted|(requested|future) block|resource not found/i,
    seen: [
      seen("geth", "eth_call", -32_000, "header not found"),
      seen(
        "geth",
        "eth_getTransactionCount",
        -32_000,
        "missing trie node 0ab1 (path ) state is not available",
      ),
      seen("reth", "eth_call", -32_001, "block not found: 0x10"),
      seen("erigon", "eth_getTransactionCount", -32_000, "state at block 5 is pruned"),
      seen(
        "anvil",
        "eth_getTransactionCount",
        -32_602,
        "BlockOutOfRangeError: block height is 5 but requested was 9",
      ),
    ],
  },
  {
    meaning: "halted",
    methods: ["eth_call", "eth_estimateGas"],
    text: /out of gas|OutOfGas|gas required exceeds|invalid (opcode|jump)|bad (instruction|jump)|stack (under|over)|EVM error/i,
    seen: [
      seen("geth", "eth_call", -32_000, "out of gas"),
      seen("anvil", "eth_call", -32_603, "EVM error OutOfGas"),
      seen("parity", "eth_call", -32_015, "VM execution error: bad instruction"),
    ],
  },
  {
    meaning: "unknown-form",
    codes: [-32_602],
    seen: [
      seen(
        "nodes without EIP-1898",
        "eth_call",
        -32_602,
        "invalid argument 1: hex string expected",
      ),
    ],
  },
  {
    meaning: "unknown-form",
    text: /invalid (argument|params?|type)|cannot unmarshal|hex string|deserializ|unexpected (type|token)/i,
    seen: [
      seen(
        "proxies",
        "eth_call",
        -32_600,
        "json: cannot unmarshal object into Go value of type string",
      ),
    ],
  },
];

/** Reads what an error of a method means, by the first row that fits. */
export function readMeaning(method: string, error: SeenError["error"]): RpcMeaning {
  const hasData = findRevertData(error.data) !== undefined;
  const row = SPELLINGS.find(
    ({ methods, codes, text, hasData: needsData }) =>
      (methods === undefined || methods.includes(method)) &&
      (codes === undefined || codes.includes(error.code)) &&
      (text === undefined || text.test(error.message)) &&
      (needsData === undefined || hasData),
  );
  return row?.meaning ?? "unknown";
}

/** Finds what a call reverted with, wherever nodes put it. */
export function findRevertData(data: unknown): string | undefined {
  if (typeof data === "string") {
    return /^(?:Reverted )?(0x(?:[0-9a-fA-F]{2})*)$/.exec(data)?.[1];
  }
  if (typeof data !== "object" || data === null) return undefined;
  return findRevertData((data as { data?: unknown }).data);
}

const WORDS_MAX = 200;

/** A node's words as logs and health may show them: without URLs, long hex and control characters. */
export function toWords(message: string, secrets: readonly string[] = []): string {
  let words = message.slice(0, 2_000);
  for (const secret of secrets) words = words.replaceAll(secret, "…");
  return words
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "(a URL)")
    .replace(/0x[0-9a-fA-F]{80,}/g, "0x…")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, WORDS_MAX);
}
