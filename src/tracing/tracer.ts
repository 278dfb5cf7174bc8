import type { Counters } from "../base/counters.ts";
import type { Logger } from "../base/log.ts";
import type { EndedSpan, SpanSink } from "../base/spans.ts";
import { StartupError } from "../base/startup-error.ts";
import { findForeignFailure } from "../foreign-errors.ts";
import type { TracingConfig } from "./config.ts";
import { parseCollectorHeaders } from "./headers.ts";
import { type Resource, toExportBody, toTraceId } from "./otlp.ts";

/** Spans of one post. */
const BATCH_MAX = 512;
/** The longest that the end of the process waits for the collector, for all that is left. */
const LAST_MS = 1500;
/** A code or a class's name. */
const WORD = /^\w{1,64}$/;
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
  private readonly ending = new AbortController();
  private waiting: EndedSpan[] = [];
  private posting: Promise<void> | undefined;
  private isFailing = false;

  /** @throws StartupError where the headers cannot be sent; never with a value of one */
  constructor(deps: TracerDeps) {
    const { config, environment } = deps;
    this.deps = deps;
    this.headers = readHeaders(config.headers_env, environment);
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
    const tooLate = new DOMException("The process ends.", "TimeoutError");
    const timer = setTimeout(() => this.ending.abort(tooLate), LAST_MS);
    try {
      await this.posting;
      while (this.waiting.length > 0 && !this.isFailing && !this.ending.signal.aborted) {
        await this.postSome();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private post(): void {
    if (this.posting !== undefined || this.waiting.length === 0) return;
    this.posting = this.postSome().finally(() => {
      this.posting = undefined;
    });
  }

  private async postSome(): Promise<void> {
    const { config, resource, log } = this.deps;
    const spans = this.waiting.slice(0, BATCH_MAX);
    this.waiting = this.waiting.slice(BATCH_MAX);
    try {
      const response = await fetch(config.otlp_url, {
        method: "POST",
        headers: { ...this.headers, "content-type": "application/json" },
        body: toExportBody(resource, spans),
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(config.timeout_ms), this.ending.signal]),
      });
      await response.body?.cancel();
      if (!response.ok) throw Object.assign(new Error("refused"), { status: response.status });
      this.isFailing = false;
    } catch (error) {
      // What was not taken is lost: traces are no books, and must not pile up.
      if (!this.isFailing) {
        const told = { ...toFailure(error), lost: spans.length };
        log.warn(told, "spans could not be posted; see tracing.otlp_url");
      }
      this.isFailing = true;
    }
  }
}

function readHeaders(
  variable: string | undefined,
  environment: TracerDeps["environment"],
): Readonly<Record<string, string>> {
  try {
    return parseCollectorHeaders((variable && environment[variable]) ?? "");
  } catch (error) {
    const { message } = error as Error;
    throw new StartupError(`${variable} (tracing.headers_env): ${message}`, { fault: "usage" });
  }
}

/** What failed, by code or class: fetch's own words hold addresses and headers' values. */
function toFailure(thrown: unknown): object {
  const help = findForeignFailure(thrown);
  const { name, cause } = thrown as { readonly name?: unknown; readonly cause?: unknown };
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  return { failure: help?.code ?? toWord(code) ?? toWord(name) ?? "unknown", help };
}

function toWord(value: unknown): string | undefined {
  return typeof value === "string" && WORD.test(value) ? value : undefined;
}
