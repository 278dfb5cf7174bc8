import { createHash } from "node:crypto";
import type { NodeKey } from "../../src/identity/node-key.ts";
import { writeCanonicalJson } from "../wire/independent/canonical-json.ts";
import type { Fields, Rules, SignedEnvelope, ZoneTerms } from "./envelopes.ts";

/** One connection of an agent, and everything it must be told unasked, in order. */
export interface ModelSession {
  readonly agent: ModelAgent;
  readonly heard: Fields[];
}

/** Somebody with a node key. */
export interface ModelAgent {
  readonly key: NodeKey;
  /** Its sessions are verified in the bound form. */
  readonly bound: boolean;
  /** How many sessions it opens. */
  readonly sessionCount: number;
  name: string;
  skills: readonly string[];
  /** Empty while it is offline. */
  sessions: ModelSession[];
}

/** A member, as its last join described it. */
export interface ModelMember {
  readonly role: "creator" | "member";
  readonly name: string;
  readonly skills: readonly string[];
}

/** A ban, in force or over. */
export interface ModelBan {
  readonly reason: string | undefined;
  readonly expiresAt: number | undefined;
  readonly createdAt: number;
}

/** An invitation and how often it was used. */
export interface ModelInvite {
  readonly inviteId: string;
  readonly secret: string;
  readonly nodeId: string | undefined;
  readonly maxUses: number;
  readonly expiresAt: number | undefined;
  uses: number;
  revoked: boolean;
}

/** One position of a log. */
export interface ModelEntry {
  readonly entry: {
    readonly zone_id: string;
    readonly seq: number;
    readonly timestamp: number;
    readonly kind: "message" | "event";
    readonly node_id: string;
    readonly data: Fields;
  };
  readonly hash: string;
}

/** A hosted zone. */
export interface ModelZone {
  readonly id: string;
  readonly creator: string;
  /** Undefined where the steward holds the creator's key. */
  readonly creatorKey: NodeKey | undefined;
  /** By epoch - 1. */
  readonly envelopes: SignedEnvelope[];
  readonly members: Map<string, ModelMember>;
  readonly bans: Map<string, ModelBan>;
  readonly invites: ModelInvite[];
  readonly log: ModelEntry[];
  /** `epoch hash` of every fork that was refused. */
  readonly forks: Set<string>;
  /** What its creator last signed. */
  terms: ZoneTerms;
  state: "active" | "stopped";
  suspended: boolean;
}

/** A steward as `docs/protocol.md` §6 and §7 describe it, in plain memory. */
export interface Model {
  /** Unix seconds. */
  now: number;
  /** The latest time there ever was. */
  latest: number;
  readonly stewardId: string;
  readonly operatorId: string;
  readonly topic: string;
  readonly agents: readonly ModelAgent[];
  /** Zone ids that commands choose from; a zone need not exist yet. */
  readonly slots: string[];
  readonly zones: Map<string, ModelZone>;
  /** AtlasMessages the steward acknowledged. */
  readonly accepted: {
    readonly agent: ModelAgent;
    readonly id: string;
    readonly at: number;
    isQuestion: boolean;
  }[];
  /** Zone messages somebody tried to say. */
  readonly said: { readonly nodeId: string; readonly message: Fields }[];
  /** Forks that were refused, repeats included. */
  alarms: number;
}

/** An answer that refuses. */
export class Refusal extends Error {
  readonly answer: Fields;

  constructor(answer: Fields) {
    super(JSON.stringify(answer));
    this.answer = answer;
  }
}

/** Refuses with a zone code. */
export function refuse(code: string, reason?: string): never {
  throw new Refusal({ type: "zone.error", code, reason });
}

/** Refuses the message itself, with a wire code. */
export function refuseMessage(code: number, reason?: string): never {
  throw new Refusal({ type: "error", code, reason });
}

