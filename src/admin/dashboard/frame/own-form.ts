import { createHmac, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { StewardError } from "../../../errors.ts";
import type { AdminEnv } from "../../deps.ts";

/** The field of every form that changes something. */
export const CSRF_FIELD = "csrf";

/** The token of a session's forms: only who has the session's secret can make it. */
export function toCsrfToken(secret: string): string {
  return createHmac("sha256", secret).update("steward dashboard form").digest("base64url");
}

/**
 * Refuses a form that no page of this dashboard sent.
 * @param publicUrl of the configuration: browsers behind a proxy name it as their origin
 * @throws StewardError `forbidden`
 */
export function assertOwnOrigin(context: Context<AdminEnv>, publicUrl: string | undefined): void {
  const site = context.req.header("Sec-Fetch-Site");
  const origin = context.req.header("Origin");
  if (site === undefined && origin === undefined) throw refuse();
  if (site !== undefined && site !== "same-origin") throw refuse();
  if (origin === undefined) return;
  const host = URL.parse(origin)?.host;
  const own = [context.req.header("Host"), publicUrl && URL.parse(publicUrl)?.host];
  if (host === undefined || !own.includes(host)) throw refuse();
}

/**
 * Refuses a form without the token of its session.
 * @throws StewardError `forbidden`
 */
export function assertCsrfToken(secret: string, given: string | null): void {
  const expected = Buffer.from(toCsrfToken(secret));
  const actual = Buffer.from(given ?? "");
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) throw refuse();
}

function refuse(): StewardError {
  return new StewardError("forbidden", {
    message: "This form was not sent by a page of this dashboard, or its session is over.",
    details: { remedy: "Open the page again and repeat what you did." },
  });
}
