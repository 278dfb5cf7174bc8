import type { NodeKey } from "../../src/identity/node-key.ts";
import { createId } from "../../src/protocol/ids.ts";
import {
  type EnvelopeDraft,
  type Rules,
  type SignedEnvelope,
  signDraft,
  toManifest,
  type ZoneTerms,
} from "./envelopes.ts";
import { happen, type Model, type ModelZone, refuse, toCurrent, toEpoch } from "./model.ts";

/** What is wrong with an envelope, or right. */
export type Flaw =
  | "none"
  | "stops"
  | "gap"
  | "chain"
  | "chain-stops"
  | "chain-overlaps"
  | "chain-other-zone"
  | "replay"
  | "first-again"
  | "fork"
  | "fork-first"
  | "wrong-prev"
  | "no-prev"
  | "rekeyed"
  | "new-creator"
  | "foreign"
  | "tampered";

/** An envelope beside what the rules make of it. */
export interface Offer {
  readonly signed: SignedEnvelope;
  readonly draft: EnvelopeDraft;
  readonly terms: ZoneTerms;
  readonly zoneId: string;
  readonly creator: string;
  /** Its form, key and signature hold. */
  readonly sound: boolean;
  /** Its steward_set names this steward. */
  readonly hosted: boolean;
}

interface OfferInput {
  readonly zoneId: string;
  readonly key: NodeKey;
  readonly epoch: number;
  readonly prev: string | null;
  readonly rules: Rules;
  readonly state?: "active" | "stopped";
  readonly steward?: string;
}

function offer(model: Model, input: OfferInput): Offer {
  const { zoneId, key, epoch, prev, rules } = input;
  const terms = { name: `Zone ${epoch}`, topic: model.topic, rules };
  const steward = input.steward ?? model.stewardId;
  const creator = key.nodeId;
  const draft = {
    manifest: toManifest(terms, { id: zoneId, creator, steward }),
    epoch,
    state: input.state ?? "active",
    signedAt: model.now,
    prev,
  } as const;
  const hosted = steward === model.stewardId;
  return { signed: signDraft(key, draft), draft, terms, zoneId, creator, sound: true, hosted };
}

/** The first envelope of a zone, or one that is flawed. */
export function offerFirst(
  model: Model,
  input: { zoneId: string; key: NodeKey; rules: Rules; flaw: Flaw },
): Offer {
  const { zoneId, key, rules, flaw } = input;
  const known = model.zones.get(zoneId)?.envelopes[0];
  if (flaw === "replay" && known) return revive(model, zoneId, key, known);
  const first = offer(model, {
    zoneId,
    key,
    rules,
    epoch: flaw === "gap" ? 2 : 1,
    prev: flaw === "wrong-prev" ? "a".repeat(64) : null,
    ...(flaw === "foreign" && { steward: `atlas_${"7".repeat(64)}` }),
  });
  return flaw === "tampered" ? tamper(first) : first;
}

/** What a creator sends to change a zone: envelopes in their order, flawed or not. */
export function offerNext(
  model: Model,
  zone: ModelZone,
  input: { key: NodeKey; stranger: NodeKey; rules: Rules; flaw: Flaw },
): Offer[] {
  const { key, stranger, rules, flaw } = input;
  const { id: zoneId } = zone;
  const epoch = toEpoch(zone) + 1;
  const current = toCurrent(zone);
  const base = { zoneId, key, rules, epoch, prev: current.hash };
  const make = (change: Partial<OfferInput> = {}) => offer(model, { ...base, ...change });
  const after = (one: Offer) => make({ epoch: one.draft.epoch + 1, prev: one.signed.hash });
  switch (flaw) {
    case "none":
      return [make()];
    case "stops":
      return [make({ state: "stopped" })];
    case "gap":
      return [after(make())];
    case "chain":
      return [make(), after(make())];
    case "chain-stops": {
      const stop = make({ state: "stopped" });
      return [stop, after(stop)];
    }
    case "chain-overlaps":
      return [revive(model, zoneId, key, current), make()];
    case "chain-other-zone":
      return [make({ zoneId: createId("zone") }), after(make())];
    case "replay":
      return [revive(model, zoneId, key, current)];
    case "first-again":
      return [revive(model, zoneId, key, zone.envelopes[0] ?? current)];
    case "fork":
      return [make({ epoch: epoch - 1, prev: zone.envelopes[epoch - 3]?.hash ?? null, ...forked })];
    case "fork-first":
      return [make({ epoch: 1, prev: null, ...forked })];
    case "wrong-prev":
      return [make({ prev: "b".repeat(64) })];
    case "no-prev":
      return [make({ prev: null })];
    case "rekeyed":
      return [rekey(make(), stranger)];
    case "new-creator":
      return [make({ key: stranger })];
    case "foreign":
      return [make({ steward: `atlas_${"7".repeat(64)}` })];
    case "tampered":
      return [tamper(make())];
  }
}

