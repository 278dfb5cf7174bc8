import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import {
  createDashboardSession,
  deleteDashboardSession,
  findDashboardSession,
  putDashboardVisit,
} from "../../../store/admin/dashboard-sessions.ts";
import { findTokenById } from "../../../store/admin/tokens.ts";
import type { AdminDeps, AdminEnv, AdminToken } from "../../deps.ts";

/** Browsers take a name that begins so from https alone. */
const SECURE_NAME = "__Secure-steward";
const PLAIN_NAME = "steward";
const PATH = "/admin";
/** When somebody was seen last is kept to the minute. */
const SEEN_STEP_SECS = 60;
/** Whether a visit goes on is looked up no more often. */
const LOOK_MS = 1000;
/** Of requests that a page makes by itself: nobody does anything. */
export const LIVE_HEADER = "X-Dashboard-Live";

export type VisitDeps = Pick<AdminDeps, "store" | "now" | "tokenUses" | "config">;

/** A request of somebody who is logged in. */
export interface Visit {
  readonly token: AdminToken;
  /** Of the cookie. */
  readonly secret: string;
}

/** Finds who is logged in; a session ends with its token. */
export function findVisit(deps: VisitDeps, context: Context<AdminEnv>): Visit | undefined {
  const { store, now, tokenUses } = deps;
  const secret = getCookie(context, SECURE_NAME) ?? getCookie(context, PLAIN_NAME);
  const found = secret === undefined ? undefined : findInForce(deps, secret);
  if (secret === undefined || found === undefined) return undefined;
  const { session, token } = found;
  if (context.req.header(LIVE_HEADER) === undefined) {
    if (now() - session.seenAt >= SEEN_STEP_SECS) {
      store.write((write) => putDashboardVisit(write, store, session.hash, now()));
    }
    tokenUses.note(token.tokenId, now());
  }
  return { token, secret };
}

/** Creates what tells whether a visit goes on, as it was a moment ago. */
export function watchVisit(
  deps: VisitDeps & Pick<AdminDeps, "monotonicMs">,
  { secret }: Visit,
): () => boolean {
  let lookedMs = deps.monotonicMs();
  let isInForce = true;
  return () => {
    if (deps.monotonicMs() - lookedMs < LOOK_MS) return isInForce;
    lookedMs = deps.monotonicMs();
    isInForce = findInForce(deps, secret) !== undefined;
    return isInForce;
  };
}

function findInForce({ store, now, config }: VisitDeps, secret: string) {
  const session = findDashboardSession(store, secret, config.admin.dashboard, now());
  const token = session && findTokenById(store, session.tokenId);
  if (session === undefined || token === undefined) return undefined;
  const isExpired = token.expiresAt !== null && token.expiresAt <= now();
  return isExpired ? undefined : { session, token };
}

/** Logs somebody in: `Secure` where the browser says that it came over https. */
export function beginVisit(deps: VisitDeps, context: Context<AdminEnv>, tokenId: string): void {
  const { store, now, config } = deps;
  const { sessions_max: sessionsMax, lifetime_secs: maxAge } = config.admin.dashboard;
  const secret = store.write((write) =>
    createDashboardSession(write, store, { tokenId, now: now(), sessionsMax }),
  );
  const secure = isSecure(context, config.http.public_url);
  setCookie(context, secure ? SECURE_NAME : PLAIN_NAME, secret, {
    httpOnly: true,
    sameSite: "Strict",
    path: PATH,
    secure,
    maxAge,
  });
}

/** Logs somebody out, wherever the cookie was copied to. */
export function endVisit(deps: VisitDeps, context: Context<AdminEnv>): void {
  forgetVisit(deps, context);
  for (const name of [SECURE_NAME, PLAIN_NAME]) {
    if (getCookie(context, name) === undefined) continue;
    deleteCookie(context, name, { path: PATH, secure: name === SECURE_NAME });
  }
}

/** Ends the session of a request's cookie; the cookie is left to be replaced. */
export function forgetVisit(deps: VisitDeps, context: Context<AdminEnv>): void {
  const { store, now, config } = deps;
  for (const name of [SECURE_NAME, PLAIN_NAME]) {
    const secret = getCookie(context, name);
    if (secret === undefined) continue;
    const session = findDashboardSession(store, secret, config.admin.dashboard, now());
    if (session !== undefined) {
      store.write((write) => deleteDashboardSession(write, store, session.hash));
    }
  }
}

/** The origin is the browser's own word, whatever proxies are between. */
function isSecure(context: Context<AdminEnv>, publicUrl: string | undefined): boolean {
  const origin = context.req.header("Origin");
  if (origin !== undefined && origin !== "null") return origin.startsWith("https:");
  return publicUrl !== undefined && /^(?:https|wss):/.test(publicUrl);
}
