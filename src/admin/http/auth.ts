import type { MiddlewareHandler } from "hono";
import { StewardError } from "../../errors.ts";
import { insertAuditEntry } from "../../store/admin/audit.ts";
import { TOKEN_SCOPES, type TokenScope } from "../../store/admin/schema.ts";
import { findToken, type TokenRow } from "../../store/admin/tokens.ts";
import type { AdminDeps, AdminEnv, AdminToken } from "../deps.ts";
import type { Asker } from "./audit.ts";
import type { TokenGuard } from "./token-guard.ts";

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,256}=*) *$/i;

/** What is needed to know who asks. */
export interface AuthDeps extends Pick<AdminDeps, "store" | "now" | "tokenUses"> {
  readonly guard: TokenGuard;
}

/** Lets requests with a known bearer token through; others are 401, and slowed where there are many. */
export function requireToken(deps: AuthDeps): MiddlewareHandler<AdminEnv> {
  return async (context, next) => {
    const header = context.req.header("Authorization");
    if (header === undefined) throw new StewardError("unauthorized");
    const text = BEARER.exec(header)?.[1] ?? "";
    const asker = { address: context.get("address"), requestId: context.get("requestId") };
    context.set("token", await checkToken(deps, asker, text));
    await next();
  };
}

/**
 * Finds the token of a text that is in force, and notes its use. Whoever guesses is slowed.
 * @throws StewardError `unauthorized`, `rate_limited`
 */
export async function checkToken(deps: AuthDeps, asker: Asker, text: string): Promise<TokenRow> {
  const { store, guard, tokenUses, now } = deps;
  await guard.enter(asker.address, text);
  const token = findToken(store, text);
  if (token === undefined) throw refuse(deps, asker);
  assertInForce(token, now());
  guard.noteRight(asker.address, text);
  tokenUses.note(token.tokenId, now());
  return token;
}

function assertInForce({ expiresAt }: TokenRow, now: number): void {
  if (expiresAt === null || expiresAt > now) return;
  throw new StewardError("unauthorized", {
    message: `The token expired at ${new Date(expiresAt * 1000).toISOString()}.`,
  });
}

/** Notes a wrong token in the audit log, but not each of many. */
function refuse({ store, now, guard }: AuthDeps, { address, requestId }: Asker): StewardError {
  const failures = guard.noteWrong(address);
  if (failures !== undefined) {
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

/** Tells whether a token may do what needs a scope. */
export function hasScope({ scope: has }: Pick<AdminToken, "scope">, scope: TokenScope): boolean {
  return TOKEN_SCOPES.indexOf(has) >= TOKEN_SCOPES.indexOf(scope);
}

/**
 * Refuses tokens of less than a scope.
 * @throws StewardError `forbidden`
 */
export function assertScope(token: Pick<AdminToken, "scope">, scope: TokenScope): void {
  if (!hasScope(token, scope)) throw new StewardError("forbidden", { details: { scope } });
}
