import type { Context, MiddlewareHandler } from "hono";
import { StewardError } from "../../errors.ts";
import { insertAuditEntry } from "../../store/admin/audit.ts";
import { TOKEN_SCOPES, type TokenScope } from "../../store/admin/schema.ts";
import { findToken, type TokenRow } from "../../store/admin/tokens.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import type { TokenGuard } from "./token-guard.ts";

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,256}=*) *$/i;

/** What is needed to know who asks. */
export interface AuthDeps extends Pick<AdminDeps, "store" | "now" | "tokenUses"> {
  readonly guard: TokenGuard;
}

/** Lets requests with a known bearer token through; others are 401, and slowed where there are many. */
export function requireToken(deps: AuthDeps): MiddlewareHandler<AdminEnv> {
  const { store, guard, tokenUses, now } = deps;
  return async (context, next) => {
    const header = context.req.header("Authorization");
    if (header === undefined) throw new StewardError("unauthorized");
    const text = BEARER.exec(header)?.[1] ?? "";
    const address = context.get("address");
    await guard.enter(address, text);
    const token = findToken(store, text);
    if (token === undefined) throw refuse(deps, context);
    assertInForce(token, now());
    guard.noteRight(address, text);
    tokenUses.note(token.tokenId, now());
    context.set("token", token);
    await next();
  };
}

function assertInForce({ expiresAt }: TokenRow, now: number): void {
  if (expiresAt === null || expiresAt > now) return;
  throw new StewardError("unauthorized", {
    message: `The token expired at ${new Date(expiresAt * 1000).toISOString()}.`,
  });
}

/** Notes a wrong token in the audit log, but not each of many. */
function refuse({ store, now, guard }: AuthDeps, context: Context<AdminEnv>): StewardError {
  const address = context.get("address");
  const failures = guard.noteWrong(address);
  if (failures !== undefined) {
    const requestId = context.get("requestId");
    store.write((write) =>
      insertAuditEntry(write, store, {
        kind: "refused",
        at: now(),
        tokenId: null,
        actor: null,
        address,
        action: "wrong token",
        requestId,
        status: 401,
        detail: { failures },
      }),
    );
  }
  return new StewardError("unauthorized");
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
