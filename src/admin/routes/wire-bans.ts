import { Hono } from "hono";
import { StewardError } from "../../errors.ts";
import type { WireBan } from "../../store/zones/peers.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { getNodeId, parsePage, toPage } from "../http/input.ts";

/** Serves `/v1/bans`: nodes the wire's rate limits banned, ordered by node id. */
export function createWireBanRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { peers, sessions, store, now } = deps;
  const routes = new Hono<AdminEnv>();
  routes.get("/", requireScope("read"), (context) => {
    const { after, limit } = parsePage(context);
    const { items, next } = toPage(peers.listBans(now(), after, limit + 1), limit, {
      toCursor: (ban) => ban.nodeId,
      toItem: toBanBody,
    });
    return context.json({ bans: items, next });
  });
  routes.delete("/:node_id", requireScope("operate"), (context) => {
    const nodeId = getNodeId(context);
    if (peers.findBan(nodeId, now()) === undefined) throw new StewardError("not_found");
    store.write((write) => {
      peers.deleteBan(write, nodeId);
      store.gate(() => sessions.forgive(nodeId));
    });
    return context.body(null, 204);
  });
  return routes;
}

function toBanBody(ban: WireBan) {
  return {
    node_id: ban.nodeId,
    reason: ban.reason,
    created_at: ban.createdAt,
    expires_at: ban.expiresAt,
  };
}
