import { Hono } from "hono";
import { StewardError } from "../../errors.ts";
import { toMemberInfo } from "../../zones/handlers/members.ts";
import { removeNode } from "../../zones/members/moderation.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { getNodeId, getZoneId, parsePage, toPage } from "../http/input.ts";

/** Serves `/v1/zones/{zone_id}/members`, ordered by node id. */
export function createMemberRoutes({ zones, store }: AdminDeps): Hono<AdminEnv> {
  const routes = new Hono<AdminEnv>();
  routes.get("/:zone_id/members", requireScope("read"), (context) => {
    const { zoneId } = zones.reader.get(getZoneId(context)).row;
    const { after, limit } = parsePage(context);
    const rows = zones.queries.listMembers(zoneId, after, limit + 1);
    const { items, next } = toPage(rows, limit, {
      toCursor: (row) => row.nodeId,
      toItem: (row) => ({ ...toMemberInfo(zones.rooms, row), joined_at: row.joinedAt }),
    });
    return context.json({ members: items, next });
  });
  routes.delete("/:zone_id/members/:node_id", requireScope("operate"), (context) => {
    const target = { zoneId: getZoneId(context), nodeId: getNodeId(context) };
    const removed = store.write((write) => removeNode(write, zones, target));
    if (!removed) throw new StewardError("not_found", { message: "It is no member." });
    return context.body(null, 204);
  });
  return routes;
}
