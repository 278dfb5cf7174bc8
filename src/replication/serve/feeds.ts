import { type Position, toDigestOfText } from "../../protocol/commit.ts";
import type { LogPosition } from "../../protocol/log-chain.ts";
import type { Store } from "../../store/database.ts";
import type { CommitQueries, MadeCommit } from "../../store/replication/commits.ts";
import type { LogRow } from "../../store/zones/log.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import type { ReplicationConfig } from "../config.ts";
import type { LinkSession } from "../links/link-port.ts";
import { Feed, type FeedDeps } from "./feed.ts";
import { type AskedFeed, type HeldCopy, planFeed } from "./plan-feed.ts";
import { RecentCommits } from "./recent-commits.ts";

/** After that long without anything else, `released` is told alone; `docs/protocol.md` §9.5. */
const RELEASED_ALONE_MS = 50;
/** How long feeds keep the event loop at a time. */
const SLICE_MS = 8;
/** Snapshots rest as long as what they sent has taken, so many times. */
const COPY_REST = 1.5;
/** How soon a link that had too much to send is looked at again. */
const CROWDED_MS = 20;

export interface FeedsDeps extends Omit<FeedDeps, "recent"> {
  readonly store: Pick<Store, "gate" | "onRollback" | "onUndone">;
  readonly zones: FeedDeps["zones"] & Pick<ZoneQueries, "findEntryHash">;
  readonly commits: FeedDeps["commits"] & Pick<CommitQueries, "findCommit">;
  readonly genesisOf: (zoneId: string) => string;
  /** Hears that a node is sent a zone no more. */
  readonly onEnd: (zoneId: string, nodeId: string) => void;
  readonly limits: Pick<ReplicationConfig, "link_window_bytes" | "link_unsent_bytes_max">;
}

/** A zone.replicate that the rules of `docs/protocol.md` §9.5 have let. */
export interface AskedSubscription extends AskedFeed {
  readonly zoneId: string;
  readonly window: number;
  /** The highest commit that as many as the zone's rule asks for hold, as of now. */
  readonly released?: number;
}

interface ServedZone {
  readonly feeds: Set<Feed>;
  /** The last commit that is durable. */
  upTo: number;
  released: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * All that this steward sends to followers. Nothing is queued for anyone: what there is room for is read
 * when there is, a short while at a time; `docs/protocol.md` §9.5, §9.6 and §9.12.
 */
export class Feeds implements AsyncDisposable {
  private readonly deps: FeedsDeps;
  private readonly zones = new Map<string, ServedZone>();
  private readonly recent = new RecentCommits();
  private isScheduled = false;
  private restTimer: NodeJS.Timeout | undefined;
  /** Before then no snapshot goes on. */
  private copyAtMs = 0;

  constructor(deps: FeedsDeps) {
    this.deps = deps;
    deps.store.onUndone(() => this.recent.clear());
    deps.store.onRollback(() => this.rewind());
  }

  /**
   * Begins to send a zone to a follower, in place of what it was sent before.
   * @returns whether it holds a commit that this steward holds, which counts as an acknowledgement
   */
  open(link: LinkSession, epoch: number, asked: AskedSubscription): boolean {
    const { zoneId } = asked;
    const row = this.deps.replicated.findReplicated(zoneId);
    if (row === undefined) throw new Error(`${zoneId} is not replicated.`);
    this.close(zoneId, link.nodeId);
    const log = this.logAt(zoneId, asked);
    const plan = planFeed(this.holdingsOf(zoneId, log), asked);
    const feed = new Feed({ ...this.deps, recent: this.recent }, link, epoch, asked);
    feed.start(plan, log);
    const zone = this.zones.get(zoneId) ?? this.createZone(row);
    this.zones.set(zoneId, zone);
    zone.upTo = row.n;
    zone.released = Math.max(zone.released, asked.released ?? 0);
    zone.feeds.add(feed);
    this.schedule();
    this.tellSoon(zone);
    return plan.feed === "stream";
  }

  /** The digest of this steward's own commit of a follower's number, where that can be told. */
  digestFor(zoneId: string, { n, digest, epoch }: Position): string | undefined {
    return this.isHeld(zoneId, { n, digest, epoch }) ? digest : this.digestAt(zoneId, n);
  }

  /** Ends what a node is sent of a zone. */
  close(zoneId: string, nodeId: string): void {
    for (const feed of this.feedsOf(zoneId)) {
      if (feed.link.nodeId === nodeId) this.remove(feed);
    }
  }

  /** Ends what went over a link. */
  closeLink(linkId: string): void {
    for (const { feeds } of this.zones.values()) {
      for (const feed of feeds) if (feed.link.id === linkId) this.remove(feed);
    }
  }

