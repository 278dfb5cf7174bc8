const FREE_PINGS_BURST = 10;
const FREE_PINGS_PER_SECOND = 1;

export interface KeepaliveOptions {
  readonly intervalMs: number;
  readonly unansweredMax: number;
  readonly nowMs: () => number;
  readonly sendPing: () => void;
  readonly onIdle: () => void;
}

/** Pings a peer and counts the peer's own pings; `docs/protocol.md` §4. */
export class Keepalive {
  private readonly options: KeepaliveOptions;
  private readonly timer: NodeJS.Timeout;
  private unanswered = 0;
  private free = FREE_PINGS_BURST;
  private refilledMs: number;

  constructor(options: KeepaliveOptions) {
    this.options = options;
    this.refilledMs = options.nowMs();
    this.timer = setInterval(() => this.onDue(), options.intervalMs);
  }

  /** Notes that the peer answered. */
  onPong(): void {
    this.unanswered = 0;
  }

  /** Tells whether the peer's ping is one of the free ones: 1 a second, burst 10. */
  takeFreePing(): boolean {
    const now = this.options.nowMs();
    const gained = ((now - this.refilledMs) / 1000) * FREE_PINGS_PER_SECOND;
    this.free = Math.min(FREE_PINGS_BURST, this.free + Math.max(0, gained));
    this.refilledMs = now;
    if (this.free < 1) return false;
    this.free -= 1;
    return true;
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.timer);
  }

  private onDue(): void {
    if (this.unanswered >= this.options.unansweredMax) {
      this.options.onIdle();
      return;
    }
    this.unanswered++;
    this.options.sendPing();
  }
}
