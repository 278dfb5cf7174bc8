import type { MiddlewareHandler } from "hono";
import type { AdminEnv } from "../deps.ts";

/**
 * Ends the body of an answer to HEAD, which a GET's handler made and nobody is going to read: a stream would keep
 * what it has for ever.
 */
export const endUnreadBody: MiddlewareHandler<AdminEnv> = async (context, next) => {
  await next();
  if (context.req.method === "HEAD") await context.res.body?.cancel();
};