  /** Ends what was asked for in other epochs than this one: another steward is primary, or nobody. */
  keepOnly(zoneId: string, epoch: number | undefined): void {
    for (const feed of this.feedsOf(zoneId)) if (feed.epoch !== epoch) this.remove(feed);
  }

  /** Goes on in an epoch that keeps its primary; `docs/protocol.md` §9.3. */
  enterEpoch(zoneId: string, epoch: number): void {
    for (const feed of this.feedsOf(zoneId)) {
      if (feed.epoch === epoch) continue;
      feed.enterEpoch(epoch);
      this.schedule();
    }
  }

  /** Sends what was committed; call inside the write that did. */
  committed(zoneId: string, commit: MadeCommit, entries: readonly LogRow[] | undefined): void {
    const zone = this.zones.get(zoneId);
    if (zone === undefined) return;
    const { n } = commit;
    this.recent.add(zoneId, commit, entries);
    this.deps.store.gate(() => {
      zone.upTo = Math.max(zone.upTo, n);
      this.schedule();
    });
  }

  /** Tells followers the highest commit that as many as the zone's rule asks for hold. */
  released(zoneId: string, n: number): void {
    const zone = this.zones.get(zoneId);
    if (zone === undefined || n <= zone.released) return;
    zone.released = n;
    this.tellSoon(zone);
  }

  /**
   * Takes an acknowledgement of a commit. One with another digest than this steward's ends the
   * subscription.
   * @returns whether the follower holds what this steward holds; undefined where that cannot be told
   */
  acknowledge(zoneId: string, nodeId: string, n: number, digest: string): boolean | undefined {
    const own = this.digestAt(zoneId, n);
    if (own === undefined) return undefined;
    if (own !== digest) {
      this.close(zoneId, nodeId);
      return false;
    }
    for (const feed of this.feedsOf(zoneId)) {
      if (feed.link.nodeId === nodeId) feed.acknowledge(n);
    }
    this.schedule();
    return true;
  }

  /** Takes an acknowledgement of a snapshot's chunk. */
  acknowledgeChunk(zoneId: string, nodeId: string, snapshot: string, index: number): void {
    for (const feed of this.feedsOf(zoneId)) {
      if (feed.link.nodeId === nodeId) feed.acknowledgeChunk(snapshot, index);
    }
    this.schedule();
  }

  /** Tells whether a node is being sent a zone. */
  isServed(zoneId: string, nodeId: string): boolean {
    return [...this.feedsOf(zoneId)].some(({ link }) => link.nodeId === nodeId);
  }

  /** What must be kept of a zone for the snapshots under way: commits and entries after these. */
  pinned(zoneId: string): { readonly n: number; readonly seq: number } | undefined {
    let first: { readonly n: number; readonly seq: number } | undefined;
    for (const { pinned } of this.feedsOf(zoneId)) {
      if (pinned === undefined) continue;
      first = {
        n: Math.min(pinned.n, first?.n ?? pinned.n),
        seq: Math.min(pinned.seq, first?.seq ?? pinned.seq),
      };
    }
    return first;
  }

  /** Sends nothing more. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const zoneId of this.zones.keys()) this.keepOnly(zoneId, undefined);
    clearTimeout(this.restTimer);
  }

  private createZone(row: { readonly n: number; readonly released: number }): ServedZone {
    return { feeds: new Set(), upTo: row.n, released: row.released, timer: undefined };
  }

  private feedsOf(zoneId: string): ReadonlySet<Feed> {
    return this.zones.get(zoneId)?.feeds ?? new Set();
  }

  private remove(feed: Feed): void {
    const zone = this.zones.get(feed.zoneId);
    if (zone?.feeds.delete(feed) !== true) return;
    this.deps.onEnd(feed.zoneId, feed.link.nodeId);
    if (zone.feeds.size > 0) return;
    clearTimeout(zone.timer);
    this.zones.delete(feed.zoneId);
    this.recent.forget(feed.zoneId);
  }

  private tellSoon(zone: ServedZone): void {
    zone.timer ??= setTimeout(() => this.tellReleased(zone), RELEASED_ALONE_MS).unref();
  }

  /** Whoever has no whole copy yet goes by no such word, and is told it once it has. */
  private tellReleased(zone: ServedZone): void {
    zone.timer = undefined;
    for (const feed of zone.feeds) {
      if (!feed.isCopying && !feed.hasTold(zone.released)) feed.pushReleased(zone.released);
    }
  }

  /** Once what this turn wrote is durable, and all that it wrote at once. */
  private schedule(): void {
    if (this.isScheduled || this.zones.size === 0) return;
    this.isScheduled = true;
    this.deps.store.gate(
      () => queueMicrotask(() => this.pump()),
      () => queueMicrotask(() => this.pump()),
    );
  }

