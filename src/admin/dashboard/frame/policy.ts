import type { MiddlewareHandler } from "hono";
import type { AdminDeps, AdminEnv } from "../../deps.ts";

/** The one page that speaks over the wire. */
const PLAY_PATH = "/admin/play";
const HOST = /^[\w.:[\]-]+$/;

/** Sets what keeps others out of the dashboard's pages; `docs/security.md`. */
export function protectPages(deps: WireDeps): MiddlewareHandler<AdminEnv> {
  return async (context, next) => {
    await next();
    const { path } = context.req;
    const wire = path === PLAY_PATH ? listWireOrigins(deps, context.req.header("Host") ?? "") : [];
    context.header("Content-Security-Policy", toPolicy(wire));
    context.header("X-Frame-Options", "DENY");
    context.header("Cross-Origin-Opener-Policy", "same-origin");
    context.header("Cross-Origin-Resource-Policy", "same-origin");
    // With no-referrer browsers would send forms with `Origin: null`, which is refused.
    context.header("Referrer-Policy", "same-origin");
  };
}

type WireDeps = Pick<AdminDeps, "config" | "wireUrl">;

/** What a page may load: its own style, script and images, and nothing that stands in the page. */
function toPolicy(wire: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...wire].join(" "),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Where the playground dials; not every browser takes the page's own host as its own for WebSockets. */
function listWireOrigins({ config, wireUrl }: WireDeps, host: string): string[] {
  if (config.http.public_url !== undefined) return [new URL(wireUrl).origin];
  return HOST.test(host) ? [`ws://${host}`, `wss://${host}`] : [];
}
