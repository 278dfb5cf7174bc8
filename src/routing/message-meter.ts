import { DURATION_SECS, Histograms, Tally } from "../base/metrics.ts";
import { type SpanSink, toRequestTrace } from "../base/spans.ts";

/** How a message is answered, as far as it is counted. */
interface Answer {
  readonly type: string;
  readonly code?: unknown;
}

/** Which message it was, as its span says. */
export interface MeteredMessage {
  readonly messageId: string;
  readonly nodeId: string;
  readonly requestId: string | undefined;
  readonly zoneId: string | undefined;
}

/** Counts messages by type and what became of them, and how long their answers took. */
export class MessageMeter {
  /** By type and `ok` or the error's code. */
  readonly outcomes = new Tally();
  /** Seconds until the first answer had left, by type; what it tells of is durable then. */
  readonly durations = new Histograms(DURATION_SECS);
  /** Milliseconds of a clock that nobody sets. */
  private readonly monotonicMs: () => number;
  private readonly spans: SpanSink | undefined;

  constructor(monotonicMs: () => number, spans: SpanSink | undefined) {
    this.monotonicMs = monotonicMs;
    this.spans = spans;
  }

  /** When a message begins to be handled. */
  begin(): number {
    return this.monotonicMs();
  }

  /** Notes a message's first answer. */
  end(type: string, beganMs: number, answer: Answer, message: MeteredMessage): void {
    const outcome = answer.type === "zone.error" ? String(answer.code) : "ok";
    const tookMs = this.monotonicMs() - beganMs;
    this.outcomes.add(`${type} ${outcome}`);
    this.durations.observe(type, tookMs / 1000);
    const { messageId, nodeId, requestId, zoneId } = message;
    this.spans?.add({
      ...{ name: type, kind: "server", endedMs: Date.now(), tookMs },
      trace: requestId === undefined ? messageId : toRequestTrace(nodeId, requestId),
      attributes: {
        ...{ message_id: messageId, node_id: nodeId, request_id: requestId, zone_id: zoneId },
      },
      error: outcome === "ok" ? undefined : outcome,
    });
  }
}