  private pump(): void {
    this.isScheduled = false;
    const endMs = performance.now() + SLICE_MS;
    let isMore = true;
    while (isMore) {
      isMore = false;
      for (const zone of this.zones.values()) {
        for (const feed of zone.feeds) if (this.push(zone, feed)) isMore = true;
        this.forgetSent(zone);
        if (performance.now() < endMs) continue;
        setImmediate(() => this.schedule());
        return;
      }
    }
  }

  private forgetSent({ feeds }: ServedZone): void {
    const [first] = feeds;
    if (first === undefined) return;
    let sent = Number.POSITIVE_INFINITY;
    for (const { sentN } of feeds) sent = Math.min(sent, sentN);
    this.recent.forget(first.zoneId, sent);
  }

  private push(zone: ServedZone, feed: Feed): boolean {
    const bytes = this.roomOf(feed);
    const room = { upTo: zone.upTo, released: zone.released, bytes };
    if (!feed.isCopying) return feed.push(room);
    const startMs = performance.now();
    if (startMs < this.copyAtMs) {
      this.rest(this.copyAtMs - startMs);
      return false;
    }
    const isSent = feed.push(room);
    if (!feed.isCopying) this.tellSoon(zone);
    const endMs = performance.now();
    this.copyAtMs = endMs + (endMs - startMs) * COPY_REST;
    return isSent;
  }

  /** Looks again after a while. */
  private rest(ms: number): void {
    this.restTimer ??= setTimeout(() => {
      this.restTimer = undefined;
      this.schedule();
    }, ms).unref();
  }

  /** Over a link's bounds only what has nothing under way goes on; the fullest pause first. */
  private roomOf(feed: Feed): number {
    const { link_window_bytes: windowMax, link_unsent_bytes_max: unsentMax } = this.deps.limits;
    if (feed.link.bufferedBytes >= unsentMax) {
      this.rest(CROWDED_MS);
      return 0;
    }
    if (feed.unacknowledged === 0) return Number.POSITIVE_INFINITY;
    let bytes = 0;
    for (const { feeds } of this.zones.values()) {
      for (const other of feeds) if (other.link === feed.link) bytes += other.unacknowledged;
    }
    return Math.max(0, windowMax - bytes);
  }

  private rewind(): void {
    for (const [zoneId, zone] of this.zones) {
      const row = this.deps.replicated.findReplicated(zoneId);
      if (row === undefined) {
        this.keepOnly(zoneId, undefined);
        continue;
      }
      zone.upTo = row.n;
      for (const feed of zone.feeds) feed.rewind(row);
    }
    this.schedule();
  }

  /** The digest of this steward's own commit, where it is kept. */
  digestAt(zoneId: string, n: number): string | undefined {
    const row = this.deps.replicated.findReplicated(zoneId);
    return row?.n === n ? row.digest : this.deps.commits.findCommit(zoneId, n)?.digest;
  }

  /** Where the log ended with a follower's commit: as it tells itself, where that one is kept no longer. */
  private logAt(zoneId: string, { position, log: [end] }: AskedFeed): LogPosition {
    const { replicated, commits, zones } = this.deps;
    const row = replicated.findReplicated(zoneId);
    const n = position?.n ?? 0;
    const at = row?.n === n ? row : commits.findCommit(zoneId, n);
    if (at !== undefined) return { seq: at.seq, hash: at.hash };
    const isOwn = end !== undefined && zones.findEntryHash(zoneId, end.seq) === end.hash;
    return isOwn ? { seq: end.seq, hash: end.hash } : { seq: -1, hash: "" };
  }

  /** Whether a follower's commit is this steward's own, by the one after it, and all since are kept. */
  private isHeld(zoneId: string, { n, digest }: Position): boolean {
    const { commits, hash } = this.deps;
    const next = commits.findCommit(zoneId, n + 1);
    return next !== undefined && toDigestOfText(hash, digest, next, next.records) === next.digest;
  }

  private holdingsOf(zoneId: string, log: LogPosition): HeldCopy {
    const { replicated, zones, genesisOf } = this.deps;
    const row = replicated.findReplicated(zoneId);
    if (row === undefined) throw new Error(`${zoneId} is replicated no longer.`);
    const start = zones.findCheckpoint(zoneId) ?? { seq: 0, hash: genesisOf(zoneId) };
    return {
      position: { epoch: row.epoch, n: row.n, digest: row.digest },
      logEnd: { seq: row.seq, hash: row.hash },
      logStart: { seq: start.seq, hash: start.hash },
      hashAt: (seq) => zones.findEntryHash(zoneId, seq),
      holds: (position) => log.seq >= start.seq && this.isHeld(zoneId, position),
    };
  }
}
