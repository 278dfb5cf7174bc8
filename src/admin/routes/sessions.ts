import { Hono } from "hono";
import { StewardError } from "../../errors.ts";
import type { Session } from "../../session/session.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { parsePage, toPage } from "../http/input.ts";

/** Serves `/v1/sessions`: peers that are connected now, oldest session first. */
export function createSessionRoutes({ sessions }: AdminDeps): Hono<AdminEnv> {
  const routes = new Hono<AdminEnv>();
  routes.get("/", requireScope("read"), (context) => {
    const { after, limit } = parsePage(context);
    const later = sessions
      .list()
      .filter((session) => session.id > after)
      .sort((left, right) => (left.id < right.id ? -1 : 1));
    const { items, next } = toPage(later, limit, {
      toCursor: (session) => session.id,
      toItem: toSessionBody,
    });
    return context.json({ sessions: items, next });
  });
  routes.delete("/:session_id", requireScope("operate"), (context) => {
    const session = sessions.find(context.req.param("session_id"));
    if (session === undefined) throw new StewardError("not_found");
    session.disconnect("normal", "The operator closed the session.");
    return context.body(null, 204);
  });
  return routes;
}

function toSessionBody({ id, connection, openedAtMs, peer }: Session) {
  return {
    id,
    address: connection.remoteAddress,
    opened_at: Math.floor(openedAtMs / 1000),
    buffered_bytes: connection.bufferedBytes,
    ...(peer && {
      node_id: peer.nodeId,
      name: peer.name,
      skills: peer.skills,
      ...(peer.wallet !== undefined && { wallet: peer.wallet }),
      capabilities: [...peer.capabilities],
      bound: peer.bound,
      trust: peer.trust,
    }),
  };
}
