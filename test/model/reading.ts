import { expect } from "vitest";
import type { Fields } from "./envelopes.ts";
import { type Op, toZoneId } from "./membership.ts";
import {
  enter,
  type Model,
  type ModelEntry,
  type ModelZone,
  toAnswer,
  toCurrent,
  toEpoch,
  toState,
} from "./model.ts";

/** A member reads the log. */
export function history(args: { slot: number; after: number; limit: number | undefined }): Op {
  return (model, { agent }) => {
    const zone_id = toZoneId(model, args.slot);
    const { after: after_seq, limit } = args;
    return {
      body: { type: "zone.history", zone_id, after_seq, limit },
      expected: toAnswer(() => {
        const needs = { member: true, evenStopped: true };
        const zone = enter(model, zone_id, agent.key.nodeId, needs);
        const head = zone.log.at(-1) as ModelEntry;
        return {
          type: "zone.page",
          zone_id,
          entries: zone.log.slice(after_seq, after_seq + (limit ?? 50)),
          head_seq: zone.log.length,
          head: expect.objectContaining({ zone_id, seq: head.entry.seq, hash: head.hash }),
        };
      }),
    };
  };
}

/** A member reads who is in. */
export function listMembers(args: { slot: number; limit: number; after: number | undefined }): Op {
  return (model, { agent }) => {
    const zone_id = toZoneId(model, args.slot);
    const cursor = args.after === undefined ? undefined : model.agents[args.after]?.key.nodeId;
    const body = { type: "zone.members", zone_id, limit: args.limit, cursor };
    return {
      body,
      expected: toAnswer(() => {
        const zone = enter(model, zone_id, agent.key.nodeId, { member: true });
        const all = toMemberList(model, zone).filter(({ node_id }) => node_id > (cursor ?? ""));
        const members = all.slice(0, args.limit);
        const next_cursor = all.length > args.limit ? members.at(-1)?.node_id : undefined;
        return { type: "zone.member_list", members, next_cursor };
      }),
    };
  };
}

/** The members as everybody may see them, by node id. */
export function toMemberList(model: Model, zone: ModelZone) {
  return [...zone.members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([node_id, { name, role, skills }]) => ({
      node_id,
      name,
      role,
      skills,
      online: model.agents.some((a) => a.key.nodeId === node_id && a.sessions.length > 0),
    }));
}

/** Anybody looks at a zone. */
export function inspect({ slot }: { slot: number }): Op {
  return (model, { agent }) => {
    const zone_id = toZoneId(model, slot);
    return {
      body: { type: "zone.inspect", zone_id },
      expected: toAnswer(() =>
        toManifestReply(enter(model, zone_id, agent.key.nodeId, { evenStopped: true })),
      ),
    };
  };
}

/** What inspecting and changing a zone answers. */
export function toManifestReply(zone: ModelZone): Fields {
  return {
    type: "zone.manifest",
    envelope: toCurrent(zone).envelope,
    members: zone.members.size,
    state: toState(zone),
  };
}

/** Anybody looks for zones. */
export function discover({ limit }: { limit: number }): Op {
  return (model) => {
    const listed = [...model.zones.values()]
      .filter((zone) => toState(zone) === "active")
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const page = listed.slice(0, limit);
    return {
      body: { type: "zone.discover", filter: { topic: model.topic }, limit },
      expected: {
        type: "zone.directory",
        zones: page.map((zone) => toDirectoryEntry(model, zone)),
        next_cursor: listed.length > limit ? page.at(-1)?.id : undefined,
      },
    };
  };
}

function toDirectoryEntry(model: Model, zone: ModelZone) {
  return {
    zone_id: zone.id,
    name: zone.terms.name,
    type: "open",
    topic: model.topic,
    description: "A zone of the model.",
    entrypoints: expect.any(Array),
    stewards: [model.stewardId],
    members: zone.members.size,
    epoch: toEpoch(zone),
    state: "active",
  };
}
