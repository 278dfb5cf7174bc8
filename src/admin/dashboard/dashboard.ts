import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { StewardError } from "../../errors.ts";
import { EVENT_TYPES } from "../../events/types.ts";
import type { AdminEnv } from "../deps.ts";
import { describeError, toRetryHeader } from "../http/answers.ts";
import { hasScope } from "../http/auth.ts";
import type { Route } from "../http/route.ts";
import type { RunDeps } from "../http/run.ts";
import type { MetricDeps } from "../metrics/readings.ts";
import { createPlayScript, PLAY_SCRIPT_PATH } from "../play/script.ts";
import { act } from "./frame/act.ts";
import { serveAsset } from "./frame/assets.ts";
import { Caller } from "./frame/caller.ts";
import { renderError } from "./frame/error-page.ts";
import { renderPage } from "./frame/layout.ts";
import { type LoginDeps, login, logout, showLogin } from "./frame/login.ts";
import type { Page } from "./frame/page.ts";
import { protectPages } from "./frame/policy.ts";
import { Samples } from "./frame/samples.ts";
import { View } from "./frame/view.ts";
import { findVisit, LIVE_HEADER, watchVisit } from "./frame/visits.ts";
import { ACTIONS, createPageTable } from "./page-table.ts";

/** Where the dashboard is mounted. */
const ROOT = "/admin";
const SCRIPT_TYPE = "text/javascript; charset=utf-8";

export type DashboardDeps = MetricDeps & LoginDeps & RunDeps;

/** Puts the dashboard together, to be mounted at `/admin`; its pages work over the routes of `/v1`. */
export function createDashboard(deps: DashboardDeps, routes: readonly Route[]): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();
  const tables = createTables(deps, routes);
  const readPlayScript = createPlayScript();
  app.use(protectPages(deps));
  app.onError((error, context) => answerError(deps, tables, context, error));
  app.get("/assets/:name", serveAsset);
  app.get("/events", (context) => follow(deps, context));
  app.get("/login", (context) => showLogin(deps, context));
  app.post("/login", (context) => login(deps, context));
  app.post("/logout", (context) => logout(deps, context));
  app.get(PLAY_SCRIPT_PATH.slice(ROOT.length), async (context) => {
    requireView(deps, tables, context);
    return context.body(await readPlayScript(), 200, { "Content-Type": SCRIPT_TYPE });
  });
  for (const [operation, action] of tables.actions) {
    app.post(`/do/${operation}`, (context) =>
      act(deps, context, requireView(deps, tables, context), action),
    );
  }
  for (const page of tables.pages) {
    app.get(page.path, async (context) => {
      const view = findView(deps, tables, context);
      if (view === undefined) return toLogin(context);
      view.assertMay(page.operation);
      const { title, body } = await page.render(view);
      return context.html(view.renderPage(title, body));
    });
  }
  app.all("/*", () => {
    throw new StewardError("not_found", { message: "The dashboard has no such page." });
  });
  return app;
}

interface Tables {
  readonly pages: readonly Page[];
  readonly actions: ReadonlyMap<string, (typeof ACTIONS)[number]>;
  readonly routes: ReadonlyMap<string, Route>;
}

function createTables(deps: DashboardDeps, routes: readonly Route[]): Tables {
  return {
    pages: createPageTable({ ...deps, samples: new Samples(deps) }),
    actions: new Map(ACTIONS.map((action) => [action.operation, action])),
    routes: new Map(routes.map((route) => [route.id, route])),
  };
}

function findView(
  deps: DashboardDeps,
  { pages, actions, routes }: Tables,
  context: Context<AdminEnv>,
): View | undefined {
  const visit = findVisit(deps, context);
  if (visit === undefined) return undefined;
  const asker = { requestId: context.get("requestId"), address: context.get("address") };
  const nav = pages.flatMap(({ nav: label, path, operation }) => {
    const scope = routes.get(operation)?.scope;
    if (label === undefined || (scope !== undefined && !hasScope(visit.token, scope))) return [];
    return [{ label, href: path === "/" ? "/admin" : `/admin${path}` }];
  });
  return new View({
    steward: deps.config.name,
    api: new Caller(deps, routes, { visit, asker }),
    now: deps.now(),
    url: new URL(context.req.url),
    params: context.req.param(),
    ...{ visit, nav, actions },
  });
}

function requireView(deps: DashboardDeps, tables: Tables, context: Context<AdminEnv>): View {
  const view = findView(deps, tables, context);
  if (view !== undefined) return view;
  throw new StewardError("unauthorized", {
    message: "You are not logged in, or your session is over: nothing was done.",
  });
}

/** What happens, as it happens, for a page to refresh itself; it ends with the session. */
function follow(deps: DashboardDeps, context: Context<AdminEnv>): Response {
  const visit = findVisit(deps, context);
  if (visit === undefined) return context.body(null, 401);
  const isAllowed = watchVisit(deps, visit);
  return context.body(deps.feed.open({ types: EVENT_TYPES, isAllowed }), 200, {
    "Content-Type": "text/event-stream",
    "X-Accel-Buffering": "no",
  });
}

/** A page that refreshes itself is told, rather than led to the login. */
function toLogin(context: Context<AdminEnv>): Response {
  if (context.req.header(LIVE_HEADER) !== undefined) return context.body(null, 401);
  const { pathname, search } = new URL(context.req.url);
  const next = pathname === "/admin" ? "" : `?next=${encodeURIComponent(`${pathname}${search}`)}`;
  return context.redirect(`/admin/login${next}`, 303);
}

function answerError(
  deps: DashboardDeps,
  tables: Tables,
  context: Context<AdminEnv>,
  thrown: unknown,
): Response | Promise<Response> {
  const error = describeError(deps, context, thrown);
  const view = findView(deps, tables, context);
  const isLoggedOut = thrown instanceof StewardError && thrown.code === "unauthorized";
  const body = renderError(error, isLoggedOut ? "/admin/login" : "/admin");
  const page =
    view?.renderPage("That did not work", body) ??
    renderPage({ steward: deps.config.name, title: "That did not work", body });
  return context.html(
    page,
    error.status as ContentfulStatusCode,
    toRetryHeader(error.retryAfterMs),
  );
}
