import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { nodeIdField } from "../../protocol/schema-fields.ts";
import { toMemberInfo } from "../../zones/handlers/members.ts";
import { removeNode } from "../../zones/members/moderation.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const memberBody = z.object({
  node_id: nodeIdField,
  name: z.string(),
  role: z.enum(["creator", "provider", "member"]),
  skills: z.array(z.string()),
  online: z.boolean(),
  joined_at: z.int(),
});

/** `/v1/zones/{zone_id}/members`, ordered by node id. */
export function createMemberRoutes(deps: AdminDeps): Route[] {
  return [listMembers(deps), removeMember(deps)];
}

function listMembers({ zones }: AdminDeps): Route {
  return createRoute({
    id: "listMembers",
    method: "GET",
    path: "/v1/zones/{zone_id}/members",
    tag: "members",
    summary: "The members of a zone, by node id",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("members", memberBody) },
    kind: "read",
    read: ({ params, query: { after, limit } }) => {
      const { zoneId } = zones.reader.get(params.zone_id).row;
      const rows = zones.queries.listMembers(zoneId, after, limit + 1);
      const { items, next } = toPage(rows, limit, {
        toCursor: (row) => row.nodeId,
        toItem: (row) => ({ ...toMemberInfo(zones.rooms, row), joined_at: row.joinedAt }),
      });
      return { status: 200, body: { members: items, next } };
    },
  });
}

function removeMember({ zones }: AdminDeps): Route {
  return createRoute({
    id: "removeMember",
    method: "DELETE",
    path: "/v1/zones/{zone_id}/members/{node_id}",
    tag: "members",
    summary: "Ends a membership; the node may join again",
    scope: "operate",
    answers: { 204: null },
    errors: ["not_found", "stopped", "conflict"],
    kind: "change",
    look: ({ params }) => {
      const row = zones.queries.findMember(params.zone_id, params.node_id);
      return row && { name: row.name, role: row.role, joined_at: row.joinedAt };
    },
    change: (write, { params }) => {
      const target = { zoneId: params.zone_id, nodeId: params.node_id };
      const removed = removeNode(write, zones, target);
      if (!removed) throw new StewardError("not_found", { message: "It is no member." });
      return { status: 204 };
    },
  });
}
