import type { Hex } from "viem";
import { StewardError } from "../../errors.ts";
import type { Write } from "../../store/database.ts";
import type { EscrowRow } from "../../store/payments/escrows.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import { REORG_BLOCKS } from "../chain/depth.ts";
import { readLogs } from "../chain/log-reads.ts";
import { type Block, findBlock, type RpcCaller } from "../chain/reads.ts";
import { SPAN_BLOCKS } from "../chain/spans.ts";
import { ESCROW_TOPICS, type EscrowEvent, toEscrowEvents } from "../contracts/escrow-events.ts";
import { isOpenedBy, readEscrow } from "../contracts/escrow-state.ts";
import {
  HELD_TOPIC,
  type HeldEvent,
  recordHeld,
  recordHeldRefund,
  toHeldEvents,
} from "../contracts/held-shares.ts";
import { type PaymentContext, RETRYABLE_ENDS } from "../ledger/transitions.ts";
import { applyEvent } from "./ledger.ts";
import { isUndone, type Undone, undo } from "./undo.ts";

const FOLLOWED_TOPICS = [...ESCROW_TOPICS, HELD_TOPIC];
/** The same loop tells what was settled: it is not held up for longer. */
const ROUND_MS = 500;
/** Blocks that are read again each time: of several nodes behind one URL one may be behind. */
const OVERLAP_BLOCKS = 32;

/** A cursor that nothing depends on is written so seldom. */
const LAZY_BLOCKS = 500;

/** What following an escrow contract needs. */
export interface EscrowFollowerDeps extends PaymentContext {
  readonly chain: Chain;
  readonly alarmAfterSecs: number;
}

/** What one round found: ended payments that were deposited by somebody after all. */
export interface Followed {
  readonly late: readonly PaymentRow[];
  /** Whether blocks are left to be read. */
  readonly more: boolean;
}

const NOTHING: Followed = { late: [], more: false };

/** An event of an escrow that is known here, with its block's time. */
interface News {
  readonly row: EscrowRow;
  readonly event: EscrowEvent;
  readonly at: number;
}

/**
 * Takes in what happens to this steward's escrows on chain, whoever does it, `confirmations` deep
 * and from where it last stopped: in the configured contract, and in earlier ones that still hold
 * some; `docs/protocol.md` §8.
 */
export class EscrowFollower {
  private readonly deps: EscrowFollowerDeps;
  /** Kept once followed: what a reorg takes back may be the last that a contract held. */
  private readonly contracts = new Set<Hex>();
  /** Contracts of which a reorg may have taken back what was read. */
  private readonly stale = new Set<Hex>();
  private lastHead = 0;
  /** The last head at which something of a contract could still change. */
  private readonly watchedAt = new Map<Hex, number>();
  /** Blocks up to which nothing could be about anything here. */
  private readonly skippedTo = new Map<Hex, number>();
  private readonly farSinceMs = new Map<Hex, number>();
  /** The cursors as they were last seen or written here. */
  private readonly cursors = new Map<Hex, number | undefined>();

  constructor(deps: EscrowFollowerDeps) {
    this.deps = deps;
  }

  /** Whether events of some contract are read. */
  get watching(): boolean {
    return [...this.watchedAt.values()].some((block) => block >= this.lastHead - REORG_BLOCKS);
  }

  /**
   * Reads towards a head, for a while: what is far behind it is read in several rounds.
   * @throws RpcError where no node answers; the same blocks are read again then
   */
  async follow(head: Block, reorg: boolean): Promise<Followed> {
    const { chain, escrows } = this.deps;
    const { escrow, chain_id } = chain.config;
    if (escrow !== undefined) this.contracts.add(escrow);
    const held = new Set(escrows.listOpenContracts(chain_id) as Hex[]);
    for (const contract of held) this.contracts.add(contract);
    this.noteWatched(head, held);
    if (reorg) for (const contract of this.contracts) this.stale.add(contract);
    const late: PaymentRow[] = [];
    let more = false;
    for (const contract of this.contracts) {
      const followed = await this.followOne(contract, head);
      late.push(...followed.late);
      more ||= followed.more;
    }
    this.watchDistance();
    return { late, more };
  }

