import type { StewardBody } from "../../wire/zone-replies.ts";
import type { RequestKey } from "../payment-port.ts";

type Reply = (body: StewardBody) => void;

/** Calls that may wait for one request's final answer; more are told to ask again. */
const WAITERS_PER_REQUEST_MAX = 64;

/** Callers that wait for a request's final answer; lost on restart, when answers are pushed. */
export class Waiters {
  private readonly waiting = new Map<string, Set<Reply>>();
  private readonly timers = new Set<NodeJS.Timeout>();

  /**
   * Adds a caller; it is told `pending()` after `waitMs` and still gets the final answer.
   * @param waitMs 0 tells it at once
   */
  add(key: RequestKey, reply: Reply, waitMs: number, pending: () => StewardBody): void {
    const id = toId(key);
    const replies = this.waiting.get(id) ?? new Set();
    if (replies.size >= WAITERS_PER_REQUEST_MAX) return reply(pending());
    this.waiting.set(id, replies.add(reply));
    if (waitMs === 0) return reply(pending());
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (replies.has(reply)) reply(pending());
    }, waitMs);
    this.timers.add(timer);
  }

  /** Answers everybody who waits; tells whether anybody did. */
  settle(key: RequestKey, body: StewardBody): boolean {
    const id = toId(key);
    const replies = this.waiting.get(id);
    if (replies === undefined) return false;
    this.waiting.delete(id);
    for (const reply of replies) reply(body);
    replies.clear();
    return true;
  }

  /** Tells whether somebody waits for any answer. */
  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  /** Ends the timers. */
  clear(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.waiting.clear();
  }
}

function toId({ nodeId, requestId }: RequestKey): string {
  return `${nodeId}:${requestId}`;
}
