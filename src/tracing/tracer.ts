import type { Counters } from "../base/counters.ts";
import type { Logger } from "../base/log.ts";
import type { EndedSpan, SpanSink } from "../base/spans.ts";
import type { TracingConfig } from "./config.ts";
import { type Resource, toExportBody, toTraceId } from "./otlp.ts";

/** Spans of one post. */
const BATCH_MAX = 512;
/** The longest that the end of the process waits for the collector. */
const LAST_MS = 2000;
const RATIO_RANGE = 0x1_0000_0000;

/** What a tracer works with. */
export interface TracerDeps {
  readonly config: TracingConfig & { readonly otlp_url: string };
  readonly resource: Resource;
  readonly log: Logger;
  readonly counters: Counters;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Posts spans to a collector, some at a time and in the background. Nothing waits for it: what a slow or
 * missing collector leaves behind is bounded, and what is beyond is lost and counted.
 */
export class Tracer implements SpanSink, AsyncDisposable {
  private readonly deps: TracerDeps;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly keptBelow: number;
  private readonly timer: NodeJS.Timeout;
  private waiting: EndedSpan[] = [];
  private posting: Promise<void> | undefined;
  private isFailing = false;

  constructor(deps: TracerDeps) {
    const { config, environment } = deps;
    this.deps = deps;
    this.headers = parseHeaders(config.headers_env && environment[config.headers_env]);
    this.keptBelow = config.sample_ratio * RATIO_RANGE;
    this.timer = setInterval(() => this.post(), config.interval_ms).unref();
  }

  add(span: EndedSpan): void {
    const { config, counters } = this.deps;
    if (this.waiting.length >= config.queue_max) return counters.add("tracing.queue_max");
    if (config.sample_ratio < 1 && toTraceId(span.trace).readUInt32BE(0) >= this.keptBelow) return;
    this.waiting.push(span);
    if (this.waiting.length >= BATCH_MAX) this.post();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    await this.posting;
    const deadline = performance.now() + LAST_MS;
    while (this.waiting.length > 0 && !this.isFailing && performance.now() < deadline) {
      await this.postSome(LAST_MS);
    }
  }

  private post(): void {
    if (this.posting !== undefined || this.waiting.length === 0) return;
    this.posting = this.postSome(this.deps.config.timeout_ms).finally(() => {
      this.posting = undefined;
    });
  }

  private async postSome(timeoutMs: number): Promise<void> {
    const { config, resource, log } = this.deps;
    const spans = this.waiting.slice(0, BATCH_MAX);
    this.waiting = this.waiting.slice(BATCH_MAX);
    try {
      const response = await fetch(config.otlp_url, {
        method: "POST",
        headers: { ...this.headers, "content-type": "application/json" },
        body: toExportBody(resource, spans),
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The collector answered ${response.status}.`);
      this.isFailing = false;
    } catch (error) {
      // What was not taken is lost: traces are no books, and must not pile up.
      if (!this.isFailing) {
        const lost = spans.length;
        log.warn({ err: error, lost }, "spans could not be posted; see tracing.otlp_url");
      }
      this.isFailing = true;
    }
  }
}

function parseHeaders(text: string | undefined): Record<string, string> {
  const pairs = (text ?? "").split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at < 1 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const];
  });
  return Object.fromEntries(pairs);
}
