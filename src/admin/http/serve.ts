import type { Context, Hono } from "hono";
import type { ContentfulStatusCode, StatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { AdminDeps, AdminEnv, AdminToken } from "../deps.ts";
import type { Asker } from "./audit.ts";
import { assertScope } from "./auth.ts";
import { parseIdempotencyKey } from "./idempotency.ts";
import { parseInput, readJson } from "./input.ts";
import { listParams, type ParamName, parseParam } from "./params.ts";
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
      const asked = await parseCall(deps, route, toGiven(deps, route, context));
      return toResponse(context, route, await runRoute(deps, route, asked));
    });
  }
}

/** What a call is parsed from, whoever makes it. */
export interface Given {
  readonly token: AdminToken;
  readonly asker: Asker;
  readonly param: (name: ParamName) => string | undefined;
  readonly ifMatch?: string | undefined;
  readonly lastEventId?: string | undefined;
  /** Of a POST, with its method and path before it. */
  readonly key: () => string | undefined;
  readonly query: () => Readonly<Record<string, string>>;
  /** Asked where the route has a body. */
  readonly body: () => Promise<unknown>;
}

/**
 * Parses a call, in the order of the checks: scope, path, headers, query, body.
 * @throws StewardError `forbidden`, `invalid_request` and what parsing the path's names throws
 */
export async function parseCall(
  { now }: Pick<ServeDeps, "now">,
  route: Route,
  given: Given,
): Promise<Asked> {
  const { token, asker } = given;
  if (route.scope !== undefined) assertScope(token, route.scope);
  const params = Object.fromEntries(
    listParams(route.path).map((name) => [name, parseParam(name, given.param(name))]),
  ) as Call["params"];
  const match = parseIfMatch(route.ifMatch && given.ifMatch, route.ifMatch);
  const earlierKey = route.method === "POST" ? given.key() : undefined;
  const key = earlierKey === undefined ? undefined : toOwnKey(token, earlierKey);
  const query = parseInput(toQuerySchema(route), given.query());
  const { body: schema } = route;
  const raw = schema === undefined ? undefined : await given.body();
  const parse = route.parseBody ?? ((value: unknown) => schema && parseInput(schema, value));
  const lastEventId = route.readsLastEventId && given.lastEventId;
  const call = { params, query, body: parse(raw), match, token, lastEventId };
  return { call, asker, request: { key, earlierKey, content: raw ?? {}, now: now() } };
}

/** A key is its token's: nobody is told another one's answer, or refused for what another one asked. */
function toOwnKey({ tokenId }: AdminToken, key: string): string {
  return `${tokenId} ${key}`;
}

function toGiven({ config }: ServeDeps, route: Route, context: Context<AdminEnv>): Given {
  const { isBodyOptional: optional = false } = route;
  return {
    token: context.get("token"),
    asker: { requestId: context.get("requestId"), address: context.get("address") },
    param: (name) => context.req.param(name),
    ifMatch: context.req.header("If-Match"),
    lastEventId: context.req.header("Last-Event-ID"),
    key: () => parseIdempotencyKey(context),
    query: () => readQuery(context),
    body: () => readJson(context, config.http.body_bytes_max, { optional }),
  };
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
