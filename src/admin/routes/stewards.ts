import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { findPrimary } from "../../protocol/manifest.ts";
import { nodeIdField } from "../../protocol/schema-fields.ts";
import type { Zone } from "../../zones/zone.ts";
import type { AdminDeps } from "../deps.ts";
import { createRoute, type Route } from "../http/route.ts";

const stewardSchema = z.strictObject({
  node_id: nodeIdField,
  entrypoint: z.url({ protocol: /^wss?$/ }).max(512),
  role: z.literal("replica").default("replica"),
});
const promoteSchema = z.strictObject({
  node_id: nodeIdField.nullish(),
  accept_loss: z.boolean().nullish(),
});

const changedBody = z.object({ zone_id: z.string(), epoch: z.int(), node_id: z.string() });
const addedBody = changedBody.extend({ entrypoint: z.string(), role: z.literal("replica") });
const promotedBody = z.object({
  zone_id: z.string(),
  epoch: z.int(),
  primary: z.string(),
  state: z.string().nullable(),
  waiting_for: z.array(z.string()),
});
const ERRORS = ["conflict", "not_found", "internal"] as const;

/**
 * `/v1/zones/{zone_id}/stewards`: who else hosts a zone whose creator key is here, and
 * `/v1/replicas/{zone_id}/promote`: an epoch that names another primary.
 */
export function createStewardRoutes(deps: AdminDeps): Route[] {
  return [createAddition(deps), createRemoval(deps), createPromotion(deps)];
}

function createAddition(deps: AdminDeps): Route {
  const { operator, key } = deps;
  return createRoute({
    id: "addSteward",
    method: "POST",
    path: "/v1/zones/{zone_id}/stewards",
    tag: "replication",
    summary: "Signs an epoch that names a learner, and makes it a voter once it is ready",
    scope: "operate",
    body: stewardSchema,
    answers: { 202: addedBody },
    errors: ERRORS,
    kind: "order",
    look: ({ params }) => findStewards(deps, params.zone_id),
    run: async ({ params, body: { node_id, entrypoint, role } }) => {
      const zone = getOwnZone(deps, params.zone_id);
      assertPrimary(zone, key.nodeId);
      const { zoneId } = zone.row;
      const learner = { node_id, entrypoint, role };
      const { epoch } = await operator.addLearner(zoneId, learner);
      return { status: 202, body: { zone_id: zoneId, epoch, node_id, entrypoint, role } };
    },
  });
}

function createRemoval(deps: AdminDeps): Route {
  const { operator } = deps;
  return createRoute({
    id: "removeSteward",
    method: "DELETE",
    path: "/v1/zones/{zone_id}/stewards/{node_id}",
    tag: "replication",
    summary: "Signs an epoch without a steward",
    scope: "operate",
    answers: { 200: changedBody },
    errors: ERRORS,
    kind: "order",
    look: ({ params }) => findStewards(deps, params.zone_id),
    run: async ({ params: { zone_id, node_id: nodeId } }) => {
      const { zoneId } = getOwnZone(deps, zone_id).row;
      operator.voters.remove({ zoneId, nodeId });
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
      return { status: 200, body: { zone_id: zoneId, epoch, node_id: nodeId } };
    },
  });
}

function createPromotion(deps: AdminDeps): Route {
  const { operator, key } = deps;
  return createRoute({
    id: "promoteReplica",
    method: "POST",
    path: "/v1/replicas/{zone_id}/promote",
    tag: "replication",
    summary: "Signs an epoch that names this steward, or another, as primary",
    description: "200 where it is so already.",
    scope: "operate",
    body: promoteSchema,
    isBodyOptional: true,
    answers: { 200: promotedBody, 202: promotedBody },
    errors: ERRORS,
    kind: "order",
    look: ({ params }) => findStewards(deps, params.zone_id),
    run: async ({ params, body: { node_id, accept_loss } }) => {
      const nodeId = node_id ?? key.nodeId;
      const { zoneId } = getOwnZone(deps, params.zone_id).row;
      const before = operator.desk.find(zoneId);
      const promoted = await operator.creator.promote(zoneId, nodeId, accept_loss ?? false);
      const { epoch, primary } = promoted;
      const status = operator.desk.find(zoneId);
      const isSo = before?.primary === nodeId && before.epoch === epoch;
      const answer = { zone_id: zoneId, epoch, primary, state: status?.state ?? null };
      const body = { ...answer, waiting_for: status?.waiting_for ?? [] };
      return { status: isSo ? 200 : 202, body };
    },
  });
}

/** What the audit log shows of a zone's stewards. */
function findStewards({ zones }: AdminDeps, zoneId: string) {
  const zone = zones.reader.find(zoneId);
  if (zone === undefined) return undefined;
  const stewards = zone.manifest.steward_set.map(({ node_id, role, voter }) => ({
    node_id,
    role,
    voter,
  }));
  return { epoch: zone.row.epoch, stewards };
}

/**
 * Gets a zone of the path whose creator key this steward holds.
 * @throws StewardError `zone_not_found`, `conflict`
 */
function getOwnZone({ zones, creatorKey }: AdminDeps, zoneId: string): Zone {
  const zone = zones.reader.get(zoneId);
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
