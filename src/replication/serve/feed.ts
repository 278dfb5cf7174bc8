import type { NodeKey } from "../../identity/node-key.ts";
import type { Position } from "../../protocol/commit.ts";
import type { LogPosition } from "../../protocol/log-chain.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import { toSnapshotEndContent } from "../../protocol/snapshot.ts";
import type { CommitQueries, MadeCommit } from "../../store/replication/commits.ts";
import type { ReplicatedZoneQueries } from "../../store/replication/replicated-zones.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { toPacked } from "../../wire/json-to-packed.ts";
import { asLongText, asValue, PackedBytes } from "../../wire/messagepack-encode.ts";
import { signPrimaryHead } from "../../zones/log/signed-head.ts";
import type { LinkSession } from "../links/link-port.ts";
import { type BatchDeps, type CommitText, readBatch } from "./commit-batch.ts";
import type { FeedPlan } from "./plan-feed.ts";
import { SendWindow } from "./send-window.ts";
import { type SnapshotDeps, SnapshotSource } from "./snapshot-source.ts";
import { sliceText } from "./text-slices.ts";

/** The most JSON of a commit that goes whole, and of one of its parts; `docs/protocol.md` §9.5. */
const PART_BYTES_MAX = 1_048_576;
/** How long a snapshot is read at a time. */
const READING_MS = 0.5;

export interface FeedDeps extends SnapshotDeps, BatchDeps {
  readonly key: NodeKey;
  /** Unix seconds. */
  readonly now: () => number;
  readonly zones: Pick<ZoneQueries, "iterateLog" | "findCheckpoint">;
  readonly commits: Pick<CommitQueries, "iterateCommits">;
  readonly replicated: Pick<ReplicatedZoneQueries, "findReplicated">;
  /** The primary of an epoch's envelope; undefined where none is known. */
  readonly primaryOf: (zoneId: string, epoch: number) => string | undefined;
}

/** What a follower asked for, once the rules of `docs/protocol.md` §9.5 have let it. */
export interface FeedAsked {
  readonly zoneId: string;
  /** Bytes sent and not acknowledged. */
  readonly window: number;
}

/** What a feed may send now. */
export interface FeedRoom {
  /** The last commit that is durable here. */
  readonly upTo: number;
  /** The highest commit that as many as the zone's rule asks for hold. */
  readonly released: number;
  /** Bytes, of all of the link's feeds. */
  readonly bytes: number;
}

interface Parts {
  readonly row: MadeCommit;
  readonly slices: readonly string[];
  next: number;
}

/**
 * Sends one zone to one follower over the link on which it asked: a snapshot where it must, then the
 * commits as they come. Whatever it sends it reads when there is room for it; `docs/protocol.md` §9.5,
 * §9.6 and §9.12.
 */
export class Feed {
  readonly link: LinkSession;
  readonly zoneId: string;
  private ofEpoch: number;
  private readonly deps: FeedDeps;
  private readonly commitsSent: SendWindow;
  private readonly chunksSent: SendWindow;
  /** The last commit that was sent, or that the follower has. */
  private sent: { readonly n: number; readonly seq: number; readonly hash: string };
  private snapshot: SnapshotSource | undefined;
  /** Whose chunks are acknowledged, beyond the snapshot's end, too. */
  private snapshotId = "";
  private isBegun = false;
  private parts: Parts | undefined;
  /** n₁: up to it nothing is acknowledged, so that nothing waits for that. */
  private free = 0;
  private told = 0;

  constructor(deps: FeedDeps, link: LinkSession, epoch: number, asked: FeedAsked) {
    this.deps = deps;
    this.link = link;
    this.zoneId = asked.zoneId;
    this.ofEpoch = epoch;
    this.commitsSent = new SendWindow(asked.window);
    this.chunksSent = new SendWindow(asked.window);
    this.sent = { n: 0, seq: 0, hash: "" };
  }

  /** Begins with what was planned for the follower. */
  start(plan: FeedPlan, log: LogPosition): void {
    if (plan.feed === "snapshot") this.startSnapshot(plan.logAfter);
    else this.sent = { n: plan.after.n, ...log };
  }

  /** E, as it stands in what is sent. */
  get epoch(): number {
    return this.ofEpoch;
  }

  /** Bytes sent and not acknowledged. */
  get unacknowledged(): number {
    return this.commitsSent.bytes + this.chunksSent.bytes;
  }