  private async followOne(contract: Hex, head: Block): Promise<Followed> {
    const { chain, escrows } = this.deps;
    const { chain_id, confirmations } = chain.config;
    const stale = this.stale.has(contract);
    const to = head.number - confirmations + 1;
    const known = escrows.findCursor(chain_id, contract);
    this.noteCursor(contract, known);
    const first = known ?? Math.max(-1, Math.min(this.findFirst(head), to));
    const after = Math.max(first, this.skippedTo.get(contract) ?? -1);
    this.noteDistance(contract, to - after);
    if (!stale && after >= to) return NOTHING;
    if (!stale && !this.isWatched(contract)) return this.skip(contract, known, to);
    const again = stale ? to - REORG_BLOCKS : after - OVERLAP_BLOCKS;
    const from = Math.max(0, Math.min(after, again) + 1);
    const late: PaymentRow[] = [];
    const endMs = performance.now() + ROUND_MS;
    for (let at = from; at <= to; ) {
      const blocks = Math.min(SPAN_BLOCKS, chain.rpc.logBlocks);
      const span = { fromBlock: at, toBlock: Math.min(at + blocks - 1, to) };
      const found = await this.take(contract, span, to);
      // What comes after a span that could not be read must not be marked as read.
      if (!found) break;
      late.push(...found);
      at = span.toBlock + 1;
      // Stop at the time limit only after at least one new block: `after + 1` on are the ones read
      // again each time.
      if (performance.now() >= endMs && at > after + 1) return { late, more: at <= to };
    }
    return { late, more: false };
  }

  /** An escrow that is taken over from another steward has its contract read again from before it. */
  private noteCursor(contract: Hex, known: number | undefined): void {
    const isMoved = known !== undefined && known !== this.cursors.get(contract);
    if (isMoved && known < (this.skippedTo.get(contract) ?? -1)) this.skippedTo.delete(contract);
    this.cursors.set(contract, known);
  }

  /** Held escrows, and deposits that may still come late; after the last one for as long as a reorg may go. */
  private noteWatched({ number }: Block, held: ReadonlySet<Hex>): void {
    const { chain, due } = this.deps;
    this.lastHead = number;
    const isLate = due.hasEndedDeposits(chain.config.chain_id);
    for (const contract of this.contracts) {
      const isNew = !this.watchedAt.has(contract);
      if (isNew || isLate || held.has(contract) || this.stale.has(contract)) {
        // What was skipped was about nothing that was known: an escrow taken over may be older, and its cursor as it was.
        if (!this.isWatched(contract)) this.skippedTo.delete(contract);
        this.watchedAt.set(contract, number);
      }
    }
  }

  private isWatched(contract: Hex): boolean {
    return (this.watchedAt.get(contract) ?? 0) >= this.lastHead - REORG_BLOCKS;
  }

  /** No event is about anything that is known here: none is read. */
  private skip(contract: Hex, known: number | undefined, to: number): Followed {
    const { chain, store, escrows } = this.deps;
    this.farSinceMs.delete(contract);
    this.skippedTo.set(contract, to);
    if (known !== undefined && to - known >= LAZY_BLOCKS) {
      store.write((write) => escrows.putCursor(write, chain.config.chain_id, contract, to));
    }
    return NOTHING;
  }

  private noteDistance(contract: Hex, blocks: number): void {
    if (blocks <= OVERLAP_BLOCKS) this.farSinceMs.delete(contract);
    else if (!this.farSinceMs.has(contract)) this.farSinceMs.set(contract, performance.now());
  }

  /** Nobody is told of what is on chain while a cursor is far from the head. */
  private watchDistance(): void {
    const { chain, alarmAfterSecs } = this.deps;
    const untilMs = performance.now() - alarmAfterSecs * 1_000;
    const far = [...this.farSinceMs].filter(([, sinceMs]) => sinceMs <= untilMs);
    if (far.length > 0) chain.alarm("events-behind", { contracts: far.map(([one]) => one) });
    else if (this.farSinceMs.size === 0) chain.endAlarm("events-behind");
  }

  private findFirst(head: Block): number {
    const first = this.deps.escrows.findFirstBlock(this.deps.chain.config.chain_id);
    return (first ?? head.number) - REORG_BLOCKS;
  }

