const WINDOW_SECS = 60;

/**
 * Sums amounts over the last minute, by the second. Times are a monotonic clock's: the wall clock may be
 * set. Each node has some of these, and most are nearly empty: only seconds that something counts in are kept.
 */
export class SlidingWindow {
  /** Rising, with what counts in each. */
  private readonly seconds: number[] = [];
  private readonly amounts: number[] = [];
  private lastSecond = 0;
  private total = 0;

  /**
   * Adds an amount where the sum stays within `max`; tells whether it did.
   * @param ageMs how long before `nowMs` it counts, less than a minute; it leaves that much earlier
   */
  take(amount: number, max: number, nowMs: number, ageMs = 0): boolean {
    this.advance(Math.floor(nowMs / 1000));
    if (this.total + amount > max) return false;
    const oldest = this.lastSecond - WINDOW_SECS + 1;
    this.add(Math.max(0, oldest, Math.floor((nowMs - ageMs) / 1000)), amount);
    this.total += amount;
    return true;
  }

  /** Milliseconds until something leaves the window. */
  retryAfterMs(nowMs: number): number {
    this.advance(Math.floor(nowMs / 1000));
    const [first] = this.seconds;
    return first === undefined ? 1 : Math.max(1, (first + WINDOW_SECS) * 1000 - nowMs);
  }

  /** Tells whether nothing is left in the window. */
  isEmpty(nowMs: number): boolean {
    this.advance(Math.floor(nowMs / 1000));
    return this.total === 0;
  }

  private add(second: number, amount: number): void {
    if (amount === 0) return;
    const { seconds, amounts } = this;
    let at = seconds.length;
    while (at > 0 && (seconds[at - 1] as number) > second) at--;
    if (at > 0 && seconds[at - 1] === second) {
      amounts[at - 1] = (amounts[at - 1] as number) + amount;
    } else {
      seconds.splice(at, 0, second);
      amounts.splice(at, 0, amount);
    }
  }

  private advance(second: number): void {
    if (second <= this.lastSecond) return;
    this.lastSecond = second;
    const { seconds, amounts } = this;
    let gone = 0;
    while (gone < seconds.length && (seconds[gone] as number) <= second - WINDOW_SECS) {
      this.total -= amounts[gone] as number;
      gone++;
    }
    if (gone === 0) return;
    seconds.splice(0, gone);
    amounts.splice(0, gone);
  }
}
