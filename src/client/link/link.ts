import type { AgentError } from "../agent-error.ts";
import { asAgentError } from "../agent-error.ts";
import { sleep } from "../deadline.ts";
import { type Backoff, toBackoffMs } from "./backoff.ts";
import { Connection, type ConnectionHandlers, type DialSettings } from "./connection.ts";

/** What a link tells about its connections. */
export interface LinkHandlers extends ConnectionHandlers {
  /** A session is verified; called before any of its frames is handed on. */
  onUp(connection: Connection): void;
  /** A session ended; `willReconnect` says whether another will be tried. */
  onDown(error: AgentError, willReconnect: boolean): void;
  /** No session is there and none will come. */
  onEnd(error: AgentError): void;
}

/** How a link dials; `backoff` undefined: it does not come back. */
export interface LinkSettings {
  readonly dial: DialSettings;
  readonly backoff: Backoff | undefined;
}

/** Codes and reasons after which dialling again cannot help or would do harm. */
const FINAL_CODES: ReadonlySet<number | string> = new Set([
  1001,
  1002,
  1004,
  "identity_mismatch",
  "identity_unproven",
  "closed",
]);
const FINAL_REASONS: ReadonlySet<string | undefined> = new Set(["REPLACED"]);
/** A banned node does not ask before this. */
const BANNED_DELAY_MS = 60_000;

/** Keeps one verified session with a steward: the first by `open`, later ones by itself. */
export class Link {
  readonly #settings: LinkSettings;
  readonly #handlers: LinkHandlers;
  readonly #stop = new AbortController();
  #dial: DialSettings;
  #connection: Connection | undefined;
  #ended = false;

  private constructor(settings: LinkSettings, handlers: LinkHandlers) {
    this.#settings = settings;
    this.#handlers = handlers;
    this.#dial = settings.dial;
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
    // Whoever answers later at this URL must be the same node.
    link.#dial = { ...settings.dial, expectNodeId: connection.peer.nodeId };
    if (!connection.peer.proven) link.#dial = settings.dial;
    link.#take(connection);
    return link;
  }

  /** The session there is now. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Says goodbye and ends for good. */
  async close(error: AgentError): Promise<void> {
    if (this.#ended) return;
    this.#stop.abort(error);
    const connection = this.#connection;
    this.#end(error);
    await connection?.close();
  }

  #take(connection: Connection): void {
    if (this.#ended) {
      connection.close();
      return;
    }
    this.#connection = connection;
    this.#handlers.onUp(connection);
    connection.start();
    connection.closed.then((error) => this.#lose(error));
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
    for (let attempt = 0; attempt < backoff.attemptsMax; attempt++) {
      const delayMs = toBackoffMs(backoff, attempt, Math.random());
      await sleep(Math.max(delayMs, toAskedDelayMs(error)), this.#stop.signal);
      if (this.#ended) return;
      try {
        return this.#take(await Connection.dial(this.#dial, this.#handlers, this.#stop.signal));
      } catch (thrown) {
        error = asAgentError(thrown, "connection_failed");
        if (isFinal(error)) break;
      }
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

function isFinal(error: AgentError): boolean {
  return FINAL_CODES.has(error.code) || FINAL_REASONS.has(error.reason);
}

function toAskedDelayMs(error: AgentError): number {
  return error.retryAfterMs ?? (error.reason === "BANNED" ? BANNED_DELAY_MS : 0);
}
