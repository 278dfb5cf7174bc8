import { isIP } from "node:net";
import type { Context } from "hono";
import type { AdminEnv } from "../deps.ts";

/** What proxies add to what they pass on. */
const FORWARDING_HEADERS = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/** Tells whether a request comes from this machine, and not through a proxy on it. */
export function isLocal(context: Context<AdminEnv>): boolean {
  if (FORWARDING_HEADERS.some((name) => context.req.header(name) !== undefined)) return false;
  const address = context.env.incoming?.socket.remoteAddress ?? "";
  if (isIP(address) === 0) return false;
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
