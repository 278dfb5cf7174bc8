/** Pings whose answers are still waited for; more than these are never under way. */
const UNANSWERED_MAX = 16;
/** Pings in the time that a link may bring nothing. */
const PINGS_PER_LEASE = 3;

export interface PingerDeps {
  /** Milliseconds since the epoch, for what peers are told. */
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  /** The smallest L of the zones that the link carries. */
  readonly leaseMs: () => number;
  readonly sendPing: (ts: number) => void;
  /** A Ping was answered that was sent then, by the monotonic clock. */
  readonly onPong: (sentAtMs: number) => void;
  /** Nothing came for L. */
  readonly onSilent: () => void;
}

/** Keeps one link: Pings every L/3, and the end after L of silence; `docs/protocol.md` §9.2. */
export class LinkPinger {
  private readonly deps: PingerDeps;
  /** By what the Ping says: when it was sent. */
  private readonly unanswered = new Map<number, number>();
  private lastTs = 0;
  private heardAtMs: number;
  private pingedAtMs = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(deps: PingerDeps) {
    this.deps = deps;
    this.heardAtMs = deps.monotonicMs();
  }

  /** Begins, or goes by what L is now. */
  refresh(): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    const { monotonicMs, leaseMs } = this.deps;
    const now = monotonicMs();
    const lease = leaseMs();
    const interval = lease / PINGS_PER_LEASE;
    if (now - this.pingedAtMs >= interval) this.ping(now);
    const next = Math.min(this.pingedAtMs + interval, this.heardAtMs + lease) - now;
    this.timer = setTimeout(() => this.check(), Math.max(1, Math.ceil(next)));
  }

  /** Notes that something came. */
  heard(): void {
    this.heardAtMs = this.deps.monotonicMs();
  }

  /** Notes an answer; what answers no Ping of this link is nothing. */
  answered(echo: number | bigint): void {
    const ts = Number(echo);
    const sentAtMs = this.unanswered.get(ts);
    if (sentAtMs === undefined) return;
    this.unanswered.delete(ts);
    this.deps.onPong(sentAtMs);
  }

  /** Ends it. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private check(): void {
    if (!this.isSilent) return this.refresh();
    // What came while this process was held up is read before silence is told.
    setImmediate(() => {
      if (this.isStopped) return;
      if (this.isSilent) this.deps.onSilent();
      else this.refresh();
    });
  }

  private get isSilent(): boolean {
    const { monotonicMs, leaseMs } = this.deps;
    return monotonicMs() - this.heardAtMs >= leaseMs();
  }

  private ping(now: number): void {
    const ts = Math.max(this.lastTs + 1, Math.floor(this.deps.nowMs()));
    this.lastTs = ts;
    this.pingedAtMs = now;
    this.unanswered.set(ts, now);
    const [oldest] = this.unanswered.keys();
    if (this.unanswered.size > UNANSWERED_MAX && oldest !== undefined) {
      this.unanswered.delete(oldest);
    }
    this.deps.sendPing(ts);
  }
}
