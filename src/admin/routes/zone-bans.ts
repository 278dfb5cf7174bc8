import { Hono } from "hono";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { utf8Bytes } from "../../protocol/json.ts";
import type { ZoneBanRow } from "../../store/zones/members.ts";
import { banNode, unbanNode } from "../../zones/members/moderation.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { getNodeId, getZoneId, parseInput, parsePage, readJson, toPage } from "../http/input.ts";

const REASON_BYTES_MAX = 256;

const banSchema = z.strictObject({
  reason: z
    .string()
    .min(1)
    .refine((text) => utf8Bytes(text) <= REASON_BYTES_MAX, `expected ${REASON_BYTES_MAX} bytes`)
    .nullish(),
  expires_at: z.int().nullish(),
});

/** Serves `/v1/zones/{zone_id}/bans`, ordered by node id. */
export function createZoneBanRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { zones, store, config, now } = deps;
  const routes = new Hono<AdminEnv>();
  routes.get("/:zone_id/bans", requireScope("read"), (context) => {
    const { zoneId } = zones.reader.get(getZoneId(context)).row;
    const { after, limit } = parsePage(context);
    const rows = zones.queries.listZoneBans(zoneId, after, limit + 1);
    const { items, next } = toPage(rows, limit, {
      toCursor: (row) => row.nodeId,
      toItem: (row) => row,
    });
    const inForce = items.filter(({ expiresAt }) => expiresAt === null || expiresAt > now());
    return context.json({ bans: inForce.map(toBanBody), next });
  });
  routes.put("/:zone_id/bans/:node_id", requireScope("operate"), async (context) => {
    const target = { zoneId: getZoneId(context), nodeId: getNodeId(context) };
    const body = await readJson(context, config.http.body_bytes_max, { optional: true });
    const { reason, expires_at } = parseInput(banSchema, body);
    const expiresAt = expires_at ?? undefined;
    if (expiresAt !== undefined && expiresAt <= now()) {
      throw new StewardError("invalid_request", { message: "expires_at: expected a time to come" });
    }
    const ban = store.write((write) =>
      banNode(write, zones, { ...target, reason: reason ?? undefined, expiresAt }),
    );
    return context.json(toBanBody(ban));
  });
  routes.delete("/:zone_id/bans/:node_id", requireScope("operate"), (context) => {
    const target = { zoneId: getZoneId(context), nodeId: getNodeId(context) };
    const lifted = store.write((write) => unbanNode(write, zones, target));
    if (!lifted) throw new StewardError("not_found", { message: "It is not banned." });
    return context.body(null, 204);
  });
  return routes;
}

function toBanBody(row: ZoneBanRow) {
  return {
    node_id: row.nodeId,
    ...(row.reason !== null && { reason: row.reason }),
    created_at: row.createdAt,
    ...(row.expiresAt !== null && { expires_at: row.expiresAt }),
  };
}
