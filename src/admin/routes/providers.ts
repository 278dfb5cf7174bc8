import { Hono } from "hono";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { ProviderRow } from "../../store/zones/providers.ts";
import { approveProvider, revokeProvider } from "../../zones/members/providers.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { getNodeId, getZoneId, parseInput, parsePage, readJson, toPage } from "../http/input.ts";

const approvalSchema = z.strictObject({
  actions: z.array(z.string().min(1).max(64)).min(1).max(256),
});

/** Serves `/v1/zones/{zone_id}/providers`: who may fulfil which actions. */
export function createProviderRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { zones, store, config } = deps;
  const routes = new Hono<AdminEnv>();
  routes.get("/:zone_id/providers", requireScope("read"), (context) => {
    const { zoneId } = zones.reader.get(getZoneId(context)).row;
    const { after, limit } = parsePage(context);
    const rows = zones.providers.listProviders(zoneId, after, limit + 1);
    const { items, next } = toPage(rows, limit, {
      toCursor: (row) => row.nodeId,
      toItem: toProviderBody,
    });
    return context.json({ providers: items, next });
  });
  routes.put("/:zone_id/providers/:node_id", requireScope("operate"), async (context) => {
    const target = { zoneId: getZoneId(context), nodeId: getNodeId(context) };
    const body = await readJson(context, config.http.body_bytes_max);
    const { actions } = parseInput(approvalSchema, body);
    const row = store.write((write) =>
      approveProvider(write, zones, { ...target, actions, approvedBy: "operator" }),
    );
    return context.json(toProviderBody(row));
  });
  routes.delete("/:zone_id/providers/:node_id", requireScope("operate"), (context) => {
    const target = { zoneId: getZoneId(context), nodeId: getNodeId(context) };
    if (!store.write((write) => revokeProvider(write, zones, target))) {
      throw new StewardError("not_found", { message: "It is no approved provider." });
    }
    return context.body(null, 204);
  });
  return routes;
}

function toProviderBody(row: ProviderRow) {
  return {
    node_id: row.nodeId,
    actions: row.actions,
    approved_by: row.approvedBy,
    approved_at: row.approvedAt,
  };
}
