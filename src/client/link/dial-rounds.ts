import { type AgentError, asAgentError } from "../agent-error.ts";
import { monotonicMs } from "../deadline.ts";
import type { Connection, DialSettings } from "./connection.ts";

/** Codes and reasons after which dialling the same node again cannot help or would do harm. */
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

/** What one round over some nodes came to: a session, or why there is none. */
type Round =
  | { readonly connection: Connection; readonly dial: DialSettings }
  | {
      readonly connection?: undefined;
      readonly error: AgentError | undefined;
      /** Whether no node could be reached by dialling again. */
      readonly isFinal: boolean;
    };

/** Dials nodes one after the other until one answers, and none before it asked to be dialled again. */
export class DialRounds {
  readonly #dial: (settings: DialSettings) => Promise<Connection>;
  /** By URL, monotonic milliseconds. */
  readonly #notBefore = new Map<string, number>();

  constructor(dial: (settings: DialSettings) => Promise<Connection>) {
    this.#dial = dial;
  }

  /** Notes why a node ended a session or refused one. */
  note(url: string, error: AgentError): void {
    const delayMs = error.retryAfterMs ?? (error.reason === "BANNED" ? BANNED_DELAY_MS : 0);
    if (delayMs > 0) this.#notBefore.set(url, monotonicMs() + delayMs);
    else this.#notBefore.delete(url);
  }

  /** Milliseconds until the first of the nodes may be dialled; 0 means now. */
  waitMs(dials: readonly DialSettings[]): number {
    const now = monotonicMs();
    const waits = dials.map(({ url }) => Math.max(0, (this.#notBefore.get(url) ?? 0) - now));
    return waits.length === 0 ? 0 : Math.min(...waits);
  }

  /** Dials each node that may be dialled now; stops at the first session, or when it is not wanted. */
  async run(dials: readonly DialSettings[], isOver: () => boolean): Promise<Round> {
    let first: AgentError | undefined;
    let finals = 0;
    for (const dial of dials) {
      if (isOver()) break;
      if (this.waitMs([dial]) > 0) continue;
      try {
        return { connection: await this.#dial(dial), dial };
      } catch (thrown) {
        const error = asAgentError(thrown, "connection_failed");
        this.note(dial.url, error);
        first ??= error;
        if (isFinal(error)) finals += 1;
      }
    }
    return { error: first, isFinal: dials.length > 0 && finals === dials.length };
  }
}

/** Tells whether dialling the same node again would be for nothing. */
export function isFinal(error: AgentError): boolean {
  return FINAL_CODES.has(error.code) || FINAL_REASONS.has(error.reason);
}
