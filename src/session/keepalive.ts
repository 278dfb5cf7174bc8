export interface KeepaliveOptions {
  readonly intervalMs: number;
  readonly unansweredMax: number;
  readonly sendPing: () => void;
  readonly onIdle: () => void;
}

/** Pings a peer and notices where it does not answer; `docs/protocol.md` §4. */
export class Keepalive {
  private readonly options: KeepaliveOptions;
  private readonly timer: NodeJS.Timeout;
  private unanswered = 0;

  constructor(options: KeepaliveOptions) {
    this.options = options;
    this.timer = setInterval(() => this.onDue(), options.intervalMs);
  }

  /** Notes that the peer answered. */
  onPong(): void {
    this.unanswered = 0;
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
