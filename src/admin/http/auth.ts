import type { MiddlewareHandler } from "hono";
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

/** Lets tokens of a scope, or of one that includes it, through; others are 403. */
export function requireScope(scope: TokenScope): MiddlewareHandler<AdminEnv> {
  const needed = TOKEN_SCOPES.indexOf(scope);
  return async (context, next) => {
    if (TOKEN_SCOPES.indexOf(context.get("token").scope) < needed) {
      throw new StewardError("forbidden", { details: { scope } });
    }
    await next();
  };
}
