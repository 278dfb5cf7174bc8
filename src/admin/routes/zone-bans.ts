import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { utf8Bytes } from "../../protocol/json.ts";
import { nodeIdField } from "../../protocol/schema-fields.ts";
import type { ZoneBanRow } from "../../store/zones/members.ts";
import { banNode, unbanNode } from "../../zones/members/moderation.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const REASON_BYTES_MAX = 256;
const PATH = "/v1/zones/{zone_id}/bans/{node_id}";

const banSchema = z.strictObject({
  reason: z
    .string()
    .min(1)
    .refine((text) => utf8Bytes(text) <= REASON_BYTES_MAX, `expected ${REASON_BYTES_MAX} bytes`)
    .nullish(),
  expires_at: z.int().nullish(),
});

const banBody = z.object({
  node_id: nodeIdField,
  reason: z.string().optional(),
  created_at: z.int(),
  expires_at: z.int().optional(),
});

/** `/v1/zones/{zone_id}/bans`, ordered by node id. */
export function createZoneBanRoutes(deps: AdminDeps): Route[] {
  return [listBans(deps), putBan(deps), removeBan(deps)];
}

function listBans({ zones, now }: AdminDeps): Route {
  return createRoute({
    id: "listZoneBans",
    method: "GET",
    path: "/v1/zones/{zone_id}/bans",
    tag: "members",
    summary: "Who may not join a zone, by node id",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("bans", banBody) },
    kind: "read",
    read: ({ params, query: { after, limit } }) => {
      const { zoneId } = zones.reader.get(params.zone_id).row;
      const rows = zones.queries.listZoneBans(zoneId, after, limit + 1);
      const { items, next } = toPage(rows, limit, {
        toCursor: (row) => row.nodeId,
        toItem: (row) => row,
      });
      const inForce = items.filter(({ expiresAt }) => expiresAt === null || expiresAt > now());
      return { status: 200, body: { bans: inForce.map(toBanBody), next } };
    },
  });
}

function putBan({ zones, now }: AdminDeps): Route {
  return createRoute({
    id: "putZoneBan",
    method: "PUT",
    path: PATH,
    tag: "members",
    summary: "Bans a node from a zone and ends its membership",
    scope: "operate",
    body: banSchema,
    isBodyOptional: true,
    answers: { 200: banBody },
    errors: ["stopped", "invalid_params", "conflict", "rate_limited"],
    kind: "change",
    look: ({ params }) => findBan({ zones, now }, params),
    change: (write, { params, body: { reason, expires_at } }) => {
      const expiresAt = expires_at ?? undefined;
      if (expiresAt !== undefined && expiresAt <= now()) {
        throw new StewardError("invalid_request", {
          message: "expires_at: expected a time to come",
        });
      }
      const target = { zoneId: params.zone_id, nodeId: params.node_id };
      const ban = banNode(write, zones, { ...target, reason: reason ?? undefined, expiresAt });
      return { status: 200, body: toBanBody(ban) };
    },
  });
}

function removeBan({ zones, now }: AdminDeps): Route {
  return createRoute({
    id: "removeZoneBan",
    method: "DELETE",
    path: PATH,
    tag: "members",
    summary: "Lifts a ban; the node may join again",
    scope: "operate",
    answers: { 204: null },
    errors: ["not_found", "stopped", "conflict"],
    kind: "change",
    look: ({ params }) => findBan({ zones, now }, params),
    change: (write, { params }) => {
      const target = { zoneId: params.zone_id, nodeId: params.node_id };
      const lifted = unbanNode(write, zones, target);
      if (!lifted) throw new StewardError("not_found", { message: "It is not banned." });
      return { status: 204 };
    },
  });
}

function findBan(
  { zones, now }: Pick<AdminDeps, "zones" | "now">,
  { zone_id, node_id }: { readonly zone_id: string; readonly node_id: string },
) {
  const row = zones.queries.findZoneBan(zone_id, node_id, now());
  return row && toBanBody(row);
}

function toBanBody(row: ZoneBanRow): z.output<typeof banBody> {
  return {
    node_id: row.nodeId,
    ...(row.reason !== null && { reason: row.reason }),
    created_at: row.createdAt,
    ...(row.expiresAt !== null && { expires_at: row.expiresAt }),
  };
}
