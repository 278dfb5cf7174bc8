import type { MiddlewareHandler } from "hono";
import { createClientAddressResolver } from "../../transport/client-address.ts";
import type { AdminEnv } from "../deps.ts";

/**
 * Notes the address a request came from, behind proxies the operator trusts.
 * @throws Error on an entry that is neither address nor CIDR range
 */
export function noteAddress(trustedProxies: readonly string[]): MiddlewareHandler<AdminEnv> {
  const resolve = createClientAddressResolver(trustedProxies);
  return async (context, next) => {
    const { remoteAddress } = context.env.incoming?.socket ?? {};
    context.set("address", resolve(remoteAddress, context.req.header("X-Forwarded-For")));
    await next();
  };
}
