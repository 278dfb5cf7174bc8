import type { Context, MiddlewareHandler } from "hono";
import { type HttpError, isExpected, StewardError, toHttp } from "../../errors.ts";
import { createId } from "../../protocol/ids.ts";
import type { Store } from "../../store/database.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";

const REALM = 'Bearer realm="zone-steward"';

/**
 * Renders any thrown value; what was not thrown on purpose is logged with its causes. Headers that
 * were set for the answer that is not given do not reach the client.
 */
export function answerError(
  deps: Pick<AdminDeps, "log">,
  context: Context<AdminEnv>,
  thrown: unknown,
): Response {
  const { status, retryAfterMs, body } = describeError(deps, context, thrown);
  const challenge = findChallenge(thrown);
  return Response.json(body, {
    status,
    headers: {
      ...(challenge !== undefined && { "WWW-Authenticate": challenge }),
      ...toRetryHeader(retryAfterMs),
    },
  });
}

/** What an error is answered with; what was not thrown on purpose is logged with its causes. */
export function describeError(
  { log }: Pick<AdminDeps, "log">,
  context: Context<AdminEnv>,
  thrown: unknown,
): HttpError {
  const requestId = context.get("requestId");
  if (!isExpected(thrown)) {
    const { method, path } = context.req;
    log.error({ err: thrown, request_id: requestId, method, path }, "an HTTP request failed");
  }
  return toHttp(toOperatorError(thrown), requestId);
}

/** When to come again, as a header; none where nobody said. */
export function toRetryHeader(retryAfterMs: number | undefined): Record<string, string> {
  if (retryAfterMs === undefined) return {};
  return { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
}

/** What only a zone's primary may change is, to a replica's operator, a conflict; `docs/protocol.md` §9.10. */
function toOperatorError(thrown: unknown): unknown {
  if (!(thrown instanceof StewardError) || thrown.reason !== "NO_PRIMARY") return thrown;
  const { primary } = thrown.details ?? {};
  return new StewardError("conflict", {
    message: "Another steward is the zone's primary: it is changed there.",
    details: { primary },
  });
}

function findChallenge(thrown: unknown): string | undefined {
  if (!(thrown instanceof StewardError)) return undefined;
  if (thrown.code === "unauthorized") return REALM;
  if (thrown.code !== "forbidden") return undefined;
  return `${REALM}, error="insufficient_scope", scope="${thrown.details?.scope}"`;
}

/**
 * Gives each request an id, holds its answer until everything it read or wrote is durable, and
 * renders what Hono's `onError` does not see: thrown values that are no Error. Nothing is kept by caches
 * but what says so itself.
 */
export function guardAnswers(
  deps: Pick<AdminDeps, "log"> & { readonly store: Pick<Store, "committed"> },
): MiddlewareHandler<AdminEnv> {
  return async (context, next) => {
    context.set("requestId", createId("req"));
    try {
      await next();
      await deps.store.committed();
    } catch (thrown) {
      // Otherwise Hono would carry the headers of the answer that is withdrawn over.
      context.res = undefined;
      context.res = answerError(deps, context, thrown);
    }
    context.header("X-Request-Id", context.get("requestId"));
    if (!context.res.headers.has("Cache-Control")) context.header("Cache-Control", "no-store");
    context.header("X-Content-Type-Options", "nosniff");
  };
}
