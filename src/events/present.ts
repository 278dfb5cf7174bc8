import type { JsonObject } from "../protocol/json.ts";
import type { HeadRow } from "../store/events/heads.ts";
import type { VolatileType } from "./types.ts";

/** What the feed tells and nobody keeps. */
export interface VolatileEvent {
  readonly type: VolatileType;
  readonly zoneId: string | null;
  readonly data: JsonObject;
}

/** A session as the feed tells of it. */
export interface PresentSession {
  readonly session_id: string;
  readonly node_id: string;
  readonly name: string;
}

export interface PresentDeps {
  /** Runs something once what was written is durable. */
  readonly gate: (run: () => void) => void;
  readonly monotonicMs: () => number;
  readonly findHead: (zoneId: string) => HeadRow | undefined;
}

/** Changes that a reader may be behind; further back it is told the present values anew. */
const CHANGES_MAX = 2048;
/** A zone's head is told no more often. */
const HEADS_MS = 1000;

/**
 * Who is connected and where logs end, now: the last changes, bounded, for all readers together. While nobody
 * reads, heads cost nothing.
 */
export class Present implements Disposable {
  /** By session id, the oldest first. */
  readonly sessions = new Map<string, PresentSession>();
  private readonly deps: PresentDeps;
  private readonly changes: VolatileEvent[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly moved = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private toldMs = Number.NEGATIVE_INFINITY;
  private first = 0;

  constructor(deps: PresentDeps) {
    this.deps = deps;
  }

  /** Where the changes end: a reader that has told the present values goes on from there. */
  get end(): number {
    return this.first + this.changes.length;
  }

  /** The change at a place; undefined where it is too far back, or not there yet. */
  find(place: number): VolatileEvent | undefined {
    return this.changes[place - this.first];
  }

  /** Tells whether changes after a place are forgotten. */
  isForgotten(place: number): boolean {
    return place < this.first;
  }

  noteOpened(session: PresentSession): void {
    this.sessions.set(session.session_id, session);
    this.add({ type: "session.opened", zoneId: null, data: { ...session } });
  }

  noteClosed(sessionId: string): void {
    const session = this.sessions.get(sessionId);
    if (!this.sessions.delete(sessionId) || session === undefined) return;
    this.add({ type: "session.closed", zoneId: null, data: { ...session } });
  }

  /** A zone's log has a new entry, which may still be taken back. */
  noteHead(zoneId: string): void {
    if (this.listeners.size === 0) return;
    this.moved.add(zoneId);
    if (this.timer !== undefined) return;
    const waitMs = Math.max(0, this.toldMs + HEADS_MS - this.deps.monotonicMs());
    this.timer = setTimeout(() => this.deps.gate(() => this.tellHeads()), waitMs).unref();
  }

  /** Calls back after changes; returns what ends that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.listeners.clear();
  }

  private tellHeads(): void {
    this.timer = undefined;
    this.toldMs = this.deps.monotonicMs();
    const zoneIds = [...this.moved];
    this.moved.clear();
    for (const zoneId of zoneIds) {
      const head = this.deps.findHead(zoneId);
      if (head !== undefined) this.add(toHeadEvent(head));
    }
  }

  private add(change: VolatileEvent): void {
    if (this.listeners.size === 0) return this.forgetAll();
    this.changes.push(change);
    // Some at once, so that it costs nothing for each.
    if (this.changes.length > 2 * CHANGES_MAX) {
      this.first += CHANGES_MAX;
      this.changes.splice(0, CHANGES_MAX);
    }
    for (const listener of [...this.listeners]) listener();
  }

  /** Nobody reads: whoever comes is told what is then. */
  private forgetAll(): void {
    this.first = this.end + 1;
    this.changes.length = 0;
  }
}

/** Shows where a zone's log ends. */
export function toHeadEvent({ zoneId, seq, hash }: HeadRow): VolatileEvent {
  return { type: "zone.head", zoneId, data: { zone_id: zoneId, seq, hash } };
}
