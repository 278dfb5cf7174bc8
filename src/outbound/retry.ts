import { setTimeout as wait } from "node:timers/promises";
import { type Backoff, toPauseMs } from "./backoff.ts";

/** How often something is repeated at most, and until when. */
export interface RetryOptions {
  readonly attemptsMax: number;
  readonly backoff: Backoff;
  /** Nothing begins later: milliseconds of `performance.now`. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** That another attempt may be made, and when at the earliest, where the other side said so. */
export interface Again {
  readonly retryAfterMs: number | undefined;
}

/**
 * Runs an attempt, and others after pauses, as long as what came of one says that another is safe and of use:
 * only the caller knows. What is thrown is not repeated.
 * @returns what came of the last one
 * @throws what an attempt throws; AbortError where the signal ends a pause
 */
export async function retry<T>(
  { attemptsMax, backoff, deadlineMs, signal }: RetryOptions,
  attempt: () => Promise<T>,
  findAgain: (outcome: T) => Again | undefined,
): Promise<T> {
  for (let count = 1; ; count++) {
    const outcome = await attempt();
    const again = count < attemptsMax && !signal.aborted ? findAgain(outcome) : undefined;
    if (again === undefined) return outcome;
    const { retryAfterMs = 0 } = again;
    const pauseMs = Math.max(toPauseMs(backoff, count, Math.random()), retryAfterMs);
    if (performance.now() + pauseMs >= deadlineMs) return outcome;
    await wait(pauseMs, undefined, { signal });
  }
}
