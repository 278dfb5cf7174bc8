import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { utf8Bytes } from "../../protocol/json.ts";
import type { WireBan } from "../../store/zones/peers.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const REASON_BYTES_MAX = 256;
const PATH = "/v1/bans/{node_id}";

const banSchema = z.strictObject({
  expires_at: z.int().positive(),
  reason: z
    .string()
    .min(1)
    .refine((text) => utf8Bytes(text) <= REASON_BYTES_MAX, `expected ${REASON_BYTES_MAX} bytes`)
    .default("operator"),
});
const banBody = z.object({
  node_id: z.string(),
  reason: z.string(),
  created_at: z.int(),
  expires_at: z.int(),
});

/** `/v1/bans`: nodes that the wire's rate limits or the operator banned from this steward. */
export function createWireBanRoutes(deps: AdminDeps): Route[] {
  return [listBans(deps), putBan(deps), liftBan(deps)];
}

function listBans({ peers, now }: AdminDeps): Route {
  return createRoute({
    id: "listWireBans",
    method: "GET",
    path: "/v1/bans",
    tag: "peers",
    summary: "Nodes that the wire's rate limits, or an operator, banned, by node id",
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

function putBan({ peers, sessions, store, now, key }: AdminDeps): Route {
  return createRoute({
    id: "putWireBan",
    method: "PUT",
    path: PATH,
    tag: "peers",
    summary: "Bans a node from this steward until then, and ends its sessions",
    description: "A steward of a zone that is held here goes on as one: name it no more instead.",
    scope: "operate",
    body: banSchema,
    answers: { 200: banBody },
    errors: ["conflict"],
    kind: "change",
    look: ({ params }) => {
      const ban = peers.findBan(params.node_id, now());
      return ban && toBanBody(ban);
    },
    change: (write, { params: { node_id: nodeId }, body: { reason, expires_at: expiresAt } }) => {
      if (expiresAt <= now()) {
        throw new StewardError("invalid_request", {
          message: "expires_at: expected a time to come",
        });
      }
      if (nodeId === key.nodeId) {
        throw new StewardError("conflict", { message: "This is the steward's own node id." });
      }
      const ban = { nodeId, reason, createdAt: now(), expiresAt };
      peers.putBan(write, ban);
      store.gate(() => sessions.ban(nodeId, expiresAt));
      return { status: 200, body: toBanBody(ban) };
    },
  });
}

function liftBan({ peers, sessions, store, now }: AdminDeps): Route {
  return createRoute({
    id: "liftWireBan",
    method: "DELETE",
    path: PATH,
    tag: "peers",
    summary: "Lifts a ban from the wire",
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
