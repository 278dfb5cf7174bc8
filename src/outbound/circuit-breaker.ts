import { toFailure } from "./failure.ts";

const FAILURES_MAX = 5;
const OPEN_MS = 60_000;
const PROBE_RETRY_MS = 1000;

/** How a breaker stands: `open` refuses, `half_open` lets one call through or waits for it. */
export interface BreakerStatus {
  readonly state: "closed" | "open" | "half_open";
  /** In a row. */
  readonly failures: number;
  /** Until a call may probe it; 0 where one may now. */
  readonly retryAfterMs: number;
}

/** The right to make one call, given back with what became of it. */
export interface BreakerPass {
  /** `neither` where the call said nothing about the host. */
  end(outcome: "success" | "failure" | "neither"): void;
}

/**
 * Keeps calls from a host that is down: five failures in a row open it for a minute, then a single
 * call probes it and decides.
 */
export class CircuitBreaker {
  private readonly monotonicMs: () => number;
  private failures = 0;
  private openUntilMs: number | undefined;
  private probe: BreakerPass | undefined;

  /** @param monotonicMs milliseconds of a clock that nobody sets */
  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /**
   * Refuses while the host is known to be down, or is just being probed.
   * @throws StewardError `internal`, reason UPSTREAM_UNAVAILABLE, with retryAfterMs
   */
  assertClosed(): void {
    if (this.openUntilMs === undefined) return;
    const restMs = this.openUntilMs - this.monotonicMs();
    if (restMs <= 0 && this.probe === undefined) return;
    throw toFailure({
      reason: "UPSTREAM_UNAVAILABLE",
      message: "The action's upstream is known to be down.",
      retryAfterMs: Math.max(restMs, PROBE_RETRY_MS),
    });
  }

  /**
   * Lets one call through; after the minute it is the probe.
   * @throws StewardError as `assertClosed`
   */
  enter(): BreakerPass {
    this.assertClosed();
    const pass: BreakerPass = { end: (outcome) => this.leave(pass, outcome) };
    if (this.openUntilMs !== undefined) this.probe = pass;
    return pass;
  }

  /** Lets one call through, as `enter`; undefined where none may go. */
  tryEnter(): BreakerPass | undefined {
    return this.read().retryAfterMs === 0 && this.probe === undefined ? this.enter() : undefined;
  }

  /** How it stands now. */
  read(): BreakerStatus {
    const { failures, openUntilMs } = this;
    if (openUntilMs === undefined) return { state: "closed", failures, retryAfterMs: 0 };
    const retryAfterMs = Math.max(0, Math.ceil(openUntilMs - this.monotonicMs()));
    return { state: retryAfterMs > 0 ? "open" : "half_open", failures, retryAfterMs };
  }

  /** Closes it, on the operator's word; a call under way decides nothing any more unless it fails anew. */
  close(): void {
    this.failures = 0;
    this.openUntilMs = undefined;
    this.probe = undefined;
  }

  private leave(pass: BreakerPass, outcome: Parameters<BreakerPass["end"]>[0]): void {
    const wasProbe = this.probe === pass;
    if (wasProbe) this.probe = undefined;
    if (outcome === "neither") return;
    if (outcome === "success") {
      this.failures = 0;
      this.openUntilMs = undefined;
      return;
    }
    this.failures++;
    const opens = this.openUntilMs === undefined && this.failures >= FAILURES_MAX;
    if (opens || wasProbe) this.openUntilMs = this.monotonicMs() + OPEN_MS;
  }
}
