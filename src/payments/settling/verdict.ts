import { encodeEventTopics, type Hex } from "viem";
import { testUsdcAbi } from "../../abi/test-usdc.generated.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import { readLogs } from "../chain/log-reads.ts";
import {
  type Block,
  type ChainLog,
  findBlock,
  findReceipt,
  type RpcCaller,
} from "../chain/reads.ts";
import type { RpcEndpoint } from "../chain/rpc-endpoint.ts";
import { toSpans } from "../chain/spans.ts";
import {
  toPaidFacts,
  toPaidTopics,
  toPaymentEvents,
  toReturnedTopics,
} from "../contracts/escrow-events.ts";
import { HELD_TOPIC, type PaidOut, toHeldEvents } from "../contracts/held-shares.ts";
import { isAbout } from "../contracts/settlement-events.ts";
import { readTokenBalance, readUsed } from "../contracts/usdc.ts";
import type { SettlementFacts } from "../ledger/transitions.ts";

/** A quote's block may be given back by a reorg. */
const QUOTE_BLOCK_MARGIN = 32;
/** USDC calls it AuthorizationCanceled too. */
const USED_TOPIC = eventTopic("AuthorizationUsed");
const CANCELED_TOPIC = eventTopic("AuthorizationCanceled");
const TRANSFER_TOPIC = eventTopic("Transfer");

/** What tells one call of the token from the next. */
const CALL_TOPICS: readonly Hex[] = [USED_TOPIC, CANCELED_TOPIC, TRANSFER_TOPIC];

function eventTopic(eventName: "AuthorizationUsed" | "AuthorizationCanceled" | "Transfer"): Hex {
  return encodeEventTopics({ abi: testUsdcAbi, eventName })[0] as Hex;
}

/** Whom the token refused to pay in the transaction that settled a payment. */
type Held = Pick<PaidOut, "events" | "treasury">;

/**
 * What the chain says about an authorization. `settled`: its money was paid out by the terms;
 * `stranded`: its money lies in the contract, sent there past it; `void`: it can never execute any
 * more; `open`: it can; `settling`: its use is mined but not deep enough; `unknown`: not found out.
 */
export type Verdict =
  | { readonly kind: "settled"; readonly facts: SettlementFacts; readonly held?: Held }
  | { readonly kind: "stranded"; readonly txHash: string }
  | { readonly kind: "void"; readonly why: "expired" | "canceled" | "used elsewhere" }
  | { readonly kind: "open"; readonly balance: bigint; readonly head: Block }
  | { readonly kind: "settling" }
  | { readonly kind: "unknown" };

/**
 * Finds out what became of a payment's authorization, from the token's state and the events, all
 * from one node at one block; `docs/protocol.md` §8.
 * @throws RpcError where no node answers
 */
export function findVerdict(chain: Chain, row: PaymentRow): Promise<Verdict> {
  return chain.rpc.pinned((rpc) => askOne(chain, rpc, row), true);
}

async function askOne(chain: Chain, rpc: RpcEndpoint, row: PaymentRow): Promise<Verdict> {
  const head = await findBlock(rpc, "latest");
  // A node behind the head we saw says "not settled" of what it has not read yet: that is no
  // answer.
  if (!head || head.number < (chain.head?.number ?? 0)) return { kind: "unknown" };
  if (await readUsed(rpc, row, head)) return findUse(chain, rpc, row, head);
  const deep = await findBlock(rpc, Math.max(0, head.number - chain.config.confirmations + 1));
  if (deep && deep.timestamp >= row.deadline && !(await readUsed(rpc, row, deep))) {
    return { kind: "void", why: "expired" };
  }
  const token = row.token as Hex;
  return {
    kind: "open",
    balance: await readTokenBalance(rpc, { token, owner: row.payer as Hex, block: head }),
    head,
  };
}

/** Who used a payment's nonce up to a block, or ended it: anybody may burn the same nonce of his own. @throws RpcError */
export async function readUsers(
  rpc: RpcEndpoint,
  row: PaymentRow,
  toBlock: number,
): Promise<Hex[]> {
  const topics = [[USED_TOPIC, CANCELED_TOPIC], null, row.nonce as Hex];
  const fromBlock = Math.max(0, row.quotedBlock - QUOTE_BLOCK_MARGIN);
  const users: Hex[] = [];
  for (const span of toSpans({ fromBlock, toBlock })) {
    const uses = await readLogs(rpc, { address: row.token as Hex, topics, ...span });
    for (const { topics: found } of uses) if (found[1]) users.push(`0x${found[1].slice(26)}`);
  }
  return users;
}

