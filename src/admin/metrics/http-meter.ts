import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { DURATION_SECS, Histograms, Tally } from "../../base/metrics.ts";

/** What no route is registered for, whatever its path. */
const NO_ROUTE = "none";
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Counts HTTP requests by route, as it is registered, and what became of them. */
export class HttpMeter {
  /** By method, route and status. */
  readonly requests = new Tally();
  /** Seconds until the answer was ready, by method and route. */
  readonly durations = new Histograms(DURATION_SECS);

  /** Measures every request; the first middleware. */
  readonly measure: MiddlewareHandler = async (context, next) => {
    const beganMs = performance.now();
    await next();
    const path = routePath(context, -1);
    const route = path.includes("*") ? NO_ROUTE : path;
    const { method } = context.req;
    const labels = `${METHODS.includes(method) ? method : "other"} ${route}`;
    this.requests.add(`${labels} ${context.res.status}`);
    this.durations.observe(labels, (performance.now() - beganMs) / 1000);
  };
}
