import type { Context, Hono } from "hono";
import type { ContentfulStatusCode, StatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { assertScope } from "./auth.ts";
import { parseIdempotencyKey } from "./idempotency.ts";
import { parseInput, readJson } from "./input.ts";
import { listParams, parseParam } from "./params.ts";
import { parseIfMatch } from "./preconditions.ts";
import type { Call, Route } from "./route.ts";
import { type Answered, type Asked, type RunDeps, runRoute } from "./run.ts";

export type ServeDeps = RunDeps & Pick<AdminDeps, "config">;

const noQuery = z.strictObject({});
const anyQuery = z.record(z.string(), z.string());
const JSON_TYPE = "application/json";

/** Serves the rows of a table; `requireToken` stands before those that have a scope. */
export function serveRoutes(app: Hono<AdminEnv>, deps: ServeDeps, routes: readonly Route[]): void {
  for (const route of routes) {
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ":$1"), async (context) => {
      if (route.scope !== undefined) assertScope(context, route.scope);
      const asked = await parseCall(deps, route, context);
      return toResponse(context, route, await runRoute(deps, route, asked));
    });
  }
}

/** In the order of the checks: path, headers, query, body. */
async function parseCall(
  { config, now }: ServeDeps,
  route: Route,
  context: Context<AdminEnv>,
): Promise<Asked> {
  const params = Object.fromEntries(
    listParams(route.path).map((name) => [name, parseParam(name, context.req.param(name))]),
  ) as Call["params"];
  const match = parseIfMatch(route.ifMatch && context.req.header("If-Match"), route.ifMatch);
  const key = route.method === "POST" ? parseIdempotencyKey(context) : undefined;
  const query = parseInput(toQuerySchema(route), readQuery(context));
  const { body: schema, isBodyOptional: optional = false } = route;
  const raw =
    schema === undefined
      ? undefined
      : await readJson(context, config.http.body_bytes_max, { optional });
  const parse = route.parseBody ?? ((value: unknown) => schema && parseInput(schema, value));
  const call = { params, query, body: parse(raw), match, token: context.get("token") };
  const asker = { requestId: context.get("requestId"), address: context.get("address") };
  return { call, asker, request: { key, content: raw ?? {}, now: now() } };
}

/** What takes no query refuses one: a mistyped parameter would do something else. */
function toQuerySchema({ query, scope }: Route): z.ZodType {
  return query ?? (scope === undefined ? anyQuery : noQuery);
}

function readQuery(context: Context<AdminEnv>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, all] of Object.entries(context.req.queries())) {
    if (all.length > 1) {
      throw new StewardError("invalid_request", { message: `${name}: expected it once` });
    }
    values[name] = all[0] ?? "";
  }
  return values;
}

function toResponse(
  context: Context<AdminEnv>,
  { toHeaders }: Route,
  { reply, isReplayed }: Answered,
): Response {
  const { status, body, html, text } = reply;
  const headers = {
    ...(isReplayed && { "Idempotency-Replayed": "true" }),
    ...(body !== undefined && toHeaders?.(body as JsonObject)),
    ...reply.headers,
  };
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  if (html !== undefined) return context.html(html, status as ContentfulStatusCode);
  if (text !== undefined) return context.body(text, status as ContentfulStatusCode);
  if (body === undefined) return context.body(null, status as StatusCode);
  context.header("Content-Type", JSON_TYPE);
  return context.body(JSON.stringify(body), status as ContentfulStatusCode);
}
