import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { DURATION_SECS, Histograms, Tally } from "../../base/metrics.ts";
import type { SpanSink } from "../../base/spans.ts";
import type { AdminEnv } from "../deps.ts";

/** What no route is registered for, whatever its path. */
const NO_ROUTE = "none";
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Counts HTTP requests by route, as it is registered, and what became of them. */
export class HttpMeter {
  /** By method, route and status. */
  readonly requests = new Tally();
  /** Seconds until the answer was ready, by method and route. */
  readonly durations = new Histograms(DURATION_SECS);

  private readonly spans: SpanSink | undefined;

  constructor(spans: SpanSink | undefined) {
    this.spans = spans;
  }

  /** Measures every request; the first middleware. */
  readonly measure: MiddlewareHandler<AdminEnv> = async (context, next) => {
    const beganMs = performance.now();
    await next();
    const path = routePath(context, -1);
    const route = path.includes("*") ? NO_ROUTE : path;
    const { method } = context.req;
    const labels = `${METHODS.includes(method) ? method : "other"} ${route}`;
    const { status } = context.res;
    const tookMs = performance.now() - beganMs;
    this.requests.add(`${labels} ${status}`);
    this.durations.observe(labels, tookMs / 1000);
    const requestId = context.get("requestId");
    this.spans?.add({
      ...{ name: labels, kind: "server", endedMs: Date.now(), tookMs, trace: requestId },
      attributes: { request_id: requestId, "http.response.status_code": status },
      error: status >= 500 ? String(status) : undefined,
    });
  };
}
