import { expect } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { writeCanonicalJson } from "../wire/independent/canonical-json.ts";
import type { Fields } from "./envelopes.ts";
import {
  append,
  enter,
  happen,
  type Model,
  type ModelInvite,
  type ModelSession,
  type ModelZone,
  refuse,
  tell,
  toAnswer,
  toCurrent,
  toEpoch,
  toRules,
} from "./model.ts";

/** A message, what must come back, and what the model learns from it. */
export interface Step {
  readonly body: Fields;
  readonly expected: unknown;
  readonly learn?: (reply: Fields) => void;
}

/** Something an agent does on one of its sessions; the model has done it when this returns. */
export type Op = (model: Model, session: ModelSession) => Step;

/** Which zone, of those a run knows. */
export function toZoneId(model: Model, slot: number): string {
  return model.slots[slot % model.slots.length] as string;
}

/** Which epoch a message names: none, the zone's own, or that many off. */
function toNamedEpoch(model: Model, zoneId: string, off: number | undefined): number | undefined {
  const zone = model.zones.get(zoneId);
  return off === undefined ? undefined : Math.max(0, (zone ? toEpoch(zone) : 1) + off);
}

/** Picks from the last on, as what is new is what most is about; undefined past the first. */
export function fromLast<T>(list: readonly T[], index: number): T | undefined {
  return list[list.length - 1 - (index % (list.length + 1))];
}

/** How an agent asks to be let in. */
export interface JoinArgs {
  readonly slot: number;
  readonly epochOff: number | undefined;
  /** Which of the zone's invitations is shown, from the last; past the first, one that never was. */
  readonly invite: number | undefined;
}

/** An agent joins, or asks again. */
export function join({ slot, epochOff, invite }: JoinArgs): Op {
  return (model, session) => {
    const zone_id = toZoneId(model, slot);
    const epoch = toNamedEpoch(model, zone_id, epochOff);
    const invites = model.zones.get(zone_id)?.invites ?? [];
    const shown = invite === undefined ? undefined : fromLast(invites, invite);
    const secret = invite === undefined ? undefined : (shown?.secret ?? "never-made");
    const { agent } = session;
    const { nodeId } = agent.key;
    return {
      body: { type: "zone.join", zone_id, epoch, invite: secret },
      expected: toAnswer(() => {
        const zone = enter(model, zone_id, nodeId, { epoch });
        if (!zone.members.has(nodeId)) admit(model, zone, session, shown);
        const { name, skills } = agent;
        const role = zone.members.get(nodeId)?.role ?? "member";
        zone.members.set(nodeId, { role, name, skills });
        return {
          type: "zone.joined",
          zone_id,
          name: zone.terms.name,
          entrypoint: expect.stringMatching(/^ws:/),
          members: zone.members.size,
          epoch: toEpoch(zone),
          role,
          seq: zone.log.length,
          envelope: toCurrent(zone).envelope,
        };
      }),
    };
  };
}

function admit(
  model: Model,
  zone: ModelZone,
  { agent }: ModelSession,
  shown: ModelInvite | undefined,
): void {
  const { nodeId } = agent.key;
  const { name, skills } = agent;
  const rules = toRules(zone.terms.rules);
  const role = zone.creator === nodeId ? "creator" : "member";
  const needsInvite = !rules.open && role !== "creator";
  if (needsInvite && !(shown && admits(model, shown, nodeId))) refuse("not_open");
  if (!rules.skills.every((skill) => skills.includes(skill))) refuse("skills_mismatch");
  const others = [...zone.members.keys()].filter((id) => id !== zone.creator).length;
  if (role !== "creator" && others >= rules.max) refuse("full");
  if (needsInvite && shown) shown.uses++;
  happen(model, zone, nodeId, { event: "joined", name, role });
  zone.members.set(nodeId, { role, name, skills });
}

function admits(model: Model, invite: ModelInvite, nodeId: string): boolean {
  if (invite.revoked || invite.uses >= invite.maxUses) return false;
  if (invite.expiresAt !== undefined && invite.expiresAt <= model.now) return false;
  return invite.nodeId === undefined || invite.nodeId === nodeId;
}

/** An agent leaves. */
export function leave({ slot }: { slot: number }): Op {
  return (model, { agent }) => {
    const zone_id = toZoneId(model, slot);
    const { nodeId } = agent.key;
    return {
      body: { type: "zone.leave", zone_id },
      expected: toAnswer(() => {
        const zone = enter(model, zone_id, nodeId, { member: true });
        zone.members.delete(nodeId);
        happen(model, zone, nodeId, { event: "left" });
        return { type: "zone.left", zone_id };
      }),
    };
  };
}

/** What an agent says. */
export interface SayArgs {
  readonly slot: number;
  readonly epochOff: number | undefined;
  readonly content: unknown;
  readonly topic: string | undefined;
  /** Uses the id of an earlier message, saying the same or not; a stolen one is anybody's. */
  readonly again: { pick: number; same: boolean; stolen: boolean } | undefined;
  /** Answers an earlier message. */
  readonly replyTo: number | undefined;
}

/** An agent says something to a zone, once or again. */
export function say(args: SayArgs): Op {
  return (model, session) => {
    const zone_id = toZoneId(model, args.slot);
    const { nodeId } = session.agent.key;
    const epoch = toNamedEpoch(model, zone_id, args.epochOff);
    const message = toMessage(model, nodeId, args);
    model.said.push({ nodeId, message });
    return {
      body: { type: "zone.message", zone_id, epoch, ...message },
      expected: toAnswer(() => {
        const zone = enter(model, zone_id, nodeId, { member: true, epoch });
        return {
          type: "zone.sent",
          zone_id,
          id: message.id,
          seq: log(model, zone, session, message),
        };
      }),
    };
  };
}

function toMessage(model: Model, nodeId: string, args: SayArgs): Fields {
  const { content, topic, again, replyTo } = args;
  const own = model.said.filter((one) => one.nodeId === nodeId || again?.stolen);
  const earlier = again && fromLast(own, again.pick)?.message;
  if (earlier && again?.same) return earlier;
  const reply_to = replyTo === undefined ? undefined : fromLast(model.said, replyTo)?.message.id;
  return {
    id: earlier?.id ?? createId("zmsg"),
    content,
    ...(topic !== undefined && { topic }),
    ...(reply_to !== undefined && { reply_to }),
  };
}

function log(model: Model, zone: ModelZone, session: ModelSession, message: Fields): number {
  const { nodeId } = session.agent.key;
  const known = zone.log.find(
    ({ entry }) =>
      entry.kind === "message" && entry.node_id === nodeId && entry.data.id === message.id,
  );
  if (known !== undefined) {
    const same = writeCanonicalJson(known.entry.data) === writeCanonicalJson(message);
    return same ? known.entry.seq : refuse("invalid_params", "MESSAGE_ID_CONFLICT");
  }
  const seq = append(model, zone, { kind: "message", nodeId, data: message });
  const head = { type: "zone.message", zone_id: zone.id, seq, from: nodeId, timestamp: model.now };
  tell(model, zone, { ...head, ...message }, session);
  return seq;
}