  private async take(
    contract: Hex,
    span: { fromBlock: number; toBlock: number },
    to: number,
  ): Promise<PaymentRow[] | undefined> {
    const { chain, store, escrows } = this.deps;
    const { chain_id } = chain.config;
    await store.committed();
    const read = await chain.rpc.pinned(async (rpc) => {
      const head = await findBlock(rpc, "latest");
      // A node that is behind would say that nothing happened.
      if (!head || head.number < to) return undefined;
      const undone = this.stale.has(contract)
        ? await this.findUndone(rpc, contract, span.fromBlock, to)
        : [];
      const logs = await readLogs(rpc, { address: contract, topics: [FOLLOWED_TOPICS], ...span });
      const held = toHeldEvents(logs, contract);
      const till = held.length > 0 ? await chain.tills.read(rpc, contract) : undefined;
      return { undone, events: toEscrowEvents(logs, contract), held, till, rpc };
    }, true);
    const news = read && (await this.toNews(read.rpc, contract, read.events));
    if (!news) return undefined;
    const isTaken = store.write((write) => {
      let isRefused = false;
      for (const { row, now } of read.undone) {
        const isTaken = this.isolate(row, (write) => undo(write, this.deps, row, now));
        isRefused ||= !isTaken;
      }
      for (const { row, event, at } of news) {
        const isTaken = this.isolate(row, (write) => {
          applyEvent(write, this.deps, escrows.find(row) ?? row, event, at);
          if (read.till) this.keepHeld(write, event, row, read.held, read.till.treasury);
        });
        isRefused ||= !isTaken;
      }
      // An escrow was taken over meanwhile, from before what was read.
      const isMoved = escrows.findCursor(chain_id, contract) !== this.cursors.get(contract);
      if (isRefused || isMoved) return false;
      escrows.putCursor(write, chain_id, contract, span.toBlock);
      this.cursors.set(contract, span.toBlock);
      return true;
    });
    await store.committed();
    if (!isTaken) return undefined;
    if (span.toBlock === to) this.stale.delete(contract);
    return read.events.flatMap((event) => {
      const payment =
        event.kind === "deposited" ? this.deps.queries.findByNonce(event.nonce) : undefined;
      return payment && RETRYABLE_ENDS.includes(payment.state) && payment.voidAt === null
        ? [payment]
        : [];
    });
  }

  /** What was kept of an escrow's money when it was paid out. */
  private keepHeld(
    write: Write,
    event: EscrowEvent,
    { paymentId }: EscrowRow,
    held: readonly HeldEvent[],
    treasury: Hex,
  ): void {
    const { chain, queries } = this.deps;
    const row = queries.find(paymentId);
    const events = held.filter(({ log }) => log.transactionHash === event.log.transactionHash);
    if (!row || events.length === 0) return;
    if (event.kind === "refunded") recordHeldRefund(write, this.deps, chain, { row, events });
    if (event.kind !== "released") return;
    recordHeld(write, this.deps, chain, { row, shares: event, events, treasury });
  }

  /**
   * What cannot be written about one escrow must not hold up the others.
   * @returns false where its zone may not be changed now: what is refused is read again
   */
  private isolate(row: EscrowRow, change: (write: Write) => void): boolean {
    const { store, log } = this.deps;
    const err = store.tryWrite(change);
    if (err instanceof StewardError && err.code === "steward_unavailable") return false;
    if (err) log.error({ err, escrow_id: row.escrowId }, "an escrow's change was not taken in");
    return true;
  }

  /** The events of escrows that are ours; undefined where a block was taken back meanwhile. */
  private async toNews(
    rpc: RpcCaller,
    contract: Hex,
    events: readonly EscrowEvent[],
  ): Promise<News[] | undefined> {
    const { chain, escrows } = this.deps;
    const news: News[] = [];
    for (const event of events) {
      const { escrowId, log } = event;
      const row = escrows.find({ chainId: chain.config.chain_id, contract, escrowId });
      if (!row || this.isKnown(row, log.blockNumber) || !(await this.isOurs(rpc, row))) continue;
      const block = await findBlock(rpc, log.blockNumber);
      if (block?.hash !== log.blockHash) return undefined;
      news.push({ row, event, at: block.timestamp });
    }
    return news;
  }

  private isKnown({ changedBlock, contract }: EscrowRow, block: number): boolean {
    return !this.stale.has(contract as Hex) && changedBlock !== null && changedBlock >= block;
  }

  /** An id that another deposit took before ours came says nothing about our payment. */
  private async isOurs(rpc: RpcCaller, row: EscrowRow): Promise<boolean> {
    if (!["pending_deposit", "failed"].includes(row.status)) return true;
    const payment = this.deps.queries.find(row.paymentId);
    return payment !== undefined && isOpenedBy(await readEscrow(rpc, row, "latest"), payment.nonce);
  }

  /** Escrows whose last change the chain does not have any more. */
  private async findUndone(rpc: RpcCaller, contract: Hex, from: number, to: number) {
    const { chain, escrows, queries } = this.deps;
    const rows = escrows.listChangedSince(chain.config.chain_id, contract, from);
    const undone: { row: EscrowRow; now: Undone }[] = [];
    for (const row of rows) {
      const found = await readEscrow(rpc, row, to);
      const nonce = queries.find(row.paymentId)?.nonce;
      const isOurs = nonce !== undefined && isOpenedBy(found, nonce);
      const now = { ...found, status: isOurs ? found.status : undefined };
      if (isUndone(row, now)) undone.push({ row, now });
    }
    return undone;
  }
}
