import { expect } from "vitest";
import { type Fields, type Rules, readEnvelope, type ZoneTerms } from "./envelopes.ts";
import {
  applyFirst,
  applySuccessors,
  assertSuccessors,
  type Flaw,
  type Offer,
  offerFirst,
  offerNext,
} from "./hosting.ts";
import { type Op, toZoneId } from "./membership.ts";
import {
  enterAsCreator,
  type Model,
  type ModelAgent,
  type ModelZone,
  refuse,
  refuseMessage,
  toAnswer,
  toCurrent,
  toEpoch,
  toState,
} from "./model.ts";
import type { OperatorOp } from "./moderation.ts";
import { toManifestReply } from "./reading.ts";

/** What an agent sends to create a zone. */
export interface CreateArgs {
  readonly slot: number;
  readonly rules: Rules;
  readonly flaw: Flaw;
  /** In whose name; undefined is the sender's own. */
  readonly inNameOf: number | undefined;
}

/** An agent asks for a zone to be hosted. */
export function create(args: CreateArgs): Op {
  return (model, { agent }) => {
    const zoneId = toZoneId(model, args.slot);
    const owner = args.inNameOf === undefined ? agent : (model.agents[args.inNameOf] ?? agent);
    const one = offerFirst(model, { ...args, zoneId, key: owner.key });
    const claimed = (one.signed.envelope.manifest as { creator: Fields }).creator.node_id;
    return {
      body: { type: "zone.create", envelope: one.signed.envelope },
      expected: toAnswer(() => {
        if (!agent.bound) refuseMessage(2001, "BOUND_REQUIRED");
        if (claimed !== agent.key.nodeId) refuseMessage(2003, "NOT_ALLOWED");
        return toManifestReply(applyFirst(model, one, agent.key));
      }),
    };
  };
}

/** What is sent to change a zone. */
export interface UpdateArgs {
  readonly slot: number;
  readonly rules: Rules;
  readonly flaw: Flaw;
}

/** Another agent than the zone's creator, whose key must not do. */
function toStranger(model: Model, zone: ModelZone): ModelAgent {
  return model.agents.find(({ key }) => key.nodeId !== zone.creator) as ModelAgent;
}

/** What the zone's creator would sign; nothing where the steward holds its key. */
function toOffers(model: Model, zone: ModelZone | undefined, args: UpdateArgs): Offer[] {
  if (zone?.creatorKey === undefined) return [];
  const stranger = toStranger(model, zone).key;
  return offerNext(model, zone, { key: zone.creatorKey, stranger, ...args });
}

/** Sends the next envelope, whoever the sender is. */
export function update(args: UpdateArgs): Op {
  return (model, { agent }) => {
    const zoneId = toZoneId(model, args.slot);
    const zone = model.zones.get(zoneId);
    const offers = toOffers(model, zone, args);
    const last = offers.at(-1) ?? offerFirst(model, { ...args, zoneId, key: agent.key });
    const chain = offers.slice(0, -1).map(({ signed }) => signed.envelope);
    const { envelope } = last.signed;
    return {
      body: { type: "zone.update", envelope, ...(chain.length > 0 && { chain }) },
      expected: toAnswer(() => {
        // What may follow a signed stop is judged with the envelope.
        const evenStopped = zone?.state === "stopped";
        const own = enterAsCreator(model, zoneId, agent, { evenStopped });
        if (offers.some((one) => one.zoneId !== zoneId)) refuse("invalid_params");
        assertSuccessors(model, own, offers);
        applySuccessors(model, own, offers);
        return toManifestReply(own);
      }),
    };
  };
}

/** The admin API's form of a zone. */
export function toZoneBody(zone: ModelZone): Fields {
  return {
    id: zone.id,
    epoch: toEpoch(zone),
    state: toState(zone),
    members: zone.members.size,
    envelope: toCurrent(zone).envelope,
  };
}

function toInput({ name, topic, rules }: ZoneTerms): Fields {
  return { name, description: "A zone of the model.", type: "open", topic, rules };
}

/** The operator creates a zone, whose id and first envelope are the steward's to make. */
export function createByOperator({ slot, rules }: { slot: number; rules: Rules }): OperatorOp {
  return (model) => {
    const terms = { name: "Zone of the operator", topic: model.topic, rules };
    return {
      method: "POST",
      path: "/v1/zones",
      body: toInput(terms),
      expected: {
        id: expect.stringMatching(/^zone_/),
        epoch: 1,
        state: "active",
        members: 0,
        envelope: expect.objectContaining({ epoch: 1, prev: null, state: "active" }),
      },
      learn: ({ id, envelope }) => {
        const zoneId = id as string;
        model.slots[slot % model.slots.length] = zoneId;
        applyFirst(model, toSteadyOffer(model, zoneId, envelope as Fields, terms), undefined);
      },
    };
  };
}

