import type { Context, MiddlewareHandler } from "hono";
import { StewardError } from "../../errors.ts";
import { findToken, TOKEN_SCOPES, type TokenScope } from "../../store/admin/tokens.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,256}=*) *$/i;

/** Lets requests with a known bearer token through; others are 401. */
export function requireToken({ store }: Pick<AdminDeps, "store">): MiddlewareHandler<AdminEnv> {
  return async (context, next) => {
    const header = context.req.header("Authorization");
    const text = header === undefined ? undefined : BEARER.exec(header)?.[1];
    const token = text === undefined ? undefined : findToken(store, text);
    if (token === undefined) throw new StewardError("unauthorized");
    context.set("token", token);
    await next();
  };
}

/**
 * Refuses tokens of less than a scope.
 * @throws StewardError `forbidden`
 */
export function assertScope(context: Context<AdminEnv>, scope: TokenScope): void {
  if (TOKEN_SCOPES.indexOf(context.get("token").scope) < TOKEN_SCOPES.indexOf(scope)) {
    throw new StewardError("forbidden", { details: { scope } });
  }
}
