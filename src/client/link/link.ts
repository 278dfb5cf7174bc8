import { AgentError } from "../agent-error.ts";
import { monotonicMs, sleep } from "../deadline.ts";
import { type Backoff, toBackoffMs } from "./backoff.ts";
import { Connection, type ConnectionHandlers, type DialSettings } from "./connection.ts";
import { DialRounds, isFinal } from "./dial-rounds.ts";

/** What a link tells about its connections. */
export interface LinkHandlers extends ConnectionHandlers {
  /** A session is verified; called before any of its frames is handed on. */
  onUp(connection: Connection): void;
  /** A session ended; `willReconnect` says whether another will be tried. */
  onDown(error: AgentError, willReconnect: boolean): void;
  /** No session is there and none will come. */
  onEnd(error: AgentError): void;
  /** The other nodes that may take the present one's place, in the order in which they are tried. */
  findOthers(): readonly DialTarget[];
}

/** A node that must prove its id, and where it is dialled. */
export interface DialTarget {
  readonly url: string;
  readonly authority: string;
  readonly expectNodeId: string;
}

/** How a link dials; `backoff` undefined: it does not come back. */
export interface LinkSettings {
  readonly dial: DialSettings;
  readonly allowInsecure: boolean;
  readonly backoff: Backoff | undefined;
}

/**
 * Keeps one verified session with a steward: the first by `open`, later ones by itself, with the same
 * node or one of those that may take its place; `docs/protocol.md` §9.14.
 */
export class Link {
  readonly #settings: LinkSettings;
  readonly #handlers: LinkHandlers;
  readonly #stop = new AbortController();
  readonly #rounds: DialRounds;
  #dial: DialSettings;
  #connection: Connection | undefined;
  #moving: Promise<void> | undefined;
  #moves = 0;
  /** Monotonic milliseconds. */
  #moveNotBefore = Number.NEGATIVE_INFINITY;
  #ended = false;

  private constructor(settings: LinkSettings, handlers: LinkHandlers) {
    this.#settings = settings;
    this.#handlers = handlers;
    this.#dial = settings.dial;
    this.#rounds = new DialRounds((dial) =>
      Connection.dial(dial, this.#handlers, this.#stop.signal),
    );
  }

  /**
   * Dials once.
   * @throws AgentError as of `Connection.dial`, or the signal's reason
   */
  static async open(
    settings: LinkSettings,
    handlers: LinkHandlers,
    signal: AbortSignal,
  ): Promise<Link> {
    const link = new Link(settings, handlers);
    const connection = await Connection.dial(link.#dial, handlers, signal);
    link.#take(connection, link.#dial);
    return link;
  }

  /** The session there is now. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Where the newest session was dialled. */
  get url(): string {
    return this.#dial.url;
  }

  /**
   * Dials the other nodes, one after the other, and takes the first session that stands in place of the
   * present one, which is kept until then, and where nobody else answers. Nothing happens within the
   * backoff after the last time: where no node can answer, moving round and round would not help.
   */
  async move(): Promise<void> {
    this.#moving ??= this.#move().finally(() => {
      this.#moving = undefined;
    });
    await this.#moving;
  }

  async #move(): Promise<void> {
    const present = this.#connection;
    const { backoff } = this.#settings;
    const waitedMs = monotonicMs() - this.#moveNotBefore;
    if (backoff === undefined || present === undefined || waitedMs < 0) return;
    if (waitedMs > backoff.maxDelayMs) this.#moves = 0;
    const others = this.#handlers.findOthers().map((target) => this.#toDial(target));
    const found = await this.#rounds.run(others, () => this.#connection !== present);
    const delayMs = toBackoffMs(backoff, this.#moves++, Math.random());
    this.#moveNotBefore = monotonicMs() + delayMs;
    if (found.connection === undefined) return;
    if (this.#ended || this.#connection !== present) {
      found.connection.retire();
      return;
    }
    this.#connection = undefined;
    this.#handlers.onDown(toMoved(), true);
    present.retire();
    this.#take(found.connection, found.dial);
  }

  /** Says goodbye and ends for good. */
  async close(error: AgentError): Promise<void> {
    if (this.#ended) return;
    this.#stop.abort(error);
    const connection = this.#connection;
    this.#end(error);
    await connection?.close();
  }

  #toDial(target: DialTarget): DialSettings {
    return { ...this.#settings.dial, ...target };
  }

  #take(connection: Connection, dial: DialSettings): void {
    if (this.#ended) {
      connection.close();
      return;
    }
    // Whoever answers later at this URL must be the same node.
    const { nodeId, proven } = connection.peer;
    this.#dial = proven ? { ...dial, expectNodeId: nodeId } : dial;
    this.#connection = connection;
    this.#handlers.onUp(connection);
    connection.start();
    connection.closed.then((error) => {
      if (this.#connection === connection) this.#lose(error);
    });
  }

  #lose(error: AgentError): void {
    this.#connection = undefined;
    if (this.#ended) return;
    const willReconnect = this.#settings.backoff !== undefined && !isFinal(error);
    this.#handlers.onDown(error, willReconnect);
    if (willReconnect && this.#settings.backoff !== undefined) {
      this.#reconnect(this.#settings.backoff, error);
    } else this.#end(error);
  }

  async #reconnect(backoff: Backoff, cause: AgentError): Promise<void> {
    let error = cause;
    this.#rounds.note(this.#dial.url, cause);
    for (let attempt = 0; attempt < backoff.attemptsMax; attempt++) {
      const delayMs = toBackoffMs(backoff, attempt, Math.random());
      const others = this.#handlers.findOthers().map((target) => this.#toDial(target));
      const dials = [this.#dial, ...others];
      await sleep(Math.max(delayMs, this.#rounds.waitMs(dials)), this.#stop.signal);
      if (this.#ended) return;
      const found = await this.#rounds.run(dials, () => this.#ended);
      if (found.connection !== undefined) return this.#take(found.connection, found.dial);
      error = found.error ?? error;
      if (this.#ended || found.isFinal) break;
    }
    this.#end(error);
  }

  #end(error: AgentError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stop.abort(error);
    this.#handlers.onEnd(error);
  }
}

function toMoved(): AgentError {
  return new AgentError("connection_failed", {
    reason: "MOVED",
    message: "Another steward of the joined zones takes this one's place.",
  });
}
