import { StewardError } from "../errors.ts";
import type { Store } from "../store/database.ts";
import type { DirectMessageQueries } from "../store/direct-message-queries.ts";
import type { AtlasMessage } from "../wire/messages.ts";

const KEPT_SECS = 86_400;

export interface DirectMessageLimits {
  /** Messages that may wait for one receiver. */
  readonly perReceiver: number;
  /** Of these, by one sender. */
  readonly perSender: number;
}

export interface DirectMessageDeps {
  readonly store: Store;
  readonly queries: DirectMessageQueries;
  readonly now: () => number;
  readonly limits: DirectMessageLimits;
  /** Sends a message to every session of a node; tells whether there was one. */
  readonly forward: (nodeId: string, message: AtlasMessage) => boolean;
  readonly isOnline: (nodeId: string) => boolean;
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

  constructor(deps: DirectMessageDeps) {
    this.deps = deps;
  }

  /**
   * Takes a message; call inside a write.
   * @returns the status of its MessageAck
   * @throws StewardError 2003 without a shared zone, 4001 where too many wait already
   */
  accept(message: AtlasMessage): "relayed" | "waiting" {
    const { store, queries, limits } = this.deps;
    const { from, to } = message;
    if (!queries.shareZone(from, to)) {
      throw new StewardError(2003, { message: "to: no node that shares a zone with you" });
    }
    const { total, bySender } = queries.countDirect(from, to);
    if (total >= limits.perReceiver || bySender >= limits.perSender) {
      throw new StewardError(4001, {
        reason: "OVERLOADED",
        message: "Too many direct messages wait for this node.",
      });
    }
    queries.insertDirect({
      sender: from,
      receiver: to,
      messageId: message.id,
      message: JSON.stringify(message),
      createdAt: this.deps.now(),
    });
    store.gate(() => this.deliver(to, message));
    return this.deps.isOnline(to) ? "relayed" : "waiting";
  }

  /** Delivers what waits for a node that has a new session. */
  deliverWaiting(nodeId: string): void {
    for (const row of this.deps.queries.listDirect(nodeId)) {
      this.deliver(nodeId, JSON.parse(row.message) as AtlasMessage);
    }
  }

  /** Notes a receiver's acknowledgement. */
  acknowledge(nodeId: string, messageId: string): void {
    const waiting = this.delivered.get(nodeId);
    if (!waiting?.delete(messageId)) return;
    if (waiting.size === 0) this.delivered.delete(nodeId);
    this.deps.store.write(() => this.deps.queries.deleteDirect(nodeId, messageId));
  }

  /** Forgets which deliveries a node without sessions has yet to acknowledge. */
  forget(nodeId: string): void {
    this.delivered.delete(nodeId);
  }

  /** Drops what waited longer than 24 h; call inside a write. */
  prune(): void {
    this.deps.queries.pruneDirect(this.deps.now() - KEPT_SECS);
  }

  private deliver(nodeId: string, message: AtlasMessage): void {
    if (!this.deps.forward(nodeId, message)) return;
    const waiting = this.delivered.get(nodeId) ?? new Set();
    this.delivered.set(nodeId, waiting.add(message.id));
  }
}
