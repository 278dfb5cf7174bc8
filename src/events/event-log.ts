import type { JsonObject } from "../protocol/json.ts";
import type { Store, Write } from "../store/database.ts";
import {
  type EventFilter,
  type EventPage,
  type EventQueries,
  prepareEventQueries,
} from "../store/events/events.ts";
import { installEventTriggers } from "../store/events/triggers.ts";
import type { EventsConfig } from "./config.ts";
import type { EventType } from "./types.ts";

/** An event that is to be appended. */
export interface NewEvent {
  readonly type: EventType;
  readonly zoneId?: string | undefined;
  /** Whom or what it is about. */
  readonly subject?: string | undefined;
  readonly data: JsonObject;
}

/** What an event log works with. */
export interface EventLogDeps {
  readonly store: Store;
  readonly nowMs: () => number;
  readonly config: { readonly events: EventsConfig };
  /** The database is an older copy's. */
  readonly isRestored: boolean;
}

/** How often what another process wrote is looked for while somebody listens. */
const OTHERS_MS = 1000;

/**
 * The durable log of what happened at this steward; `docs/events.md`. Most events follow from changed rows
 * by `src/store/events/triggers.ts`; what no row tells of is appended. Ids are in the order of commits.
 */
export class EventLog implements Disposable {
  private readonly deps: EventLogDeps;
  private readonly queries: EventQueries;
  private readonly listeners = new Set<() => void>();
  private readonly others: NodeJS.Timeout;
  /** The newest event that a COMMIT made durable. */
  private committed: number;
  private first: number | undefined;
  private headMoved: (zoneId: string) => void = () => undefined;
  private findFloor: () => number | undefined = () => undefined;

  constructor(deps: EventLogDeps) {
    const { store, nowMs } = deps;
    this.deps = deps;
    this.queries = prepareEventQueries(store);
    installEventTriggers(store, {
      nowMs,
      added: (id) => this.added(id),
      headMoved: (zoneId) => this.headMoved(zoneId),
    });
    if (deps.isRestored) {
      store.write((write) => this.queries.noteRestored(write, Math.floor(nowMs())));
    }
    this.committed = this.queries.findNewestEvent();
    this.others = setInterval(() => this.lookForOthers(), OTHERS_MS).unref();
  }

  /** Adds an event within the write that causes it, and returns its id. */
  append(write: Write, { type, zoneId, subject, data }: NewEvent): number {
    const at = Math.floor(this.deps.nowMs());
    const row = { at, type, zoneId: zoneId ?? null, subject: subject ?? null, data };
    const id = this.queries.insertEvent(write, row);
    this.added(id);
    return id;
  }

  /**
   * Reads what came after an event and is durable, in the order of commits. A call looks at a part of the log
   * only: go on from `upTo` until it does not move.
   * @param charsMax what all data together may exceed by one event at most
   */
  readAfter(id: number, limit: number, filter?: EventFilter, charsMax?: number): EventPage {
    if (id >= this.committed) return { events: [], upTo: id };
    return this.queries.readEvents(id, { limit, upTo: this.committed, charsMax }, filter);
  }

  /** The last id of what is durable; 0 before the first one. */
  newest(): number {
    return this.committed;
  }

  /** The first event that is still kept. */
  oldest(): number | undefined {
    this.first ??= this.queries.findOldestEvent();
    return this.first;
  }

  /** Has somebody hear of zones whose log has a new entry, inside its operation. */
  onHeadMoved(listener: (zoneId: string) => void): void {
    this.headMoved = listener;
  }

  /** Calls back after each COMMIT that made events durable, once or more; returns what ends that. */
  onCommitted(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Has events kept until somebody was given them.
   * @param find the last event that everybody was given; undefined where nobody waits
   */
  setFloor(find: () => number | undefined): void {
    this.findFloor = find;
  }

  /** Forgets some events that are too many or too old; tells whether more are left. */
  prune(write: Write): boolean {
    const {
      entries_max: entriesMax,
      kept_secs: keptSecs,
      held_max: heldMax,
    } = this.deps.config.events;
    const from = this.deps.nowMs() - keptSecs * 1000;
    this.first = undefined;
    return this.queries.pruneEvents(write, { entriesMax, from, floor: this.findFloor(), heldMax });
  }

  [Symbol.dispose](): void {
    clearInterval(this.others);
    this.listeners.clear();
  }

  private added(id: number): void {
    this.deps.store.gate(() => this.tell(id));
  }

  private tell(id: number): void {
    if (id <= this.committed) return;
    this.committed = id;
    for (const listener of [...this.listeners]) listener();
  }

  private lookForOthers(): void {
    // What is open in this process is not durable yet; its own COMMIT tells.
    if (this.listeners.size === 0 || this.deps.store.isTurnOpen) return;
    this.tell(this.queries.findNewestEvent());
  }
}