/** Rules no other command makes, so that a fork is never what was accepted. */
const forked = { rules: { max_members: 77 } };

/** An envelope the steward has already. */
function revive(model: Model, zoneId: string, key: NodeKey, signed: SignedEnvelope): Offer {
  const { epoch, prev, state, manifest } = signed.envelope as unknown as EnvelopeDraft;
  const draft = { manifest, epoch, state, signedAt: 0, prev };
  const terms = { name: "", topic: model.topic, rules: {} };
  return { signed, draft, terms, zoneId, creator: key.nodeId, sound: true, hosted: true };
}

function tamper(one: Offer): Offer {
  const manifest = { ...one.draft.manifest, description: "Not what was signed." };
  const envelope = { ...one.signed.envelope, manifest };
  return { ...one, signed: { ...one.signed, envelope }, sound: false };
}

/** Signed by another key, in the creator's name. */
function rekey(one: Offer, stranger: NodeKey): Offer {
  return { ...one, signed: signDraft(stranger, one.draft), sound: false };
}

/** Hosts a new zone; §6. */
export function applyFirst(model: Model, one: Offer, key: NodeKey | undefined): ModelZone {
  if (!one.sound) refuse("invalid_params");
  if (!one.hosted) refuse("not_steward");
  const known = model.zones.get(one.zoneId);
  if (known !== undefined) refuseStale(model, known, one);
  if (one.draft.epoch !== 1 || one.draft.prev !== null) refuse("invalid_params");
  const zone: ModelZone = {
    id: one.zoneId,
    creator: one.creator,
    creatorKey: key,
    envelopes: [one.signed],
    members: new Map(),
    bans: new Map(),
    invites: [],
    log: [],
    forks: new Set(),
    terms: one.terms,
    state: one.draft.state,
    suspended: false,
  };
  model.zones.set(zone.id, zone);
  happen(model, zone, zone.creator, toEpochEvent("created", one));
  return zone;
}

/** Refuses what would change a zone and may not, in the order of §7; changes nothing. */
export function assertSuccessors(model: Model, zone: ModelZone, offers: readonly Offer[]): void {
  let { state } = zone;
  let epoch = toEpoch(zone);
  let { hash } = toCurrent(zone);
  for (const one of offers) {
    if (!one.sound) refuse("invalid_params");
    if (!one.hosted) refuse("not_steward");
    if (state === "stopped") refuse("stopped");
    if (one.creator !== zone.creator) refuse("invalid_params");
    if (one.draft.epoch <= epoch) refuseStale(model, zone, one);
    if (one.draft.epoch !== epoch + 1 || one.draft.prev !== hash) refuse("invalid_params");
    ({ epoch, state } = one.draft);
    ({ hash } = one.signed);
  }
}

/** Takes successors that were found to be in order. */
export function applySuccessors(model: Model, zone: ModelZone, offers: readonly Offer[]): void {
  for (const one of offers) {
    zone.envelopes.push(one.signed);
    zone.terms = one.terms;
    zone.state = one.draft.state;
    const event = zone.state === "stopped" ? "stopped" : "updated";
    happen(model, zone, zone.creator, toEpochEvent(event, one));
  }
}

function toEpochEvent(event: string, { draft, signed }: Offer) {
  return { event, epoch: draft.epoch, envelope_hash: signed.hash };
}

/** Not newer: a replay, or evidence that the creator signed two envelopes of one epoch. */
function refuseStale(model: Model, zone: ModelZone, { draft, signed, creator }: Offer): never {
  const known = zone.envelopes[draft.epoch - 1];
  const isFork = known !== undefined && known.hash !== signed.hash && creator === zone.creator;
  if (!isFork) return refuse("stale_manifest");
  zone.forks.add(`${draft.epoch} ${signed.hash}`);
  model.alarms++;
  return refuse("stale_manifest", "FORK");
}