  /** The number of the last commit that was sent, or that the follower has. */
  get sentN(): number {
    return this.sent.n;
  }

  /** Whether a snapshot is under way. */
  get isCopying(): boolean {
    return this.snapshot !== undefined;
  }

  /** From which commit on, and after which entry, everything is still needed for a snapshot under way. */
  get pinned(): { readonly n: number; readonly seq: number } | undefined {
    if (this.snapshot !== undefined) {
      return { n: this.snapshot.of.position.n, seq: this.snapshot.of.logAfter.seq };
    }
    return this.sent.n < this.free ? this.sent : undefined;
  }

  /** Whether the follower was told the highest released commit. */
  hasTold(released: number): boolean {
    return this.told >= released;
  }

  /** Goes on in an epoch that keeps its primary; a snapshot of the former one begins anew. */
  enterEpoch(epoch: number): void {
    this.ofEpoch = epoch;
    this.parts = undefined;
    if (this.snapshot !== undefined) this.startSnapshot(this.snapshot.of.logAfter);
  }

  /** What was sent in this turn is lost with it: goes on after what is still there. */
  rewind(position: Position & LogPosition): void {
    this.parts = undefined;
    if (this.sent.n > position.n) this.sent = position;
    if (this.snapshot !== undefined) this.startSnapshot(this.snapshot.of.logAfter);
  }

  /** Takes an acknowledgement of a commit. */
  acknowledge(n: number): void {
    this.commitsSent.acknowledge(n);
  }

  /** Takes an acknowledgement of a chunk; one of another snapshot does nothing. */
  acknowledgeChunk(snapshot: string, index: number): void {
    if (snapshot === this.snapshotId) this.chunksSent.acknowledge(index);
  }

  /** Sends one message, or reads on for it, if something is to be sent and there is room; tells whether it did. */
  push(room: FeedRoom): boolean {
    if (this.snapshot !== undefined) return this.pushSnapshot(this.snapshot, room);
    if (this.parts !== undefined) return this.pushPart(this.parts, room);
    return this.pushCommits(room);
  }

  /** Tells the highest released commit alone. */
  pushReleased(released: number): void {
    this.told = released;
    this.send({ commits: [], released });
  }

  private pushCommits({ upTo, released, bytes }: FeedRoom): boolean {
    const { sent } = this;
    if (sent.n >= upTo) return false;
    const room = sent.n < this.free ? bytes : Math.min(bytes, this.commitsSent.room);
    if (room <= 0) return false;
    const signs = new Map<number, boolean>();
    const maySign = (of: number): boolean => {
      const known = signs.get(of) ?? this.maySign(of);
      signs.set(of, known);
      return known;
    };
    const mayEndAt = (row: MadeCommit) => row.head !== null || maySign(row.epoch);
    const batch = readBatch(this.deps, { zoneId: this.zoneId, after: sent, upTo, room, mayEndAt });
    if (batch === undefined) return this.restart();
    const last = batch.at(-1);
    if (last === undefined) return false;
    const size = batch.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    if (last.row.n > this.free) this.commitsSent.add(last.row.n, size);
    if (batch.length === 1 && size > PART_BYTES_MAX) {
      this.parts = { row: last.row, slices: sliceText(last.text, PART_BYTES_MAX), next: 0 };
      return this.pushPart(this.parts, { upTo, released, bytes });
    }
    this.sendBatch(batch, last.row, released);
    return true;
  }

  private sendBatch(batch: readonly CommitText[], row: MadeCommit, released: number): void {
    const commits = new PackedBytes(toPacked(`[${batch.map(({ text }) => text).join(",")}]`));
    this.send({ commits: asValue(commits), head: this.headOf(row), released });
    this.wasSent(row);
    this.told = released;
  }

  private wasSent({ n, seq, hash }: MadeCommit): void {
    this.sent = { n, seq, hash };
  }

  private pushPart(parts: Parts, { released }: FeedRoom): boolean {
    const { row, slices } = parts;
    const index = parts.next++;
    const part = { n: row.n, index, of: slices.length, text: slices[index] ?? "" };
    if (index < slices.length - 1) this.send({ part });
    else {
      this.send({ part, head: this.headOf(row), released });
      this.parts = undefined;
      this.wasSent(row);
      this.told = released;
    }
    return true;
  }

