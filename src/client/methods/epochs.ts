import { createId } from "../../protocol/ids.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { findPrimary, toEnvelopeJson, type ZoneEnvelope } from "../../protocol/manifest.ts";
import { isReplicated } from "../../protocol/steward-set.ts";
import { judgeSuccession } from "../../protocol/zone-succession.ts";
import type { AgentCore } from "../agent-core.ts";
import { AgentError, hasCode } from "../agent-error.ts";
import type { Ask } from "../calls/ask.ts";
import { parseReply, type Reply } from "../calls/replies.ts";
import { type Deadline, monotonicMs } from "../deadline.ts";
import { signEnvelope } from "../zones/draft.ts";
import { type VerifiedZone, verifyZoneEnvelope } from "../zones/envelope.ts";
import { useEnvelopes } from "../zones/envelope-store.ts";
import { toZoneInfo, type ZoneInfo } from "../zones/info.ts";
import { type Answered, isTakingPart, type Survey, surveyStewards } from "./survey.ts";

/** Failures after which nobody knows whether the envelope was taken. */
const UNKNOWN_CODES: ReadonlySet<number | string> = new Set([
  "internal",
  5001,
  "connection_failed",
  "closed",
  "protocol_error",
  "envelope_invalid",
]);

/** Milliseconds in which the stewards that an envelope is not for first have to take it. */
const TELL_TIMEOUT_MS = 5000;

type Shown = Pick<Reply<"zone.manifest">, "members" | "state">;
type Next = Pick<ZoneEnvelope, "manifest" | "state" | "replication">;

/** One zone of this agent while it signs an epoch: what is the newest, and where the next one goes. */
interface EpochDesk {
  /** The newest envelope of any steward, or a later one of this agent that they may lack. */
  readonly newest: VerifiedZone;
  readonly shown: Shown;
  /** Whether no steward showed `newest`: what this agent signed last may not have been taken. */
  readonly hasUnsent: boolean;
  /** The stewards that answered; empty where the zone is not replicated. */
  readonly answered: readonly string[];
  /** Signs the next epoch, stores it, and hands it over, to `first` before all others. */
  publishNext(next: Next, first?: string): Promise<ZoneInfo>;
  /** Hands the newest envelope over again, as nobody may have it. */
  publishAgain(first?: string): Promise<ZoneInfo>;
}

/**
 * Runs a function with a zone's newest epoch: of a replicated zone by asking all its stewards, else the connected one.
 * What this agent signed last and no steward shows counts, too: it is handed over before what follows.
 * @throws AgentError 2003 NOT_ALLOWED where another node is the creator, `envelope_invalid`
 */
export async function withEpochs<Result>(
  core: AgentCore,
  input: { readonly zoneId: string; readonly deadline: Deadline },
  run: (desk: EpochDesk) => Promise<Result>,
): Promise<Result> {
  const { zoneId, deadline } = input;
  const stored = await useEnvelopes(() => core.settings.envelopes.get(zoneId));
  const own = stored && (await verifyZoneEnvelope(stored, zoneId));
  let known = core.book.find(zoneId) ?? own;
  let shown: Shown | undefined;
  if (known === undefined || !isReplicated(known.manifest)) {
    const { zone, ...reply } = await core.inspect(zoneId, deadline);
    known = zone;
    shown = reply;
  }
  assertCreator(core, known);
  const isAlone = !isReplicated(known.manifest);
  const survey = isAlone ? undefined : await surveyStewards(core, known, deadline);
  try {
    const base = toNewest(known, survey);
    await core.book.accept(zoneId, toEnvelopeJson(base.envelope));
    const unsent = findUnsent(own, base);
    const reply = survey?.newest?.reply ?? shown ?? { members: 0, state: base.envelope.state };
    return await run(createDesk(core, { base, unsent, shown: reply, survey, deadline }));
  } finally {
    await survey?.close();
  }
}

function toNewest(known: VerifiedZone, survey: Survey | undefined): VerifiedZone {
  if (survey === undefined) return known;
  if (survey.answered.size === 0) {
    throw new AgentError("connection_failed", { message: "None of the zone's stewards answered." });
  }
  // What one steward showed before counts where those that have it are away or not in charge now.
  const zone = survey.newest?.zone ?? known;
  return known.envelope.epoch > zone.envelope.epoch ? known : zone;
}

