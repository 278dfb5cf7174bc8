import type { CountedLimit, Counters } from "../base/counters.ts";
import { StewardError } from "../errors.ts";
import type { Store, Write } from "../store/database.ts";
import { toShare } from "../store/usage.ts";
import type { DirectMessageQueries } from "../store/zones/direct-messages.ts";
import type { AtlasMessage } from "../wire/messages.ts";
import type { ZonesConfig } from "../zones/config.ts";
import { fitsMessages } from "../zones/fits.ts";
import {
  fromStoredMessage,
  type PackedMessage,
  toSentMessage,
  toStoredMessage,
} from "../zones/stored-message.ts";

const KEPT_SECS = 86_400;
/** Room comes as receivers take what waits. */
const FULL_RETRY_MS = 60_000;
/** No more is handed to a connection that has yet to send as much: it would close as too slow. */
const BACKLOG_BYTES_MAX = 1024 * 1024;
/** Longer ones are handed over one at a time. */
const LARGE_CHARS = 128 * 1024;
const RESUME_MS = 25;

/** What may wait; keys of the configuration's `zones`. Bytes are those of the messages' JSON text. */
export type DirectMessageLimits = Pick<
  ZonesConfig,
  | "direct_messages_per_receiver"
  | "direct_messages_per_sender"
  | "direct_bytes_max"
  | "direct_bytes_per_receiver"
  | "direct_bytes_per_sender"
>;

export interface DirectMessageDeps {
  readonly store: Store;
  readonly queries: DirectMessageQueries;
  readonly now: () => number;
  readonly limits: DirectMessageLimits;
  readonly counters: Counters;
  /** Sends a message to every session of a node; tells whether there was one. */
  readonly forward: (nodeId: string, message: AtlasMessage) => boolean;
  readonly isOnline: (nodeId: string) => boolean;
  /** Bytes that the fullest of a node's connections has yet to send. */
  readonly backlogOf: (nodeId: string) => number;
}

/**
 * Carries messages between two nodes that share a zone. Each is stored until its receiver
 * acknowledges it, at most 24 h, and delivered again on every new session until then, so that the
 * receiver may see an id twice; `docs/protocol.md` §5.
 */
export class DirectMessages {
  private readonly deps: DirectMessageDeps;
  /** Delivered and not yet acknowledged, by receiver: acks of anything else cost no query. */
  private readonly delivered = new Map<string, Set<string>>();
  /** Receivers that are handed what waits piece by piece. */
  private readonly paced = new Map<string, NodeJS.Timeout>();

  constructor(deps: DirectMessageDeps) {
    this.deps = deps;
  }

  /**
   * Takes a message.
   * @returns the status of its MessageAck
   * @throws StewardError 2003 without a shared zone, 4001 where too many wait already
   */
  accept(write: Write, message: PackedMessage): "relayed" | "waiting" {
    const { store, queries } = this.deps;
    const { from, to } = message;
    if (!queries.shareZone(from, to)) {
      throw new StewardError(2003, { message: "to: no node that shares a zone with you" });
    }
    if (!fitsMessages(message.body)) {
      throw new StewardError(2003, { message: "The message does not fit an envelope." });
    }
    const text = toStoredMessage(message);
    this.assertRoom(from, to, text);
    const place = queries.insertDirect(write, {
      sender: from,
      receiver: to,
      messageId: message.id,
      message: text,
      createdAt: this.deps.now(),
    });
    store.gate(() => {
      // A handover in slices is under way to this node: the new message follows in its order, not
      // ahead of it.
      if (place !== undefined && this.paced.has(to)) return;
      const backlogMax = text.length < LARGE_CHARS ? BACKLOG_BYTES_MAX : 1;
      if (this.deps.backlogOf(to) < backlogMax || place === undefined)
        this.deliver(to, toSentMessage(message));
      else this.pump(to, place - 1);
    });
    return this.deps.isOnline(to) ? "relayed" : "waiting";
  }

  /** Delivers what waits for a node that has a new session. */
  deliverWaiting(nodeId: string): void {
    this.stopPump(nodeId);
    this.pump(nodeId, 0);
  }

  /** Notes a receiver's acknowledgement. */
  acknowledge(nodeId: string, messageId: string): void {
    const waiting = this.delivered.get(nodeId);
    if (!waiting?.delete(messageId)) return;
    if (waiting.size === 0) this.delivered.delete(nodeId);
    this.deps.store.write((write) => this.deps.queries.deleteDirect(write, nodeId, messageId));
  }

  /** Forgets which deliveries a node without sessions has yet to acknowledge. */
  forget(nodeId: string): void {
    this.delivered.delete(nodeId);
    this.stopPump(nodeId);
  }

  /** Drops some of what waited longer than 24 h. Tells whether more is left. */
  prune(write: Write): boolean {
    return this.deps.queries.pruneDirect(write, this.deps.now() - KEPT_SECS);
  }

  private assertRoom(from: string, to: string, text: string): void {
    const limit = this.findReached(from, to, Buffer.byteLength(text));
    if (limit === undefined) return;
    this.deps.counters.add(limit);
    const isInAll = limit === "zones.direct_bytes_max" || limit === "zones.direct_bytes_per_sender";
    throw new StewardError(4001, {
      reason: "OVERLOADED",
      message: isInAll
        ? "Too many direct messages wait for nodes that do not take them."
        : "Too many direct messages wait for this node.",
      retryAfterMs: FULL_RETRY_MS,
    });
  }

  /** The first limit that another message would exceed. */
  private findReached(from: string, to: string, bytes: number): CountedLimit | undefined {
    const { queries, limits } = this.deps;
    const { total, bySender, totalBytes } = queries.countDirect(from, to);
    if (total >= limits.direct_messages_per_receiver) return "zones.direct_messages_per_receiver";
    if (bySender >= limits.direct_messages_per_sender) return "zones.direct_messages_per_sender";
    if (totalBytes + bytes > limits.direct_bytes_per_receiver) {
      return "zones.direct_bytes_per_receiver";
    }
    const own = queries.directBytesOf(from) + bytes;
    if (own > limits.direct_bytes_per_sender) return "zones.direct_bytes_per_sender";
    const { direct_bytes_max: max, direct_bytes_per_sender: each } = limits;
    const isOver = own > toShare(queries.directBytesInAll(), max, each);
    return isOver ? "zones.direct_bytes_max" : undefined;
  }

  /** Hands over what waits after a place, at the pace at which the receiver takes it. */
  private pump(nodeId: string, place: number): void {
    let after = place;
    let chars = 0;
    const room = BACKLOG_BYTES_MAX - this.deps.backlogOf(nodeId);
    while (chars < room) {
      const row = this.deps.queries.findNextDirect(nodeId, after);
      if (row === undefined) break;
      after = row.id;
      chars += row.message.length;
      this.deliver(nodeId, fromStoredMessage(row.message));
    }
    const isDone = chars < Math.min(room, LARGE_CHARS);
    if (isDone || !this.deps.isOnline(nodeId)) return this.stopPump(nodeId);
    const resume = () => this.deps.store.gate(() => this.pump(nodeId, after));
    this.paced.set(nodeId, setTimeout(resume, RESUME_MS).unref());
  }

  private stopPump(nodeId: string): void {
    clearTimeout(this.paced.get(nodeId));
    this.paced.delete(nodeId);
  }

  private deliver(nodeId: string, message: AtlasMessage): void {
    if (!this.deps.forward(nodeId, message)) return;
    const waiting = this.delivered.get(nodeId) ?? new Set();
    this.delivered.set(nodeId, waiting.add(message.id));
  }
}
