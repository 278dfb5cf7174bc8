const BUCKETS = 60;

/**
 * Sums amounts over the last minute, in buckets of a second. Times are a monotonic clock's: the
 * wall clock may be set.
 */
export class SlidingWindow {
  private readonly buckets = new Float64Array(BUCKETS);
  private lastSecond = 0;
  private total = 0;

  /**
   * Adds an amount where the sum stays within `max`; tells whether it did.
   * @param ageMs how long before `nowMs` it counts, less than a minute; it leaves that much earlier
   */
  take(amount: number, max: number, nowMs: number, ageMs = 0): boolean {
    this.advance(Math.floor(nowMs / 1000));
    if (this.total + amount > max) return false;
    const second = Math.max(0, Math.floor((nowMs - ageMs) / 1000));
    const index = Math.max(second, this.lastSecond - BUCKETS + 1) % BUCKETS;
    this.buckets[index] = (this.buckets[index] as number) + amount;
    this.total += amount;
    return true;
  }

  /** Milliseconds until something leaves the window. */
  retryAfterMs(nowMs: number): number {
    this.advance(Math.floor(nowMs / 1000));
    for (let age = BUCKETS - 1; age >= 0; age--) {
      const second = this.lastSecond - age;
      if (second >= 0 && (this.buckets[second % BUCKETS] as number) > 0) {
        return Math.max(1, (second + BUCKETS) * 1000 - nowMs);
      }
    }
    return 1;
  }

  /** Tells whether nothing is left in the window. */
  isEmpty(nowMs: number): boolean {
    this.advance(Math.floor(nowMs / 1000));
    return this.total === 0;
  }

  private advance(second: number): void {
    if (second <= this.lastSecond) return;
    const steps = Math.min(BUCKETS, second - this.lastSecond);
    for (let i = 1; i <= steps; i++) {
      const index = (second - steps + i) % BUCKETS;
      this.total -= this.buckets[index] as number;
      this.buckets[index] = 0;
    }
    this.lastSecond = second;
  }
}