async function findUse(
  chain: Chain,
  rpc: RpcEndpoint,
  row: PaymentRow,
  head: Block,
): Promise<Verdict> {
  const payer = toTopic(row.payer ?? "");
  const nonce = row.nonce as Hex;
  const spans = toSpans({
    fromBlock: Math.max(0, row.quotedBlock - QUOTE_BLOCK_MARGIN),
    toBlock: head.number,
  });
  for (const { fromBlock, toBlock } of spans) {
    const [paid] = await readLogs(rpc, {
      address: row.contract as Hex,
      topics: toPaidTopics(row, payer),
      fromBlock,
      toBlock,
    });
    // The escrow's id may have been opened by another authorization: the event's data begins with
    // the nonce that did.
    if (paid && (row.mode === "direct" || paid.data.startsWith(nonce))) {
      if (!isDeep(chain, paid.blockNumber, head)) return { kind: "settling" };
      const block = await findBlock(rpc, paid.blockNumber);
      if (block?.hash !== paid.blockHash) return { kind: "settling" };
      const facts = toPaidFacts(paid, row, block.timestamp);
      const held = await findHeld(chain, rpc, row, paid);
      return { kind: "settled", facts, ...(held && { held }) };
    }
  }
  for (const { fromBlock, toBlock } of spans) {
    const [use] = await readLogs(rpc, {
      address: row.token as Hex,
      topics: [[USED_TOPIC, CANCELED_TOPIC], payer, nonce],
      fromBlock,
      toBlock,
    });
    if (!use) continue;
    if (!isDeep(chain, use.blockNumber, head)) return { kind: "settling" };
    if (use.topics[0] === CANCELED_TOPIC) return { kind: "void", why: "canceled" };
    if (
      row.mode === "escrow" &&
      (await wasReturned(rpc, row, { fromBlock, toBlock: head.number }))
    ) {
      return { kind: "void", why: "used elsewhere" };
    }
    return judgeUse(rpc, row, use);
  }
  return { kind: "unknown" };
}

/** A deposit pays nobody yet. */
async function findHeld(
  chain: Chain,
  rpc: RpcEndpoint,
  row: PaymentRow,
  { transactionHash, blockNumber }: ChainLog,
): Promise<Held | undefined> {
  if (row.mode !== "direct") return undefined;
  const contract = row.contract as Hex;
  const span = { fromBlock: blockNumber, toBlock: blockNumber };
  const logs = await readLogs(rpc, { address: contract, topics: [HELD_TOPIC], ...span });
  const own = logs.filter((log) => log.transactionHash === transactionHash);
  const events = toHeldEvents(own, contract);
  if (events.length === 0) return undefined;
  return { events, treasury: (await chain.tills.read(rpc, contract)).treasury };
}

/** Whether the contract gave a front-run deposit back, its id being in use. */
async function wasReturned(
  rpc: RpcEndpoint,
  row: PaymentRow,
  blocks: { fromBlock: number; toBlock: number },
): Promise<boolean> {
  const topics = toReturnedTopics(row, toTopic(row.payer ?? ""));
  for (const span of toSpans(blocks)) {
    const found = await readLogs(rpc, { address: row.contract as Hex, topics, ...span });
    if (found.length > 0) return true;
  }
  return false;
}

/**
 * Decides whether the money of a use without a payout lies in the contract. The token's first
 * transfer after it must be this one, before another authorization's use or end: a nonce burnt with
 * another amount or for another payee, next to some other transfer in the same transaction, must not
 * free money that belongs to somebody else. What else is logged between them does not matter: within
 * a use the token logs its own transfer, so the first one that follows cannot be a later call's.
 */
async function judgeUse(rpc: RpcCaller, row: PaymentRow, use: ChainLog): Promise<Verdict> {
  const receipt = await findReceipt(rpc, use.transactionHash);
  if (!receipt) return { kind: "unknown" };
  // This receipt shows the settlement, so the node that listed no event for it was behind.
  const events = toPaymentEvents(receipt.logs, row.contract);
  if (events.some((event) => event.kind === "paid" && isAbout(event, row))) {
    return { kind: "unknown" };
  }
  const transfer = findTransfer(receipt.logs, use);
  const delivered =
    transfer !== undefined &&
    transfer.topics[1] === toTopic(row.payer ?? "") &&
    transfer.topics[2] === toTopic(row.contract) &&
    BigInt(transfer.data) === row.amount;
  if (!delivered) return { kind: "void", why: "used elsewhere" };
  return { kind: "stranded", txHash: use.transactionHash };
}

/** The token's first transfer after the use of an authorization, if no other one comes before it. */
function findTransfer(logs: readonly ChainLog[], use: ChainLog): ChainLog | undefined {
  const next = logs
    .filter(({ address, logIndex }) => address === use.address && logIndex > use.logIndex)
    .toSorted((one, other) => one.logIndex - other.logIndex)
    .find(({ topics: [topic] }) => topic !== undefined && CALL_TOPICS.includes(topic));
  return next?.topics[0] === TRANSFER_TOPIC ? next : undefined;
}

function isDeep(chain: Chain, blockNumber: number, head: Block): boolean {
  return head.number - blockNumber + 1 >= chain.config.confirmations;
}

function toTopic(address: string): Hex {
  return `0x${address.slice(2).toLowerCase().padStart(64, "0")}`;
}
