import type { MiddlewareHandler } from "hono";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { type AuthDeps, assertScope, requireToken } from "../http/auth.ts";
import { isLocal } from "../http/local.ts";
import { createRoute, type Route } from "../http/route.ts";
import { METRICS } from "../metrics/catalogue.ts";
import { toMetricsText } from "../metrics/metric.ts";
import { createReader, type MetricDeps } from "../metrics/readings.ts";

const TYPE = "text/plain";

/** `/metrics` in Prometheus' text format. */
export function createMetricRoutes(deps: MetricDeps): Route[] {
  const read = createReader(deps);
  return [
    createRoute({
      id: "getMetrics",
      method: "GET",
      path: "/metrics",
      tag: "service",
      summary: "Metrics for Prometheus",
      description:
        "Without a token for those whom `admin.metrics` of the configuration names, else for tokens of scope `read`.",
      scope: undefined,
      answers: { 200: TYPE },
      errors: ["unauthorized", "forbidden"],
      kind: "read",
      read: async () => ({
        status: 200,
        text: toMetricsText(METRICS, await read()),
        headers: { "Content-Type": `${TYPE}; version=0.0.4; charset=utf-8` },
      }),
    }),
  ];
}

/** Lets those through who may read metrics; others are 401 or 403. */
export function requireMetricsReader(
  deps: AuthDeps & Pick<AdminDeps, "config">,
): MiddlewareHandler<AdminEnv> {
  const hasToken = requireToken(deps);
  const { admin, http } = deps.config;
  // A proxy on this machine may pass on what it got without a word about whom from.
  const isDirect = admin.metrics === "local" && http.public_url === undefined;
  return async (context, next) => {
    if (admin.metrics === "public" || (isDirect && isLocal(context))) return await next();
    await hasToken(context, async () => {
      assertScope(context.get("token"), "read");
      await next();
    });
  };
}