/** Runs a rule; a refusal is an answer like any other. */
export function toAnswer(rule: () => unknown): unknown {
  try {
    return rule();
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** The rules with their defaults. */
export function toRules(rules: Rules) {
  return {
    open: rules.open ?? true,
    skills: rules.skills_required ?? [],
    max: rules.max_members ?? Number.POSITIVE_INFINITY,
  };
}

/** The epoch of the current envelope. */
export function toEpoch(zone: ModelZone): number {
  return zone.envelopes.length;
}

/** The state answers show. */
export function toState(zone: ModelZone): string {
  if (zone.state === "stopped") return "stopped";
  return zone.suspended ? "suspended" : "active";
}

/** The envelope of the highest epoch. */
export function toCurrent(zone: ModelZone): SignedEnvelope {
  const current = zone.envelopes.at(-1);
  if (current === undefined) throw new Error("A zone without an envelope.");
  return current;
}

/** Finds a ban that is not over. */
export function findBanInForce(model: Model, zone: ModelZone, nodeId: string) {
  const ban = zone.bans.get(nodeId);
  const over = ban?.expiresAt !== undefined && ban.expiresAt <= model.now;
  return over ? undefined : ban;
}

/** The checks of §7 that come before a message's own, in their order. */
export function enter(
  model: Model,
  zoneId: string,
  nodeId: string,
  needs: { member?: boolean; evenStopped?: boolean; epoch?: number | undefined } = {},
): ModelZone {
  const zone = model.zones.get(zoneId);
  if (zone === undefined) return refuse("zone_not_found");
  if (!needs.evenStopped && toState(zone) !== "active") refuse("stopped");
  if (findBanInForce(model, zone, nodeId) !== undefined) refuse("banned");
  if (needs.epoch !== undefined && needs.epoch < toEpoch(zone)) refuse("stale_manifest");
  if (needs.member && !zone.members.has(nodeId)) refuse("not_member");
  return zone;
}

/** The checks of §3 and §7 for what only the creator may do. */
export function enterAsCreator(
  model: Model,
  zoneId: string,
  agent: ModelAgent,
  needs: { evenStopped?: boolean } = {},
): ModelZone {
  if (!agent.bound) refuseMessage(2001, "BOUND_REQUIRED");
  const zone = model.zones.get(zoneId);
  if (zone === undefined) return refuse("zone_not_found");
  if (zone.creator !== agent.key.nodeId) refuseMessage(2003, "NOT_ALLOWED");
  return enter(model, zoneId, agent.key.nodeId, needs);
}

/** Appends to a zone's log; returns the entry's seq. */
export function append(
  model: Model,
  zone: ModelZone,
  what: { kind: "message" | "event"; nodeId: string; data: Fields },
): number {
  const seq = zone.log.length + 1;
  const entry = {
    zone_id: zone.id,
    seq,
    timestamp: model.now,
    kind: what.kind,
    node_id: what.nodeId,
    data: what.data,
  };
  const before = zone.log.at(-1)?.hash ?? sha256(`atlas-zone-log-v1${zone.id}`);
  const hash = sha256(Buffer.from(before, "hex"), writeCanonicalJson(entry));
  zone.log.push({ entry, hash });
  return seq;
}

/** Appends an event and tells every session of every member, as they are now. */
export function happen(model: Model, zone: ModelZone, nodeId: string, data: Fields): void {
  const seq = append(model, zone, { kind: "event", nodeId, data });
  const timestamp = model.now;
  const base = { type: "zone.event", zone_id: zone.id, seq, node_id: nodeId, timestamp };
  tell(model, zone, { ...base, ...data });
}

/** Tells every session of every member, but for one. */
export function tell(model: Model, zone: ModelZone, body: Fields, except?: ModelSession): void {
  for (const agent of model.agents) {
    if (!zone.members.has(agent.key.nodeId)) continue;
    for (const session of agent.sessions) if (session !== except) session.heard.push(body);
  }
}

function sha256(...parts: (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
