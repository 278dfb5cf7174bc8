import type { RequestKey } from "../payments/port.ts";
import type { StewardBody } from "../wire/zone-replies.ts";

type Reply = (body: StewardBody) => void;

/** Calls that may wait for one request's final answer; more are told to ask again. */
const WAITERS_PER_REQUEST_MAX = 64;

/** Callers that wait for a request's final answer; lost on restart, when answers are pushed. */
export class Waiters {
  /** By request; the timer tells a caller that it has to wait longer. */
  private readonly waiting = new Map<string, Map<Reply, NodeJS.Timeout | undefined>>();

  /**
   * Adds a caller, which `pending` tells after `waitMs` that it has to wait; it still gets the final answer.
   * @param waitMs 0 tells it at once
   */
  add(key: RequestKey, reply: Reply, waitMs: number, pending: () => void): void {
    const id = toId(key);
    const replies = this.waiting.get(id) ?? new Map<Reply, NodeJS.Timeout | undefined>();
    if (replies.size >= WAITERS_PER_REQUEST_MAX) return pending();
    this.waiting.set(id, replies);
    const timer = waitMs === 0 ? undefined : setTimeout(pending, waitMs);
    replies.set(reply, timer);
    if (timer === undefined) pending();
  }

  /** Answers everybody who waits; tells whether anybody did. */
  answer(key: RequestKey, body: StewardBody): boolean {
    const id = toId(key);
    const replies = this.waiting.get(id);
    if (replies === undefined) return false;
    this.waiting.delete(id);
    for (const [reply, timer] of replies) {
      // Most are answered long before the timer: it must not keep request and reply in memory until
      // then.
      clearTimeout(timer);
      reply(body);
    }
    return true;
  }

  /**
   * Tells everybody who waits that they have to go on, at once; they still get the final answer.
   * Tells whether anybody did.
   */
  tell(key: RequestKey, body: StewardBody): boolean {
    const replies = this.waiting.get(toId(key));
    if (replies === undefined) return false;
    for (const [reply, timer] of replies) {
      clearTimeout(timer);
      replies.set(reply, undefined);
      reply(body);
    }
    return true;
  }

  /** Tells whether somebody waits for any answer. */
  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  /** Ends the timers. */
  clear(): void {
    for (const replies of this.waiting.values()) {
      for (const timer of replies.values()) clearTimeout(timer);
    }
    this.waiting.clear();
  }
}

function toId({ zoneId, nodeId, requestId }: RequestKey): string {
  return `${zoneId}:${nodeId}:${requestId}`;
}