  private pushSnapshot(snapshot: SnapshotSource, { bytes }: FeedRoom): boolean {
    if (!this.isBegun) return this.beginSnapshot(snapshot);
    if (Math.min(bytes, this.chunksSent.room) <= 0) return false;
    const endMs = performance.now() + READING_MS;
    const chunk = snapshot.next(() => performance.now() >= endMs);
    if (chunk === "gone") return this.restart();
    if (chunk === undefined) this.endSnapshot(snapshot);
    else if (chunk !== "more") {
      this.sendSnapshot(snapshot, { ...chunk, text: asLongText(chunk.text) });
      this.chunksSent.add(chunk.index, Buffer.byteLength(chunk.text));
    }
    return true;
  }

  private beginSnapshot(snapshot: SnapshotSource): boolean {
    const { position, logAfter, logEnd } = snapshot.of;
    const checkpoint = this.deps.zones.findCheckpoint(this.zoneId);
    this.sendSnapshot(snapshot, {
      position,
      log_after: logAfter,
      head: this.headOf({ ...position, ...logEnd, head: this.keptHead() }),
      ...(checkpoint?.seq === logAfter.seq && { checkpoint: JSON.parse(checkpoint.head) }),
    });
    this.isBegun = true;
    return true;
  }

  private endSnapshot(snapshot: SnapshotSource): void {
    const { key } = this.deps;
    const { position, logEnd } = snapshot.of;
    const upto = this.find().n;
    const { chunks, hash } = snapshot.end;
    const end = { zone_id: this.zoneId, epoch: this.epoch, snapshot: snapshot.id };
    const content = toSnapshotEndContent({ ...end, chunks, hash, upto });
    const signature = Buffer.from(key.sign(content)).toString("hex");
    this.sendSnapshot(snapshot, { chunks, hash, upto, signature, public_key: key.publicKeyHex });
    this.snapshot = undefined;
    this.sent = { n: position.n, ...logEnd };
    this.free = upto;
  }

  /** Begins a snapshot after what the follower certainly has: what was to be sent is kept no longer. */
  private restart(): boolean {
    this.startSnapshot(this.snapshot?.of.logAfter ?? this.sent);
    return true;
  }

  private startSnapshot(logAfter: LogPosition): void {
    const { epoch, n, digest, seq, hash } = this.find();
    const checkpoint = this.deps.zones.findCheckpoint(this.zoneId);
    const isPruned = checkpoint !== undefined && checkpoint.seq > logAfter.seq;
    const after = isPruned ? checkpoint : logAfter;
    this.snapshot = new SnapshotSource(this.deps, {
      zoneId: this.zoneId,
      epoch: this.epoch,
      position: { epoch, n, digest },
      logEnd: { seq, hash },
      logAfter: { seq: after.seq, hash: after.hash },
    });
    this.snapshotId = this.snapshot.id;
    this.isBegun = false;
    this.parts = undefined;
    this.chunksSent.acknowledge(Number.POSITIVE_INFINITY);
    this.commitsSent.acknowledge(Number.POSITIVE_INFINITY);
  }

  private find() {
    const row = this.deps.replicated.findReplicated(this.zoneId);
    if (row === undefined) throw new Error(`${this.zoneId} is replicated no longer.`);
    return row;
  }

  private keptHead(): string | null {
    return this.find().head;
  }

  /** Whether this steward was primary of an epoch from a head's to E. */
  private maySign(headEpoch: number): boolean {
    const { key, primaryOf } = this.deps;
    for (let epoch = this.epoch; epoch >= headEpoch; epoch--) {
      if (primaryOf(this.zoneId, epoch) === key.nodeId) return true;
    }
    return false;
  }

  /** The head of a commit: signed anew where this steward may, else the one that it came with. */
  private headOf(
    at: Pick<MadeCommit, "epoch" | "digest" | "seq" | "hash" | "head">,
  ): PrimaryHead | undefined {
    const { key, now } = this.deps;
    if (!this.maySign(at.epoch)) return at.head === null ? undefined : JSON.parse(at.head);
    return signPrimaryHead(key, this.zoneId, at, now());
  }

  private send(fields: Readonly<Record<string, unknown>>): void {
    const { zoneId, epoch } = this;
    this.link.send({ type: "zone.entries", zone_id: zoneId, epoch, ...fields });
  }

  private sendSnapshot(snapshot: SnapshotSource, fields: Readonly<Record<string, unknown>>): void {
    const { zoneId, epoch } = this;
    const bound = { zone_id: zoneId, epoch, snapshot: snapshot.id };
    this.link.send({ type: "zone.snapshot", ...bound, ...fields });
  }
}
