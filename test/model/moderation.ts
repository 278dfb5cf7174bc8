import type { Fields } from "./envelopes.ts";
import { type Op, toZoneId } from "./membership.ts";
import {
  enterAsCreator,
  findBanInForce,
  happen,
  type Model,
  type ModelZone,
  refuse,
  toAnswer,
} from "./model.ts";

/** A call of the admin API, what must come back, and what the model learns from it. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: Fields;
  readonly headers?: Record<string, string>;
  /** The answer's body, or {type: "zone.error", code} for an error; undefined is 204. */
  readonly expected: unknown;
  readonly learn?: (body: Fields) => void;
}

/** Something the operator does; the model has done it when this returns. */
export type OperatorOp = (model: Model) => Call;

/** Whom to ban, and how. */
export interface BanArgs {
  readonly slot: number;
  readonly target: number;
  readonly reason: string | undefined;
  /** Seconds from now; undefined is for ever. */
  readonly forSecs: number | undefined;
}

/** Whom it is about: an agent, or somebody who never came. */
export function toTarget(model: Model, target: number): string {
  return model.agents[target]?.key.nodeId ?? `atlas_${"5".repeat(64)}`;
}

/** A signed stop ends moderation, too; a suspended zone can still be moderated by the operator. */
export function getUnstopped(model: Model, zoneId: string): ModelZone {
  const zone = model.zones.get(zoneId);
  if (zone === undefined) return refuse("zone_not_found");
  if (zone.state === "stopped") refuse("stopped");
  return zone;
}

function applyBan(
  model: Model,
  zone: ModelZone,
  nodeId: string,
  { reason, expiresAt }: { reason: string | undefined; expiresAt: number | undefined },
): void {
  if (nodeId === zone.creator) refuse("invalid_params");
  if (expiresAt !== undefined && expiresAt <= model.now) refuse("invalid_params");
  const before = findBanInForce(model, zone, nodeId);
  if (before && before.reason === reason && before.expiresAt === expiresAt) return;
  zone.bans.set(nodeId, { reason, expiresAt, createdAt: before?.createdAt ?? model.now });
  happen(model, zone, nodeId, {
    event: "banned",
    ...(reason !== undefined && { reason }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  });
  zone.members.delete(nodeId);
}

/** A creator bans, or somebody who would like to. */
export function ban(args: BanArgs): Op {
  return (model, { agent }) => {
    const zone_id = toZoneId(model, args.slot);
    const node_id = toTarget(model, args.target);
    const { reason } = args;
    const expires_at = args.forSecs === undefined ? undefined : model.now + args.forSecs;
    return {
      body: { type: "zone.ban", zone_id, node_id, reason, expires_at },
      expected: toAnswer(() => {
        const zone = enterAsCreator(model, zone_id, agent);
        applyBan(model, zone, node_id, { reason, expiresAt: expires_at });
        return { type: "zone.done", zone_id };
      }),
    };
  };
}

/** The operator bans. */
export function banByOperator(args: BanArgs): OperatorOp {
  return (model) => {
    const zoneId = toZoneId(model, args.slot);
    const node_id = toTarget(model, args.target);
    const { reason } = args;
    // The admin API refuses the past before it looks for the zone; another test has that.
    const expires_at =
      args.forSecs === undefined ? undefined : model.now + Math.max(1, args.forSecs);
    return {
      method: "PUT",
      path: `/v1/zones/${zoneId}/bans/${node_id}`,
      body: { reason, expires_at },
      expected: toAnswer(() => {
        const zone = getUnstopped(model, zoneId);
        applyBan(model, zone, node_id, { reason, expiresAt: expires_at });
        return toBanBody(zone, node_id);
      }),
    };
  };
}

/** A ban as the admin API shows it. */
export function toBanBody(zone: ModelZone, nodeId: string): Fields {
  const ban = zone.bans.get(nodeId);
  return {
    node_id: nodeId,
    reason: ban?.reason,
    created_at: ban?.createdAt,
    expires_at: ban?.expiresAt,
  };
}

function liftBan(model: Model, zone: ModelZone, nodeId: string): boolean {
  const inForce = findBanInForce(model, zone, nodeId) !== undefined;
  zone.bans.delete(nodeId);
  if (inForce) happen(model, zone, nodeId, { event: "unbanned" });
  return inForce;
}

interface TargetArgs {
  readonly slot: number;
  readonly target: number;
}

/** A creator lifts a ban. */
export function unban(args: TargetArgs): Op {
  return (model, { agent }) => {
    const zone_id = toZoneId(model, args.slot);
    const node_id = toTarget(model, args.target);
    return {
      body: { type: "zone.unban", zone_id, node_id },
      expected: toAnswer(() => {
        liftBan(model, enterAsCreator(model, zone_id, agent), node_id);
        return { type: "zone.done", zone_id };
      }),
    };
  };
}

/** The operator lifts a ban. */
export function unbanByOperator(args: TargetArgs): OperatorOp {
  return (model) => {
    const zoneId = toZoneId(model, args.slot);
    const nodeId = toTarget(model, args.target);
    return {
      method: "DELETE",
      path: `/v1/zones/${zoneId}/bans/${nodeId}`,
      expected: toAnswer(() => {
        if (!liftBan(model, getUnstopped(model, zoneId), nodeId)) refuse("not_found");
        return undefined;
      }),
    };
  };
}

/** The operator puts a member out, who may come back. */
export function removeByOperator(args: TargetArgs): OperatorOp {
  return (model) => {
    const zoneId = toZoneId(model, args.slot);
    const nodeId = toTarget(model, args.target);
    return {
      method: "DELETE",
      path: `/v1/zones/${zoneId}/members/${nodeId}`,
      expected: toAnswer(() => {
        const zone = getUnstopped(model, zoneId);
        if (!zone.members.has(nodeId)) refuse("not_found");
        happen(model, zone, nodeId, { event: "removed" });
        zone.members.delete(nodeId);
        return undefined;
      }),
    };
  };
}