interface DeskParts {
  readonly base: VerifiedZone;
  readonly unsent: VerifiedZone | undefined;
  readonly shown: Shown;
  readonly survey: Survey | undefined;
  readonly deadline: Deadline;
}

function createDesk(core: AgentCore, parts: DeskParts): EpochDesk {
  const { base, unsent, survey, deadline } = parts;
  const newest = unsent ?? base;
  const { envelopes, identity } = core.settings;
  const zoneId = newest.manifest.id;
  const hand = (
    envelope: JsonObject,
    before: readonly (VerifiedZone | undefined)[],
    first?: string,
  ) =>
    handOver(core, {
      envelope,
      chain: before.filter((zone) => zone !== undefined),
      baseEpoch: base.envelope.epoch,
      first,
      survey,
      deadline,
    });
  return {
    newest,
    shown: parts.shown,
    hasUnsent: unsent !== undefined,
    answered: [...(survey?.answered.keys() ?? [])],
    publishAgain: (first) => hand(toEnvelopeJson(newest.envelope), [unsent && base], first),
    publishNext: async (next, first) => {
      const signed = await signEnvelope(identity, {
        ...next,
        epoch: newest.envelope.epoch + 1,
        signed_at: Math.floor(Date.now() / 1000),
        prev: newest.contentHash,
      });
      await useEnvelopes(() => envelopes.put(zoneId, signed));
      try {
        return await hand(signed, [base, unsent], first);
      } catch (error) {
        // Nobody has what was refused for certain; the next attempt may sign this epoch anew.
        if (!isUnknown(error)) {
          const former = unsent && toEnvelopeJson(unsent.envelope);
          await useEnvelopes(() => envelopes.put(zoneId, former));
        }
        throw error;
      }
    },
  };
}

/** What the agent signed last, where it follows the newest envelope of the stewards. */
function findUnsent(own: VerifiedZone | undefined, newest: VerifiedZone): VerifiedZone | undefined {
  if (own === undefined || own.envelope.epoch < newest.envelope.epoch) return undefined;
  const place = (zone: VerifiedZone) => ({
    creator: zone.manifest.creator.node_id,
    epoch: zone.envelope.epoch,
    hash: zone.contentHash,
    prev: zone.envelope.prev,
  });
  switch (judgeSuccession(place(newest), place(own))) {
    case "same":
      return undefined;
    case "next":
      return own;
    case "ahead":
      throw new AgentError("envelope_invalid", {
        reason: "ROLLBACK",
        message: "This agent signed later epochs than any steward shows that answers now.",
      });
    default:
      throw new AgentError("envelope_invalid", {
        reason: "FORK",
        message: "A steward has another envelope of the epoch that this agent signed last.",
      });
  }
}

interface Handover {
  readonly envelope: JsonObject;
  /** What the receiver may lack, oldest first. */
  readonly chain: readonly VerifiedZone[];
  /** What the connected steward showed. */
  readonly baseEpoch: number;
  readonly first: string | undefined;
  readonly survey: Survey | undefined;
  readonly deadline: Deadline;
}

/** Hands an envelope to `first`, else to its primary, then to all that answered; they tell the others. */
async function handOver(core: AgentCore, hand: Handover): Promise<ZoneInfo> {
  const { survey, envelope, deadline } = hand;
  const own = await verifyZoneEnvelope(envelope, (envelope.manifest as { id: string }).id);
  if (survey === undefined) {
    const chain = hand.chain.filter((zone) => zone.envelope.epoch > hand.baseEpoch);
    return publish(core, core.ask, "zone.update", { envelope, chain, deadline });
  }
  const first = hand.first ?? findPrimary(own.manifest);
  const named = own.manifest.steward_set.map((ref) => ref.node_id);
  const order = [...named].sort((a, b) => Number(b === first) - Number(a === first));
  const visited = order.flatMap((nodeId) => survey.answered.get(nodeId) ?? []);
  let refusal: unknown = new AgentError("connection_failed", {
    message: "No steward that the new envelope names answered; nothing was sent.",
    reason: "NOT_SENT",
  });
  for (const [index, answered] of visited.entries()) {
    try {
      const taken = await handTo(core, answered, { ...hand, own });
      await tellOthers(core, visited.slice(index + 1), { ...hand, own });
      return taken;
    } catch (error) {
      refusal = error;
      if (isUnknown(error) || answered.visit.peer.nodeId === hand.first) break;
    }
  }
  throw refusal;
}

