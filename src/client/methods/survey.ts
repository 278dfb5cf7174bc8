import type { JsonObject } from "../../protocol/json.ts";
import type { AgentCore } from "../agent-core.ts";
import { AgentError } from "../agent-error.ts";
import { parseReply, type Reply } from "../calls/replies.ts";
import { openVisit, type Visit } from "../calls/visit.ts";
import { type Deadline, monotonicMs } from "../deadline.ts";
import { type VerifiedZone, verifyZoneEnvelope } from "../zones/envelope.ts";

/** Milliseconds in which a steward has to answer the creator; one that is down takes all of them. */
const SURVEY_TIMEOUT_MS = 5000;

/** Codes of a steward that takes part in the zone and cannot show it now. */
const TAKES_PART: ReadonlySet<number | string> = new Set([
  "replica_not_ready",
  "steward_unavailable",
  "internal",
]);

/** Tells whether a refusal is that of a steward which takes part in the zone and cannot show it now. */
export function isTakingPart(error: unknown): boolean {
  return error instanceof AgentError && TAKES_PART.has(error.code);
}

/** A steward that answered, and what it showed of the zone. */
export interface Answered {
  readonly visit: Visit;
  readonly shown?: { readonly zone: VerifiedZone; readonly reply: Reply<"zone.manifest"> };
}

/** The stewards of a zone that answer its creator now; sessions with each until it is closed. */
export interface Survey {
  readonly answered: ReadonlyMap<string, Answered>;
  /** The newest envelope that any of them has; undefined where none showed one. */
  readonly newest: Answered["shown"];
  close(): Promise<void>;
}

/**
 * Dials every steward that the newest envelope names, at once, and asks each for its envelope; a newer
 * one may name others, which are dialled then; `docs/protocol.md` §9.8.
 * @throws AgentError `envelope_invalid` FORK where two of them have different envelopes of one epoch
 */
export async function surveyStewards(
  core: AgentCore,
  start: VerifiedZone,
  deadline: Deadline,
): Promise<Survey> {
  const answered = new Map<string, Answered>();
  const asked = new Set<string>();
  const close = async () => {
    await Promise.all([...answered.values()].map(({ visit }) => visit.close()));
  };
  const until = Math.min(deadline.at, monotonicMs() + SURVEY_TIMEOUT_MS);
  const limits = { at: until, signal: deadline.signal };
  let newest: Answered["shown"];
  try {
    for (;;) {
      const named = (newest?.zone ?? start).manifest.steward_set;
      const refs = named.filter((ref) => !asked.has(ref.node_id));
      if (refs.length === 0) return { answered, newest, close };
      const answers = await Promise.all(refs.map((ref) => ask(core, start, ref, limits)));
      for (const [index, answer] of answers.entries()) {
        const { node_id } = refs[index] as (typeof refs)[number];
        asked.add(node_id);
        if (answer === undefined) continue;
        answered.set(node_id, answer);
        newest = toNewer(newest, answer.shown);
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
}

async function ask(
  core: AgentCore,
  { manifest }: VerifiedZone,
  ref: { readonly node_id: string; readonly entrypoint?: string | undefined },
  deadline: Deadline,
): Promise<Answered | undefined> {
  const { identity, link } = core.settings;
  const target = core.stewards.findTarget(ref.node_id, ref.entrypoint);
  if (target === undefined) return undefined;
  const connectTimeoutMs = Math.max(1, deadline.at - monotonicMs());
  const signal = deadline.signal ?? new AbortController().signal;
  let visit: Visit | undefined;
  try {
    visit = await openVisit(identity, { ...link.dial, ...target, connectTimeoutMs }, signal);
    const fields = { type: "zone.inspect", request_id: "req_survey", zone_id: manifest.id };
    const { body } = await visit.ask(fields, { deadline, repeatable: false });
    const reply = parseReply("zone.manifest", body);
    return { visit, shown: { zone: await verifyZoneEnvelope(reply.envelope, manifest.id), reply } };
  } catch (error) {
    signal.throwIfAborted();
    if (visit !== undefined && isTakingPart(error)) return { visit };
    await visit?.close();
    return undefined;
  }
}

function toNewer(a: Answered["shown"], b: Answered["shown"]): Answered["shown"] {
  if (a === undefined || b === undefined) return a ?? b;
  const [one, other] = [a.zone.envelope, b.zone.envelope];
  if (one.epoch === other.epoch && a.zone.contentHash !== b.zone.contentHash) {
    throw new AgentError("envelope_invalid", {
      reason: "FORK",
      message: "Two stewards have different envelopes of one epoch, both signed by the creator.",
      details: { envelopes: [one, other] as unknown as JsonObject[] },
    });
  }
  return other.epoch > one.epoch ? b : a;
}
