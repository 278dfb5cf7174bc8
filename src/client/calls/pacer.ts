/** What a steward lets one node id send; `docs/protocol.md` §4. */
export interface SendLimits {
  readonly messagesPerSecond: number;
  readonly messagesPerMinute: number;
  readonly bytesPerMinute: number;
}

/** The limits of `docs/protocol.md` §4 by trust tier. */
export const TIER_LIMITS = {
  unknown: { messagesPerSecond: 5, messagesPerMinute: 60, bytesPerMinute: 10_000_000 },
  verified: { messagesPerSecond: 20, messagesPerMinute: 300, bytesPerMinute: 50_000_000 },
} as const satisfies Record<string, SendLimits>;

/** A minute, and a second for a message that arrived later than its followers. */
const WINDOW_MS = 61_000;
/** Bounds of the gap that refusals teach. */
const GAP_MS_MAX = 5000;
const GAP_MS_MIN = 1;
/** How a gap grows with each refusal after the first, and shrinks with each message that leaves. */
const GAP_GROWTH = 1.5;
const GAP_DECAY = 0.98;
/** Used of every rate; the rest is for messages that the way pushes closer together. */
const HEADROOM = 0.9;
/** Used of the bucket, for the same reason: good for delays that differ by a quarter of a second. */
const BURST_SHARE = 0.75;

/**
 * Says when the next message may leave. Three refused messages are a ban of ten minutes, so the SDK
 * stays under the limits instead of finding them; `docs/protocol.md` §4.
 */
export class Pacer {
  #limits: SendLimits | undefined;
  #tokens = 0;
  #refilledAt = 0;
  #heldUntil = 0;
  #gapMs = 0;
  readonly #sent: { readonly at: number; readonly bytes: number }[] = [];
  #bytes = 0;

  /** @param limits undefined: no limit beside what the steward asks for */
  constructor(limits: SendLimits | undefined) {
    this.#limits = limits;
    this.#tokens = limits === undefined ? 0 : toBurst(limits);
  }

  /** Changes the limits, as the tier of a new session may; what was sent still counts. */
  setLimits(limits: SendLimits | undefined): void {
    if (this.#limits === undefined && limits !== undefined) this.#tokens = toBurst(limits);
    this.#limits = limits;
  }

  /**
   * Lets nothing leave for as long as the steward asked, and for some time after only one message per
   * such a gap: what was refused together would be refused together again.
   */
  backOff(now: number, retryAfterMs: number): void {
    // Messages that were on their way together are refused together: slow down once for all of
    // them.
    if (now >= this.#heldUntil) {
      this.#gapMs = Math.min(GAP_MS_MAX, Math.max(this.#gapMs * GAP_GROWTH, retryAfterMs));
    }
    this.#heldUntil = Math.max(this.#heldUntil, now + retryAfterMs);
  }

  /** Milliseconds until a message of that size may leave; 0 means now. */
  waitMs(now: number, bytes: number): number {
    const held = Math.max(0, this.#heldUntil - now);
    if (this.#limits === undefined) return held;
    this.#refill(now, this.#limits);
    const second = this.#limits.messagesPerSecond * HEADROOM;
    const bucket = this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / second) * 1000);
    return Math.max(held, bucket, this.#windowWaitMs(now, bytes, this.#limits));
  }

  /** Counts a message that leaves now. */
  note(now: number, bytes: number): void {
    if (this.#gapMs > 0) {
      this.#heldUntil = Math.max(this.#heldUntil, now + this.#gapMs);
      this.#gapMs = this.#gapMs < GAP_MS_MIN ? 0 : this.#gapMs * GAP_DECAY;
    }
    if (this.#limits === undefined) return;
    this.#refill(now, this.#limits);
    this.#tokens -= 1;
    this.#sent.push({ at: now, bytes });
    this.#bytes += bytes;
  }

  #refill(now: number, limits: SendLimits): void {
    const rate = (limits.messagesPerSecond * HEADROOM) / 1000;
    const gained = Math.max(0, now - this.#refilledAt) * rate;
    this.#tokens = Math.min(toBurst(limits), this.#tokens + gained);
    this.#refilledAt = now;
  }

  #windowWaitMs(now: number, bytes: number, limits: SendLimits): number {
    const messagesMax = Math.max(1, Math.floor(limits.messagesPerMinute * HEADROOM));
    const bytesMax = limits.bytesPerMinute * HEADROOM;
    let count = this.#sent.length;
    let total = this.#bytes;
    let expired = 0;
    let waitMs = 0;
    for (const entry of this.#sent) {
      const leavesAt = entry.at + WINDOW_MS;
      const fits = count < messagesMax && (total + bytes <= bytesMax || count === 0);
      if (leavesAt > now && fits) break;
      if (leavesAt <= now) expired += 1;
      else waitMs = leavesAt - now;
      count -= 1;
      total -= entry.bytes;
    }
    for (const entry of this.#sent.splice(0, expired)) this.#bytes -= entry.bytes;
    return waitMs;
  }
}

function toBurst(limits: SendLimits): number {
  return Math.max(1, Math.floor(limits.messagesPerSecond * BURST_SHARE));
}
