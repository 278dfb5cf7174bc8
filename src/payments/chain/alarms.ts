/** What may be raised: what is wrong, and what an operator does about it. */
const CATALOGUE = {
  "no-new-blocks": [
    "the chain has had no new block for long, and something waits for one",
    "Check the node: it has stopped or lost its peers. On a chain that makes blocks seldom set payments.head_age_max_secs higher.",
  ],
  "receipts-missing": [
    "a transaction of the wallet is mined, but no node shows its receipt",
    "Nothing is sent a second time meanwhile. Let the node finish its index of transactions, or add an RPC URL whose node has one. A refund that you know was never paid: `steward settlement declare-lost`.",
  ],
  "foreign-transaction": [
    "somebody else uses the wallet's key",
    "Give each steward a wallet of its own; if you know of no other use, move the money away.",
  ],
  "wallet-ahead": [
    "the chain has transactions of the wallet that the database does not know of: it is an older copy's, or the original still runs; nothing is sent",
    "End every other process with this wallet, then say so: `steward settlement wallet`, `release-wallet`.",
  ],
  "unrecovered-money": [
    "money of a payment lies in the contract and the wallet may not recover it",
    "Let a recoverer hand its right to the wallet (handOverRecoverer, docs/contracts.md).",
  ],
  "chain-unreachable": [
    "no RPC URL of the chain gives an answer that can be used",
    "Check the URLs, their credentials and the node; or add another URL.",
  ],
  "rate-limited": [
    "a node says that it is asked too much, and is left alone for a while",
    "If it lasts, take a larger plan, or add an RPC URL.",
  ],
  "wrong-chain": [
    "an RPC URL serves another chain and is not used",
    "Correct or remove it in the chain's rpc_urls.",
  ],
  "contracts-differ": [
    "an RPC URL does not show the chain's contracts as they are configured",
    "Let its node catch up, or add an RPC URL. If you changed the chain's entry, correct it: `steward chain check`.",
  ],
  "method-failing": [
    "a method that is needed fails at every RPC URL",
    "Have the node's provider allow it, or add an RPC URL that serves it.",
  ],
  "payment-unjudged": [
    "no node says whether a payment settles or has settled",
    "It is neither lost nor refused: it goes on once a node says. Add an RPC URL whose node has the state and the events of recent blocks.",
  ],
  "payout-refused": [
    "a refund or a claim that was asked for would not be paid, so nothing was sent",
    "Read why (`steward settlement show`, `steward settlement claims`), and ask for it again once it is over.",
  ],
  "payout-unjudged": [
    "no node says whether a refund, a claim or a change of an escrow would be carried out; nothing is sent",
    "It goes on once a node says. Read the node's words; add an RPC URL whose node executes calls on the newest block.",
  ],
  "events-behind": [
    "the escrow contract's events are read slower than they come, so escrows change late",
    "Wait if it was down for long; else add an RPC URL that serves eth_getLogs of more blocks.",
  ],
  "send-underpriced": [
    "the node wants a higher fee for the wallet's transactions; it is raised by itself",
    "Nothing, unless it lasts: a tenth of fee_max_wei is what one node's word is good for. Raise that, or add another RPC URL.",
  ],
  "send-no-funds": [
    "the node says that the wallet cannot pay for a signed transaction",
    "Fund the wallet with the chain's own coin; it is sent again by itself.",
  ],
  "send-too-large": [
    "the node takes no transaction of so much gas; smaller ones are made",
    "Nothing; lower payments.batch_max if it comes again.",
  ],
  "send-refused": [
    "no node takes a transaction of the wallet; it is offered again",
    "Read the node's words; if they do not change, add another RPC URL.",
  ],
  "token-refuses": [
    "the token takes no payment: it is paused, or blocks a contract",
    "Nothing can be done but wait for the token's operator; quotes begin again by themselves.",
  ],
  "share-held": [
    "the token refused to pay somebody's share, and the contract keeps it for him",
    "`steward settlement claims` says whose and how much; `steward settlement claim` pays it once the token lets it.",
  ],
  "gas-low": ["the wallet cannot pay for gas", "Fund the wallet with the chain's own coin."],
  "refund-nonce-far": [
    "a refund was signed far above the wallet's nonce and waits for it",
    "Pay it by hand only if that nonce is never used.",
  ],
  "nonce-far": [
    "a transaction was signed far above the wallet's nonce, and was given up",
    "Nothing: what it carried goes into another one. Watch the node whose count of transactions was wrong.",
  ],
  "payment-undone": [
    "a reorg undid a confirmed payment",
    "Run the reconciliation; raise the chain's confirmations if it happens again.",
  ],
  "final-undone": [
    "the chain took back a final transaction",
    "Run the reconciliation, and find out whether the chain was set back.",
  ],
  "tip-capped": [
    "a node advises a tip far above what others pay; less is offered",
    "Nothing, unless payments are slow: then check the node, or add another RPC URL before it.",
  ],
  "fees-high": [
    "the chain's fees are above fee_max_wei, so nothing is quoted and what was accepted waits",
    "Wait until fees fall, which is noticed by itself; or raise fee_max_wei of the chain.",
  ],
  "fee-limit": [
    "a transaction is stuck at fee_max_wei",
    "Raise that limit, or wait until fees fall.",
  ],
} as const satisfies Record<string, readonly [what: string, remedy: string]>;

/** Names a kind of alarm. */
export type AlarmId = keyof typeof CATALOGUE;

/** Something an operator should look at. */
export interface Alarm {
  readonly id: AlarmId;
  /** When it began, Unix seconds. */
  readonly since: number;
  readonly what: string;
  /** The node's own words where it gave some, without its URL. */
  readonly node_says?: string;
  readonly remedy: string;
}

const SHOWN_SECS = 3_600;
const REPEAT_SECS = 60;

interface Raised {
  readonly since: number;
  readonly at: number;
  readonly loggedAt: number;
  readonly nodeSays: string | undefined;
}

/** Remembers what an operator should look at, and says each thing at most once a minute. */
export class Alarms {
  private readonly raised = new Map<AlarmId, Raised>();

  /** Takes an alarm at a time in Unix seconds; false where it was told a moment ago. */
  raise(id: AlarmId, now: number, nodeSays?: string): boolean {
    const before = this.find(id, now);
    const isNew = !before || now - before.loggedAt >= REPEAT_SECS;
    this.raised.delete(id);
    this.raised.set(id, {
      since: before?.since ?? now,
      at: now,
      loggedAt: isNew ? now : before.loggedAt,
      nodeSays: nodeSays ?? before?.nodeSays,
    });
    return isNew;
  }

  /** Ends an alarm whose cause is over; false where there was none. */
  end(id: AlarmId): boolean {
    return this.raised.delete(id);
  }

  /** What is wrong now or was within the last hour, the latest last. */
  list(now: number): Alarm[] {
    return [...this.raised.keys()].flatMap((id) => {
      const found = this.find(id, now);
      if (!found) return [];
      const [what, remedy] = CATALOGUE[id];
      const { since, nodeSays } = found;
      return [{ id, since, what, ...(nodeSays !== undefined && { node_says: nodeSays }), remedy }];
    });
  }

  private find(id: AlarmId, now: number): Raised | undefined {
    const found = this.raised.get(id);
    return found && now - found.at < SHOWN_SECS ? found : undefined;
  }
}

/** What an alarm says, in one line for the log. */
export function toAlarmText(id: AlarmId): string {
  const [what, remedy] = CATALOGUE[id];
  return `${what}. ${remedy}`;
}
