import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { WireBan } from "../../store/zones/peers.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const banBody = z.object({
  node_id: z.string(),
  reason: z.string(),
  created_at: z.int(),
  expires_at: z.int(),
});

/** `/v1/bans`: nodes the wire's rate limits banned. */
export function createWireBanRoutes(deps: AdminDeps): Route[] {
  return [listBans(deps), liftBan(deps)];
}

function listBans({ peers, now }: AdminDeps): Route {
  return createRoute({
    id: "listWireBans",
    method: "GET",
    path: "/v1/bans",
    tag: "peers",
    summary: "Nodes that the wire's rate limits banned, by node id",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("bans", banBody) },
    kind: "read",
    read: ({ query: { after, limit } }) => {
      const { items, next } = toPage(peers.listBans(now(), after, limit + 1), limit, {
        toCursor: (ban) => ban.nodeId,
        toItem: toBanBody,
      });
      return { status: 200, body: { bans: items, next } };
    },
  });
}

function liftBan({ peers, sessions, store, now }: AdminDeps): Route {
  return createRoute({
    id: "liftWireBan",
    method: "DELETE",
    path: "/v1/bans/{node_id}",
    tag: "peers",
    summary: "Lifts a ban of the wire's rate limits",
    scope: "operate",
    answers: { 204: null },
    errors: ["not_found"],
    kind: "change",
    look: ({ params }) => {
      const ban = peers.findBan(params.node_id, now());
      return ban && toBanBody(ban);
    },
    change: (write, { params: { node_id } }) => {
      if (peers.findBan(node_id, now()) === undefined) throw new StewardError("not_found");
      peers.deleteBan(write, node_id);
      store.gate(() => sessions.forgive(node_id));
      return { status: 204 };
    },
  });
}

function toBanBody(ban: WireBan): z.output<typeof banBody> {
  return {
    node_id: ban.nodeId,
    reason: ban.reason,
    created_at: ban.createdAt,
    expires_at: ban.expiresAt,
  };
}
