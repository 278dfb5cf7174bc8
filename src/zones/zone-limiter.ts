import { StewardError } from "../errors.ts";
import { SlidingWindow } from "../sliding-window.ts";

const TRACKED_MAX = 100_000;

/** The zone-level rate limit, per member and zone; `docs/protocol.md` §7. */
export class ZoneLimiter {
  private readonly perMinute: number;
  private readonly nowMs: () => number;
  private readonly windows = new Map<string, SlidingWindow>();

  constructor(perMinute: number, nowMs: () => number) {
    this.perMinute = perMinute;
    this.nowMs = nowMs;
  }

  /** Counts one message; throws `rate_limited` over the limit. */
  take(zoneId: string, nodeId: string): void {
    const now = this.nowMs();
    const key = `${zoneId}:${nodeId}`;
    let window = this.windows.get(key);
    if (window === undefined) {
      if (this.windows.size >= TRACKED_MAX) this.sweep(now);
      window = new SlidingWindow();
      this.windows.set(key, window);
    }
    if (!window.take(1, this.perMinute, now)) {
      throw new StewardError("rate_limited", { retryAfterMs: window.retryAfterMs(now) });
    }
  }

  private sweep(now: number): void {
    for (const [key, window] of this.windows) {
      if (window.isEmpty(now)) this.windows.delete(key);
    }
    const oldest = this.windows.keys().next().value;
    if (this.windows.size >= TRACKED_MAX && oldest !== undefined) this.windows.delete(oldest);
  }
}