/** An envelope the steward signed itself, verified. */
function toSteadyOffer(model: Model, zoneId: string, envelope: Fields, terms: ZoneTerms): Offer {
  const signed = readEnvelope(envelope);
  const { manifest, epoch, state, prev } = envelope as unknown as Offer["draft"];
  expect(manifest).toMatchObject({ ...toInput(terms), id: zoneId });
  const draft = { manifest, epoch, state, prev, signedAt: model.now };
  const creator = model.operatorId;
  return { signed, draft, terms, zoneId, creator, sound: true, hosted: true };
}

/** Takes the epoch that the steward signed as creator; the expected answer came first. */
function learnEpoch(model: Model, zone: ModelZone, terms: ZoneTerms) {
  return ({ envelope }: Fields): void => {
    const next = toSteadyOffer(model, zone.id, envelope as Fields, terms);
    if (next.signed.hash === toCurrent(zone).hash) return;
    assertSuccessors(model, zone, [next]);
    applySuccessors(model, zone, [next]);
  };
}

/** The operator changes a zone's rules, which only works where the steward is its creator. */
export function updateByOperator({ slot, rules }: { slot: number; rules: Rules }): OperatorOp {
  return (model) => {
    const zoneId = toZoneId(model, slot);
    const zone = model.zones.get(zoneId);
    const terms = { name: "Zone of the operator", topic: model.topic, rules };
    const call = {
      method: "PUT",
      path: `/v1/zones/${zoneId}`,
      body: toInput(terms),
      headers: { "If-Match": "*" },
    } as const;
    const expected = toAnswer(() => {
      if (zone === undefined) return refuse("zone_not_found");
      if (zone.creatorKey !== undefined) refuse("conflict");
      if (zone.state === "stopped") refuse("stopped");
      const same = JSON.stringify(zone.terms.rules) === JSON.stringify(rules);
      const envelope = expect.objectContaining({ epoch: toEpoch(zone) + (same ? 0 : 1) });
      return { ...toZoneBody(zone), epoch: toEpoch(zone) + (same ? 0 : 1), envelope };
    });
    const changes = zone && !("code" in (expected as Fields));
    return { ...call, expected, ...(changes && { learn: learnEpoch(model, zone, terms) }) };
  };
}

/** The operator brings a creator's next envelope. */
export function carryByOperator(args: UpdateArgs): OperatorOp {
  return (model) => {
    const zoneId = toZoneId(model, args.slot);
    const zone = model.zones.get(zoneId);
    const next = toOffers(model, zone, args).at(-1);
    return {
      method: "PUT",
      path: `/v1/zones/${zoneId}`,
      body: { envelope: next?.signed.envelope ?? {} },
      headers: { "If-Match": zone ? `"${toEpoch(zone)}"` : "*" },
      expected: toAnswer(() => {
        if (zone === undefined) return refuse("zone_not_found");
        if (next === undefined) return refuse("invalid_request");
        assertSuccessors(model, zone, [next]);
        applySuccessors(model, zone, [next]);
        return toZoneBody(zone);
      }),
    };
  };
}

/** A signed stop of the operator's own zone; a suspension of anybody else's. */
export function stopByOperator({ slot }: { slot: number }): OperatorOp {
  return (model) => {
    const zoneId = toZoneId(model, slot);
    const zone = model.zones.get(zoneId);
    const own = zone?.state === "active" && zone.creatorKey === undefined;
    return {
      method: "POST",
      path: `/v1/zones/${zoneId}/stop`,
      expected: toAnswer(() => {
        if (zone === undefined) return refuse("zone_not_found");
        if (own) return expect.objectContaining({ epoch: toEpoch(zone) + 1, state: "stopped" });
        if (zone.state === "active") zone.suspended = true;
        return toZoneBody(zone);
      }),
      ...(zone && own && { learn: learnEpoch(model, zone, zone.terms) }),
    };
  };
}

/** The operator takes hosting up again. */
export function resumeByOperator({ slot }: { slot: number }): OperatorOp {
  return (model) => {
    const zoneId = toZoneId(model, slot);
    return {
      method: "POST",
      path: `/v1/zones/${zoneId}/resume`,
      expected: toAnswer(() => {
        const zone = model.zones.get(zoneId);
        if (zone === undefined) return refuse("zone_not_found");
        if (zone.state === "stopped") refuse("stopped");
        zone.suspended = false;
        return toZoneBody(zone);
      }),
    };
  };
}