type OwnHandover = Handover & { readonly own: VerifiedZone };

async function handTo(
  core: AgentCore,
  { visit, shown }: Answered,
  { envelope, own, chain, deadline }: OwnHandover,
): Promise<ZoneInfo> {
  if (shown?.zone.contentHash === own.contentHash) return toZoneInfo(own, shown.reply);
  const hasEpoch = shown?.zone.envelope.epoch;
  const lacking = chain.filter((zone) => hasEpoch === undefined || zone.envelope.epoch > hasEpoch);
  // One that showed nothing refuses what it has as well as a gap: from no envelope before it to all.
  let from = hasEpoch === undefined ? lacking.length : 0;
  for (;;) {
    try {
      const before = lacking.slice(from);
      return await publish(core, visit.ask, "zone.update", { envelope, chain: before, deadline });
    } catch (error) {
      if (!hasCode(error, "invalid_params") || from === 0) throw error;
      from -= 1;
    }
  }
}

/** They hear of it from the one that took it, too: whom the creator cannot reach now is not waited for. */
async function tellOthers(
  core: AgentCore,
  others: readonly Answered[],
  hand: OwnHandover,
): Promise<void> {
  const at = Math.min(hand.deadline.at, monotonicMs() + TELL_TIMEOUT_MS);
  const deadline = { ...hand.deadline, at };
  await Promise.allSettled(others.map((other) => handTo(core, other, { ...hand, deadline })));
}

/** Sends a signed envelope; that the steward has it already is as good as that it takes it. */
export async function publish(
  core: AgentCore,
  ask: Ask,
  type: "zone.create" | "zone.update",
  hand: Pick<Handover, "envelope" | "chain" | "deadline">,
): Promise<ZoneInfo> {
  const { envelope, deadline } = hand;
  const zoneId = (envelope.manifest as { id: string }).id;
  const own = await verifyZoneEnvelope(envelope, zoneId);
  const chain =
    hand.chain.length === 0
      ? undefined
      : hand.chain.map((before) => toEnvelopeJson(before.envelope));
  const request_id = createId("req");
  try {
    const fields = { type, request_id, envelope, chain };
    const { body } = await ask(fields, { deadline, zoneId });
    const reply = parseReply("zone.manifest", body);
    const zone = await core.book.accept(zoneId, reply.envelope);
    if (zone.contentHash === own.contentHash) return toZoneInfo(zone, reply);
    throw new AgentError("protocol_error", { message: "The steward shows another envelope." });
  } catch (error) {
    if (!hasCode(error, "stale_manifest")) throw error;
    const [, ...later] = hand.chain;
    if (hand.chain.length > 0 && (error as AgentError).reason !== "FORK") {
      // A steward that could not show what it has may have the first of them, and refuses to take it again.
      return publish(core, ask, type, { ...hand, chain: later });
    }
    // A copy that was sent before a reconnect may have arrived.
    const fields = { type: "zone.inspect", request_id, zone_id: zoneId };
    const shown = await ask(fields, { deadline, repeatable: false }).catch((refusal: unknown) => {
      // It has no copy to show yet, but no other envelope of this epoch, which it would call a fork.
      const hasIt = chain === undefined && (error as AgentError).reason !== "FORK";
      if (hasIt && isTakingPart(refusal)) return undefined;
      throw refusal;
    });
    if (shown === undefined) return toZoneInfo(own, { members: 0, state: own.envelope.state });
    const reply = parseReply("zone.manifest", shown.body);
    const zone = await core.book.accept(zoneId, reply.envelope);
    if (zone.contentHash !== own.contentHash) throw error;
    return toZoneInfo(zone, reply);
  }
}

function assertCreator(core: AgentCore, { manifest }: VerifiedZone): void {
  if (manifest.creator.node_id === core.settings.identity.nodeId) return;
  throw new AgentError(2003, {
    reason: "NOT_ALLOWED",
    message: "Only the zone's creator can sign its next epoch.",
  });
}

function isUnknown(error: unknown): boolean {
  if (!(error instanceof AgentError)) return true;
  if (error.reason === "NOT_SENT") return false;
  return error.recovery === "reconcile" || UNKNOWN_CODES.has(error.code);
}
