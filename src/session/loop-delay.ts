import { Histogram } from "../base/metrics.ts";

/** How often the loop is looked at; what it is late by is known to about twice that. */
const TICK_MS = 20;
/** A tick that comes so long after the one before makes the loop count as behind. */
const LATE_MS = 100;
/** So long without a late tick, and what arrived meanwhile has been read. */
const RECOVERY_MS = 1000;
/** Seconds. */
const DELAYS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/**
 * Tells how long ago what is read now may have arrived: while the event loop is held up, peers go on
 * sending, and what they sent is read all at once. Rate limits allow for it, so that a stall of the
 * steward's own never makes a violation; `docs/protocol.md` §4.
 *
 * What is read at a moment arrived after the socket was last read empty, which is not before the last
 * tick but one; after a late tick, not before that stall began, until ticks are in time for a while.
 */
export class LoopDelay {
  /** Seconds by which ticks came late. */
  readonly lateness = new Histogram(DELAYS);
  private readonly limits: { readonly stall_allowance_secs: number };
  private readonly onLimit: () => void;
  private readonly timer: NodeJS.Timeout;
  private tickedMs = performance.now();
  private tickedBeforeMs = this.tickedMs;
  private behindSinceMs: number | undefined;
  private lateMs = 0;

  /**
   * @param limits `stall_allowance_secs` bounds what a stall, however long, is worth; read anew each time
   * @param onLimit called when a stall was longer than that
   */
  constructor(limits: { readonly stall_allowance_secs: number }, onLimit: () => void) {
    this.limits = limits;
    this.onLimit = onLimit;
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  private get allowanceMsMax(): number {
    return this.limits.stall_allowance_secs * 1000;
  }

  /** Milliseconds, not less than the age of anything that is read now, up to the bound. */
  get allowanceMs(): number {
    const since = this.behindSinceMs ?? this.tickedBeforeMs;
    return Math.min(this.allowanceMsMax, performance.now() - since);
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = performance.now();
    this.lateness.observe(Math.max(0, now - this.tickedMs - TICK_MS) / 1000);
    if (now - this.tickedMs > LATE_MS) {
      this.behindSinceMs ??= this.tickedBeforeMs;
      if (now - this.tickedMs > this.allowanceMsMax) this.onLimit();
      this.lateMs = now;
    } else if (now - this.lateMs > RECOVERY_MS) {
      this.behindSinceMs = undefined;
    }
    this.tickedBeforeMs = this.tickedMs;
    this.tickedMs = now;
  }
}
