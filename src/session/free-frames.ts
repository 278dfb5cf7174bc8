import { HEADER_BYTES, MESSAGE_TYPES } from "../wire/envelope.ts";
import type { WireConfig } from "./config.ts";
import type { LoopDelay } from "./loop-delay.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Deliveries that a session may have yet to acknowledge; what is sent beyond them counts as nothing. */
const OWED_MAX = 20_000;

/** What a session's control frames are measured with. */
export interface FreeFramesDeps {
  readonly config: WireConfig;
  readonly monotonicMs: () => number;
  readonly delay: Pick<LoopDelay, "allowanceMs">;
}

/**
 * Tells by size and type which of a session's frames count as no message: small ones that are none,
 * in the number that a client needs to answer what it is sent; `docs/protocol.md` §4.
 */
export class FreeFrames {
  private readonly deps: FreeFramesDeps;
  private readonly frames: TokenBucket;
  private readonly pings: TokenBucket;
  private owed = 0;

  constructor(deps: FreeFramesDeps) {
    const { config, monotonicMs } = deps;
    this.deps = deps;
    this.frames = new TokenBucket(config.free_frames_burst, monotonicMs());
    this.pings = new TokenBucket(config.free_pings_burst, monotonicMs());
  }

  /** Notes that the peer was sent something it acknowledges, which is free. */
  owe(): void {
    if (this.owed < OWED_MAX) this.owed++;
  }

  /** Takes a frame; tells whether it is free. */
  take(bytes: Uint8Array): boolean {
    const { config } = this.deps;
    if (bytes.length > HEADER_BYTES + config.free_frame_bytes_max) return false;
    const type = bytes[3];
    if (type === MESSAGE_TYPES.message) return false;
    if (type === MESSAGE_TYPES.ping) {
      return this.takeFrom(this.pings, config.free_pings_per_second, config.free_pings_burst);
    }
    if (type === MESSAGE_TYPES.message_ack && this.owed > 0) {
      this.owed--;
      return true;
    }
    return this.takeFrom(this.frames, config.free_frames_per_second, config.free_frames_burst);
  }

  private takeFrom(bucket: TokenBucket, perSecond: number, burst: number): boolean {
    const { monotonicMs, delay } = this.deps;
    bucket.refill(perSecond, burst + (perSecond * delay.allowanceMs) / 1000, monotonicMs());
    return bucket.take();
  }
}
