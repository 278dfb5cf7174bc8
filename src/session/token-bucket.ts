/** A bucket that fills at a steady rate; times are a monotonic clock's. */
export class TokenBucket {
  private tokens: number;
  private refilledMs: number;

  /** @param tokens it begins with */
  constructor(tokens: number, nowMs: number) {
    this.tokens = tokens;
    this.refilledMs = nowMs;
  }

  /** Fills it for the time since it was last filled, up to `max`. */
  refill(perSecond: number, max: number, nowMs: number): void {
    const gained = ((nowMs - this.refilledMs) / 1000) * perSecond;
    this.refilledMs = nowMs;
    this.tokens = Math.min(max, this.tokens + Math.max(0, gained));
  }

  /** Tells whether there is a token. */
  get hasToken(): boolean {
    return this.tokens >= 1;
  }

  /** Takes a token; tells whether there was one. */
  take(): boolean {
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** Milliseconds until there is a token. */
  waitMs(perSecond: number): number {
    return Math.ceil((Math.max(0, 1 - this.tokens) * 1000) / perSecond);
  }
}
