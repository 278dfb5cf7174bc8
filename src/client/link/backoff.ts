/** How an agent comes back after an unexpected close. */
export interface ReconnectOptions {
  /** Milliseconds before the first attempt, doubled after each; default 200. */
  readonly initialDelayMs?: number;
  /** Default 30,000. */
  readonly maxDelayMs?: number;
  /** Attempts in a row before the agent gives up; default: never. */
  readonly attemptsMax?: number;
}

/** The delays with defaults filled in. */
export interface Backoff {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly attemptsMax: number;
}

/** Fills in the defaults. */
export function toBackoff(options: ReconnectOptions): Backoff {
  return {
    initialDelayMs: options.initialDelayMs ?? 200,
    maxDelayMs: options.maxDelayMs ?? 30_000,
    attemptsMax: options.attemptsMax ?? Number.POSITIVE_INFINITY,
  };
}

/**
 * Returns the milliseconds before attempt `attempt` (from 0): exponential, of which the upper half
 * is random, so that many agents of one steward do not come back at once.
 * @param random in [0, 1)
 */
export function toBackoffMs(backoff: Backoff, attempt: number, random: number): number {
  const full = Math.min(backoff.maxDelayMs, backoff.initialDelayMs * 2 ** Math.min(attempt, 30));
  return Math.round(full / 2 + (full / 2) * random);
}
