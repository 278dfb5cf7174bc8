import type { Logger } from "../base/log.ts";
import { StewardError } from "../errors.ts";
import type { Store } from "../store/database.ts";
import { type HeadQueries, prepareHeadQueries } from "../store/events/heads.ts";
import type { EventsConfig } from "./config.ts";
import type { EventLog } from "./event-log.ts";
import { type FeedQuery, FeedReader } from "./feed-reader.ts";
import { Present } from "./present.ts";
import { TurnShare } from "./turn-share.ts";

export interface EventFeedDeps {
  readonly store: Store;
  readonly events: EventLog;
  readonly config: { readonly events: EventsConfig };
  readonly monotonicMs: () => number;
  readonly log: Logger;
}

/** A place that a reader takes. */
class Place {
  isOver = false;
  private woken: () => void = () => undefined;

  wake(): void {
    this.woken();
  }

  end(): void {
    this.isOver = true;
    this.wake();
  }

  /** Waits to be woken; false where nobody does in time. */
  async wait(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.woken = () => resolve(true);
    const timer = setTimeout(resolve, ms, false);
    const isWoken = await promise;
    clearTimeout(timer);
    this.woken = () => undefined;
    return isWoken;
  }
}

const RETRY_MS = 5_000;
const encoder = new TextEncoder();

/** The live feed: the log as it grows, and beside it what nobody keeps; `docs/events.md`. */
export class EventFeed implements Disposable {
  readonly present: Present;
  private readonly deps: EventFeedDeps;
  private readonly heads: HeadQueries;
  private readonly places = new Set<Place>();
  private readonly turn = new TurnShare();
  private readonly stops: (() => void)[] = [];
  private isEnded = false;

  constructor(deps: EventFeedDeps) {
    const { store, monotonicMs } = deps;
    this.deps = deps;
    this.heads = prepareHeadQueries(store);
    const { findHead } = this.heads;
    this.present = new Present({ gate: (run) => store.gate(run), monotonicMs, findHead });
    deps.events.onHeadMoved((zoneId) => this.present.noteHead(zoneId));
  }

  /** How many read now. */
  get readers(): number {
    return this.places.size;
  }

  /**
   * Opens the feed for a reader: `text/event-stream` until the reader goes, may no longer read, or the steward
   * stops.
   * @throws StewardError `rate_limited` where as many read as may, `not_ready` where the steward stops
   */
  open(query: FeedQuery): ReadableStream<Uint8Array> {
    const { readers_max: max } = this.deps.config.events;
    if (this.isEnded) throw new StewardError("not_ready");
    if (this.places.size >= max) {
      throw new StewardError("rate_limited", {
        message: `The feed has ${max} readers, as many as events.readers_max says.`,
        retryAfterMs: RETRY_MS,
      });
    }
    const reader = new FeedReader(
      { log: this.deps.events, present: this.present, ...this.heads },
      query,
    );
    const place = new Place();
    this.enter(place);
    // Whoever reads comes again, and goes on where it was.
    const endBroken = (err: unknown): undefined => {
      this.deps.log.error({ err }, "the log of events could not be read: a reader's feed ends");
    };
    return new ReadableStream(
      {
        pull: async (controller) => {
          const text = await this.readChunk(reader, place).catch(endBroken);
          if (text !== undefined) return controller.enqueue(encoder.encode(text));
          this.leave(place);
          controller.close();
        },
        cancel: () => {
          place.end();
          this.leave(place);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Ends every reader's stream; no other is opened. */
  end(): void {
    this.isEnded = true;
    for (const place of this.places) place.end();
  }

  [Symbol.dispose](): void {
    this.end();
    this.unlisten();
    this.present[Symbol.dispose]();
  }

  /** What a reader is sent next; undefined where its feed is over. */
  private async readChunk(reader: FeedReader, place: Place): Promise<string | undefined> {
    const { heartbeat_ms: heartbeatMs } = this.deps.config.events;
    for (;;) {
      while (this.turn.isSpent) await this.turn.next();
      if (place.isOver || !reader.isAllowed) return undefined;
      const text = this.turn.run(() => reader.next());
      if (text === undefined) {
        if (!(await place.wait(heartbeatMs)) && !place.isOver) return reader.beat();
      } else if (text !== "") return text;
    }
  }

  private enter(place: Place): void {
    if (this.places.size === 0) {
      this.stops.push(this.deps.events.onCommitted(this.wake), this.present.onChange(this.wake));
    }
    this.places.add(place);
  }

  private leave(place: Place): void {
    if (this.places.delete(place) && this.places.size === 0) this.unlisten();
  }

  private unlisten(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  private readonly wake = (): void => {
    for (const place of this.places) place.wake();
  };
}
