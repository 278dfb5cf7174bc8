import type { MiddlewareHandler } from "hono";
import type { AdminEnv } from "../../deps.ts";

/** What a page may load: its own style, script and images, and nothing that stands in the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Sets what keeps others out of the dashboard's pages; `docs/security.md`. */
export const protectPages: MiddlewareHandler<AdminEnv> = async (context, next) => {
  await next();
  context.header("Content-Security-Policy", POLICY);
  context.header("X-Frame-Options", "DENY");
  context.header("Cross-Origin-Opener-Policy", "same-origin");
  context.header("Cross-Origin-Resource-Policy", "same-origin");
  // With no-referrer browsers would send forms with `Origin: null`, which is refused.
  context.header("Referrer-Policy", "same-origin");
};
