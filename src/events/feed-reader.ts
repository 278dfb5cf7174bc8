import type { EventFilter } from "../store/events/events.ts";
import type { HeadRow } from "../store/events/heads.ts";
import { toEventBody, toFrame } from "./event-body.ts";
import type { EventLog } from "./event-log.ts";
import { type Present, type PresentSession, toHeadEvent, type VolatileEvent } from "./present.ts";
import { expandTypes } from "./types.ts";

/** Who reads, and from where on. */
export interface FeedQuery extends EventFilter {
  /** Whole names, or families that end in `.*`. */
  readonly types?: readonly string[] | undefined;
  /** The last event that the reader knows; undefined: what happens from now on. */
  readonly after?: number | undefined;
  /** Whether the reader may still read. */
  readonly isAllowed: () => boolean;
}

export interface FeedReaderDeps {
  readonly log: EventLog;
  readonly present: Present;
  readonly findHead: (zoneId: string) => HeadRow | undefined;
  readonly listHeads: (after: string, limit: number) => readonly HeadRow[];
}

/** What is made at once, and no more before the reader has taken it. */
const CHUNK_CHARS = 16_384;
/** Of what is not in the log, however little a filter lets through. */
const READS_MAX = 50;
const EVENTS_PER_READ = 50;
const HEADS_PER_READ = 100;

/** The present values that are yet to be told. */
interface Telling {
  readonly sessions: Iterator<PresentSession>;
  /** The zone whose head was told last. */
  zone: string;
}

/**
 * One reader of the feed: what it is to be sent next is read from the log when it has taken what came
 * before, so that one that does not read costs a place in it and no more; `docs/events.md`.
 */
export class FeedReader {
  private readonly deps: FeedReaderDeps;
  private readonly query: FeedQuery;
  /** The last event that was looked at, and the last that was named to the reader. */
  private at: number;
  private named: number;
  private place = -1;
  private telling: Telling | undefined;
  private isGreeted = false;

  constructor(deps: FeedReaderDeps, query: FeedQuery) {
    this.deps = deps;
    this.query = { ...query, types: query.types && expandTypes(query.types) };
    this.at = query.after ?? deps.log.newest();
    this.named = this.at;
  }

  get isAllowed(): boolean {
    return this.query.isAllowed();
  }

  /** What is to be sent next; undefined where there is nothing new, empty where others may go first. */
  next(): string | undefined {
    const parts: string[] = [];
    if (!this.isGreeted) parts.push(this.greet());
    let chars = 0;
    for (let reads = 0; reads < READS_MAX && chars < CHUNK_CHARS; reads++) {
      const { at } = this;
      const part = this.nextPart();
      if (part === undefined) return chars === 0 && reads === 0 ? parts[0] : parts.join("");
      parts.push(part);
      chars += part.length;
      // What a filter passes over was looked at all the same: of the log a part a call, and no more.
      if (this.at > at) break;
    }
    return parts.join("");
  }

  /** A sign of life, which also says how far the log was looked at: a filter may let nothing through. */
  beat(): string {
    if (this.named === this.at) return ":\n\n";
    this.named = this.at;
    return `id: ${this.at}\n\n`;
  }

  private greet(): string {
    this.isGreeted = true;
    return `retry: 2000\nid: ${this.at}\n\n`;
  }

  private nextPart(): string | undefined {
    return this.findGap() ?? this.readLog() ?? this.tellPresent() ?? this.tellChanges();
  }

  /** What retention took, and ids that nobody gave: the reader is told, and goes on after. */
  private findGap(): string | undefined {
    const { log } = this.deps;
    const newest = log.newest();
    const first = log.oldest() ?? newest + 1;
    const before = this.at;
    if (before > newest) {
      this.at = newest;
      return this.toGap({ after: before, newest, reason: "UNKNOWN_ID" }, newest);
    }
    if (before >= first - 1) return undefined;
    const gone = { from: before + 1, to: first - 1, ids: first - 1 - before };
    this.at = first - 1;
    return this.toGap({ after: before, ...gone, reason: "FORGOTTEN" }, this.at);
  }

  private toGap(data: object, id: number): string {
    this.named = id;
    return toFrame("gap", { type: "gap", data }, id);
  }

  private readLog(): string | undefined {
    const { log } = this.deps;
    // A filter that nothing fits looks at a part of the log at a time; the next one comes with the next call.
    const { events, upTo } = log.readAfter(this.at, EVENTS_PER_READ, this.query, CHUNK_CHARS);
    if (upTo === this.at) return undefined;
    this.at = upTo;
    const last = events.at(-1);
    if (last !== undefined) this.named = last.id;
    return events.map((row) => toFrame(row.type, toEventBody(row), row.id)).join("");
  }

  /** At the beginning, and where it is too far behind: everything as it is now. */
  private tellPresent(): string | undefined {
    const { present } = this.deps;
    if (!this.wantsPresent()) return undefined;
    if (present.isForgotten(this.place)) {
      this.place = present.end;
      this.telling = { sessions: present.sessions.values(), zone: "" };
      return toFrame("present", { type: "present", sessions: present.sessions.size });
    }
    const { telling } = this;
    if (telling === undefined) return undefined;
    const { value } = this.fits("session.opened", null) ? telling.sessions.next() : {};
    if (value !== undefined) return toVolatile("session.opened", { ...value, present: true });
    return this.tellHeads(telling);
  }

  private tellHeads(telling: Telling): string | undefined {
    const { zoneId } = this.query;
    const heads = this.fits("zone.head", zoneId ?? null) ? this.listHeads(telling.zone) : [];
    const last = heads.at(-1);
    telling.zone = last?.zoneId ?? "";
    if (last === undefined || zoneId !== undefined) this.telling = undefined;
    if (last === undefined) return undefined;
    return heads.map((head) => this.toText(toHeadEvent(head))).join("");
  }

  private listHeads(after: string): readonly HeadRow[] {
    const { zoneId } = this.query;
    if (zoneId === undefined) return this.deps.listHeads(after, HEADS_PER_READ);
    const head = this.deps.findHead(zoneId);
    return head === undefined ? [] : [head];
  }

  private tellChanges(): string | undefined {
    if (!this.wantsPresent()) return undefined;
    const change = this.deps.present.find(this.place);
    if (change === undefined) return undefined;
    this.place++;
    return this.toText(change);
  }

  private toText(event: VolatileEvent): string {
    return this.fits(event.type, event.zoneId) ? toVolatile(event.type, event.data) : "";
  }

  private wantsPresent(): boolean {
    const { zoneId = null } = this.query;
    return (
      this.fits("zone.head", zoneId) ||
      this.fits("session.opened", null) ||
      this.fits("session.closed", null)
    );
  }

  private fits(type: string, zoneId: string | null): boolean {
    const { zoneId: wanted, types } = this.query;
    if (wanted !== undefined && wanted !== zoneId) return false;
    return types === undefined || types.includes(type);
  }
}

function toVolatile(type: string, data: object): string {
  return toFrame(type, { type, data });
}
