import { Hono } from "hono";
import { StewardError } from "../errors.ts";
import { createDashboard } from "./dashboard/dashboard.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { noteAddress } from "./http/address.ts";
import { answerError, guardAnswers } from "./http/answers.ts";
import { requireToken } from "./http/auth.ts";
import { endUnreadBody } from "./http/head.ts";
import { serveRoutes } from "./http/serve.ts";
import { TokenGuard } from "./http/token-guard.ts";
import { HttpMeter } from "./metrics/http-meter.ts";
import { createRouteTable } from "./route-table.ts";
import { requireMetricsReader } from "./routes/metrics.ts";

export type { AdminDeps };

/** Puts the admin API together: public routes, `/v1` under a bearer token, and the dashboard. */
export function createAdminApp(deps: AdminDeps): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();
  const httpMeter = new HttpMeter(deps.spans);
  app.use(endUnreadBody);
  app.use(httpMeter.measure);
  app.use(guardAnswers(deps));
  app.onError((error, context) => answerError(deps, context, error));
  app.notFound((context) => answerError(deps, context, new StewardError("not_found")));
  const auth = { ...deps, guard: new TokenGuard(deps) };
  app.use(noteAddress(deps.config.http.trusted_proxies));
  app.use("/metrics", requireMetricsReader(auth));
  app.use("/v1/*", requireToken(auth));
  const running = { ...deps, httpMeter, ...auth, running: new Set<string>() };
  const routes = createRouteTable(running);
  serveRoutes(app, running, routes);
  if (deps.config.admin.dashboard.enabled) {
    app.route("/admin", createDashboard(running, routes));
  }
  return app;
}
