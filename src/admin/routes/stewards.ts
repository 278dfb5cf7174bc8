import { type Context, Hono } from "hono";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { findPrimary } from "../../protocol/manifest.ts";
import { nodeIdField } from "../../protocol/schema-fields.ts";
import type { Zone } from "../../zones/zone.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { getNodeId, getZoneId, parseInput, readJson } from "../http/input.ts";

const stewardSchema = z.strictObject({
  node_id: nodeIdField,
  entrypoint: z.url({ protocol: /^wss?$/ }).max(512),
  role: z.literal("replica").default("replica"),
});
const promoteSchema = z.strictObject({
  node_id: nodeIdField.nullish(),
  accept_loss: z.boolean().nullish(),
});

/** Serves `/v1/zones/{zone_id}/stewards`: who else hosts a zone whose creator key is here. */
export function createStewardRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { operator, config, key } = deps;
  const routes = new Hono<AdminEnv>();
  routes.post("/:zone_id/stewards", requireScope("operate"), async (context) => {
    const body = await readJson(context, config.http.body_bytes_max);
    const { node_id, entrypoint, role } = parseInput(stewardSchema, body);
    const zone = getOwnZone(deps, context);
    assertPrimary(zone, key.nodeId);
    const { zoneId } = zone.row;
    const { epoch } = await operator.creator.changeStewards(zoneId, (set) => {
      const known = set.find((ref) => ref.node_id === node_id);
      if (known?.role === "primary") {
        throw new StewardError("conflict", { message: "This node is the zone's primary." });
      }
      const added = { ...(known ?? { voter: false }), node_id, entrypoint, role };
      const voter = known?.voter ?? false;
      return [...set.filter((ref) => ref.node_id !== node_id), { ...added, voter }];
    });
    operator.voters.add(zoneId, node_id);
    return context.json({ zone_id: zoneId, epoch, node_id, entrypoint, role }, 202);
  });
  routes.delete("/:zone_id/stewards/:node_id", requireScope("operate"), async (context) => {
    const nodeId = getNodeId(context);
    const zone = getOwnZone(deps, context);
    const { zoneId } = zone.row;
    operator.voters.remove(zoneId, nodeId);
    const { epoch } = await operator.creator.changeStewards(zoneId, (set) => {
      const known = set.find((ref) => ref.node_id === nodeId);
      if (known === undefined) {
        throw new StewardError("not_found", { message: "The zone does not name this node." });
      }
      if (known.role === "primary") {
        throw new StewardError("conflict", {
          message: "The primary cannot be removed; promote another steward first.",
        });
      }
      return set.filter((ref) => ref.node_id !== nodeId);
    });
    return context.json({ zone_id: zoneId, epoch, node_id: nodeId });
  });
  return routes;
}

/** Serves `POST /v1/replicas/{zone_id}/promote`: an epoch that names another primary. */
export function createPromoteRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { operator, config, key } = deps;
  const routes = new Hono<AdminEnv>();
  routes.post("/:zone_id/promote", requireScope("operate"), async (context) => {
    const body = await readJson(context, config.http.body_bytes_max, { optional: true });
    const { node_id, accept_loss } = parseInput(promoteSchema, body);
    const nodeId = node_id ?? key.nodeId;
    const { zoneId } = getOwnZone(deps, context).row;
    const before = operator.desk.find(zoneId);
    const promoted = await operator.creator.promote(zoneId, nodeId, accept_loss ?? false);
    const { epoch, primary } = promoted;
    const status = operator.desk.find(zoneId);
    const isSo = before?.primary === nodeId && before.epoch === epoch;
    const answer = { zone_id: zoneId, epoch, primary, state: status?.state ?? null };
    return context.json({ ...answer, waiting_for: status?.waiting_for ?? [] }, isSo ? 200 : 202);
  });
  return routes;
}

/**
 * Gets a zone of the path whose creator key this steward holds.
 * @throws StewardError `zone_not_found`, `conflict`
 */
function getOwnZone({ zones, creatorKey }: AdminDeps, context: Context<AdminEnv>): Zone {
  const zone = zones.reader.get(getZoneId(context));
  if (zone.row.creator === creatorKey.nodeId) return zone;
  throw new StewardError("conflict", {
    message: "Only the zone's creator can sign its next epoch, and its key is not here.",
    details: { creator: zone.row.creator },
  });
}

/** Whether a follower has caught up its primary knows. Throws StewardError `conflict`. */
function assertPrimary({ manifest }: Zone, ownNodeId: string): void {
  const primary = findPrimary(manifest);
  if (primary === ownNodeId) return;
  throw new StewardError("conflict", {
    message: "Another steward is the zone's primary; ask that one.",
    details: { primary },
  });
}
