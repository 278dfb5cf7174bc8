import { StewardError } from "../errors.ts";
import type { WireConfig } from "./config.ts";
import type { LoopDelay } from "./loop-delay.ts";

export interface HandshakeGuardOptions {
  readonly config: WireConfig;
  readonly delay: Pick<LoopDelay, "allowanceMs">;
  /** Called once, with what ends the connection. */
  readonly onLimit: (error: StewardError) => void;
}

/** Bounds the time, bytes and frames of a socket before Verify; `docs/protocol.md` §3 and §4. */
export class HandshakeGuard {
  private readonly options: HandshakeGuardOptions;
  private readonly startedMs = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private bytes = 0;
  private frames = 0;
  private stopped = false;

  constructor(options: HandshakeGuardOptions) {
    this.options = options;
    this.wait(options.config.handshake_timeout_ms);
  }

  /** Counts bytes, whether or not they make a frame yet. */
  addBytes(count: number): void {
    if (this.stopped) return;
    this.bytes += count;
    if (this.bytes > this.options.config.handshake_bytes_max) {
      this.refuse(new StewardError(4001, { message: "Too many bytes before the handshake." }));
    }
  }

  /** Counts a frame; tells whether it is taken. */
  addFrame(): boolean {
    this.frames++;
    if (this.frames <= this.options.config.handshake_frames_max) return true;
    this.refuse(new StewardError(4001, { message: "Too many frames before the handshake." }));
    return false;
  }

  /** Ends it; nothing counts any more. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private refuse(error: StewardError): void {
    if (this.stopped) return;
    this.stop();
    this.options.onLimit(error);
  }

  /** What waits to be read because the loop was held up is not late. */
  private wait(waitMs: number): void {
    this.timer = setTimeout(() => {
      const { config, delay } = this.options;
      const dueMs = this.startedMs + config.handshake_timeout_ms + delay.allowanceMs;
      const leftMs = dueMs - performance.now();
      if (leftMs > 0) this.wait(leftMs);
      else this.refuse(new StewardError(1003));
    }, waitMs);
  }
}
