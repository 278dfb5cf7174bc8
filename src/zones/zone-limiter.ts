import { SlidingWindow } from "../base/sliding-window.ts";
import { StewardError } from "../errors.ts";

const TRACKED_MAX = 100_000;

export interface ZoneLimiterOptions {
  /** Read at each message, so that it may change. */
  readonly limits: { readonly zone: { readonly messages_per_minute: number } };
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonicMs: () => number;
  /** How long ago what is read now may have arrived. */
  readonly delay: { readonly allowanceMs: number };
}

/** The zone-level rate limit, per member and zone; `docs/protocol.md` §7. */
export class ZoneLimiter {
  private readonly options: ZoneLimiterOptions;
  private readonly windows = new Map<string, SlidingWindow>();

  constructor(options: ZoneLimiterOptions) {
    this.options = options;
  }

  /** Counts one message; throws `rate_limited` over the limit. */
  take(zoneId: string, nodeId: string): void {
    const { limits, monotonicMs, delay } = this.options;
    const now = monotonicMs();
    const key = `${zoneId}:${nodeId}`;
    let window = this.windows.get(key);
    if (window === undefined) {
      if (this.windows.size >= TRACKED_MAX) this.sweep(now);
      window = new SlidingWindow();
      this.windows.set(key, window);
    }
    if (!window.take(1, limits.zone.messages_per_minute, now, delay.allowanceMs)) {
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
