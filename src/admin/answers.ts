import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { StewardError, toHttp } from "../errors.ts";
import { createId } from "../wire/ids.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";

/** Renders any thrown value; what was not thrown on purpose is logged with its causes. */
export function answerError(
  { log }: Pick<AdminDeps, "log">,
  context: Context<AdminEnv>,
  thrown: unknown,
): Response {
  const requestId = context.get("requestId");
  const { status, retryAfterMs, body } = toHttp(thrown, requestId);
  if (!(thrown instanceof StewardError)) {
    const { method, path } = context.req;
    log.error({ err: thrown, request_id: requestId, method, path }, "an HTTP request failed");
  }
  if (retryAfterMs !== undefined) {
    context.header("Retry-After", String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  }
  return context.json(body, status as ContentfulStatusCode);
}

/**
 * Gives each request an id, holds its answer until everything it read or wrote is durable, and
 * renders what Hono's `onError` does not see: thrown values that are no Error.
 */
export function guardAnswers(deps: Pick<AdminDeps, "log" | "store">): MiddlewareHandler<AdminEnv> {
  return async (context, next) => {
    context.set("requestId", createId("req"));
    try {
      await next();
      await deps.store.committed();
    } catch (thrown) {
      context.res = undefined;
      context.res = answerError(deps, context, thrown);
    }
    context.header("X-Request-Id", context.get("requestId"));
    context.header("Cache-Control", "no-store");
    context.header("X-Content-Type-Options", "nosniff");
  };
}
