import { DURATION_SECS, Histograms, Tally } from "../base/metrics.ts";

/** How a message is answered, as far as it is counted. */
interface Answer {
  readonly type: string;
  readonly code?: unknown;
}

/** Counts messages by type and what became of them, and how long their answers took. */
export class MessageMeter {
  /** By type and `ok` or the error's code. */
  readonly outcomes = new Tally();
  /** Seconds until the first answer had left, by type; what it tells of is durable then. */
  readonly durations = new Histograms(DURATION_SECS);
  /** Milliseconds of a clock that nobody sets. */
  private readonly monotonicMs: () => number;

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /** When a message begins to be handled. */
  begin(): number {
    return this.monotonicMs();
  }

  /** Notes a message's first answer. */
  end(type: string, beganMs: number, answer: Answer): void {
    const outcome = answer.type === "zone.error" ? String(answer.code) : "ok";
    this.outcomes.add(`${type} ${outcome}`);
    this.durations.observe(type, (this.monotonicMs() - beganMs) / 1000);
  }
}
