import { type Context, Hono } from "hono";
import { z } from "zod";
import type { JsonObject } from "../wire/json.ts";
import { toZoneState, type Zone } from "../zones/zone.ts";
import { createZone } from "../zones/zone-host.ts";
import { requireScope } from "./auth.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { getZoneId, pageFields, parseInput, readJson } from "./input.ts";
import { parseCreateInput, signFirst } from "./zone-input.ts";

const envelopeInputSchema = z.strictObject({
  envelope: z.record(z.string(), z.unknown()).transform((envelope) => envelope as JsonObject),
});

/** Serves `/v1/zones`: zones, their signed envelopes, their end. */
export function createZoneRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { zones, store, config } = deps;
  const routes = new Hono<AdminEnv>();
  routes.get("/", requireScope("read"), (context) => {
    const { after, limit } = parseInput(z.strictObject(pageFields), context.req.query());
    const filter = { type: undefined, topic: undefined, keyword: undefined };
    const rows = zones.queries.listZones(filter, after, limit + 1, true);
    const page = rows.slice(0, limit);
    return context.json({
      zones: page.map((row) => toZoneBody(zones.zones.toZone(row))),
      ...(rows.length > limit && { next: page.at(-1)?.zoneId }),
    });
  });
  routes.post("/", requireScope("operate"), async (context) => {
    const body = await readJson(context, config.http.body_bytes_max);
    const zone = store.write(() => createZone(zones, toFirstEnvelope(deps, body)));
    context.header("Location", `/v1/zones/${zone.row.zoneId}`);
    return answerZone(context, zone, 201);
  });
  routes.get("/:zone_id", requireScope("read"), (context) =>
    answerZone(context, zones.zones.get(getZoneId(context)), 200),
  );
  return routes;
}

function toFirstEnvelope(deps: AdminDeps, body: unknown): JsonObject {
  if (typeof body === "object" && body !== null && "envelope" in body) {
    return parseInput(envelopeInputSchema, body).envelope;
  }
  const chainId = deps.config.chains[0]?.chain_id;
  const own = { nodeId: deps.key.nodeId, wireUrl: deps.wireUrl(), chainId, now: deps.now() };
  return signFirst(deps.creatorKey, parseCreateInput(body), own);
}

function answerZone(context: Context<AdminEnv>, zone: Zone, status: 200 | 201): Response {
  context.header("ETag", `"${zone.row.epoch}"`);
  return context.json(toZoneBody(zone), status);
}

function toZoneBody({ row, envelope }: Zone) {
  return {
    id: row.zoneId,
    epoch: row.epoch,
    state: toZoneState(row),
    members: row.memberCount,
    envelope,
  };
}
