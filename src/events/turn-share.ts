import { setImmediate } from "node:timers/promises";

/** What readers take together of a turn of the loop, in milliseconds, but for the read with which it is spent. */
const TURN_MS = 5;

/**
 * The part of each turn of the event loop that all readers of the feed have together, however many read: what
 * else the steward does waits for no more than that.
 */
export class TurnShare {
  private spentMs = 0;
  private ending: Promise<void> | undefined;

  /** Whether whoever wants to read is to wait for the next turn. */
  get isSpent(): boolean {
    return this.spentMs >= TURN_MS;
  }

  /** Does some work, which takes from this turn's part. */
  run<T>(work: () => T): T {
    const beganMs = performance.now();
    try {
      return work();
    } finally {
      this.spentMs += performance.now() - beganMs;
      this.ending ??= this.end();
    }
  }

  /** Waits for the next turn; who waits first goes on first, and must look again whether its part is spent. */
  async next(): Promise<void> {
    await this.ending;
  }

  private async end(): Promise<void> {
    await setImmediate();
    this.spentMs = 0;
    this.ending = undefined;
  }
}
