/** How far apart repetitions are: each pause may be twice as long as the one before. */
export interface Backoff {
  /** The longest that the first pause may be. */
  readonly firstMs: number;
  /** The longest that any may be. */
  readonly maxMs: number;
}

const DOUBLINGS_MAX = 52;

/** The longest pause after so many failures in a row, from 1 on. */
export function toPauseMsMax({ firstMs, maxMs }: Backoff, failures: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, DOUBLINGS_MAX));
}

/**
 * A pause after so many failures in a row, anywhere up to the longest, so that those who failed together do
 * not come back together; what the other side asked for is kept to, up to the longest of all.
 * @param random from 0 to 1
 * @param retryAfterMs what the other side asked for
 */
export function toPauseMs(
  backoff: Backoff,
  failures: number,
  random: number,
  retryAfterMs = 0,
): number {
  const pauseMs = Math.ceil(toPauseMsMax(backoff, failures) * random);
  return Math.max(pauseMs, Math.min(retryAfterMs, backoff.maxMs));
}
