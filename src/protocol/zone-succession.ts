import { type JsonObject, toCanonicalJson } from "./json.ts";

/** What the order of a zone's envelopes is judged by; `docs/protocol.md` §6. */
export interface EnvelopePlace {
  /** The creator's node id. */
  readonly creator: string;
  readonly epoch: number;
  /** sha256 of the signed bytes, hex. */
  readonly hash: string;
  readonly prev: string | null;
}

/**
 * How an envelope stands to the newest one known of its zone: `same` content, `next` to follow,
 * `ahead` where epochs are missing between; else what is wrong: another `creator`, `behind`, a
 * `fork` of a known epoch, or the next epoch `detached` from the known one.
 */
export type Succession = "same" | "next" | "ahead" | "creator" | "behind" | "fork" | "detached";

/**
 * Judges an envelope against the newest one known: the creator never changes, epochs never go back, one
 * epoch has one content, and the next one names its predecessor; `docs/protocol.md` §6.
 */
export function judgeSuccession(
  known: Pick<EnvelopePlace, "creator" | "epoch" | "hash">,
  next: EnvelopePlace,
): Succession {
  if (next.creator !== known.creator) return "creator";
  if (next.epoch < known.epoch) return "behind";
  if (next.epoch === known.epoch) return next.hash === known.hash ? "same" : "fork";
  if (next.epoch > known.epoch + 1) return "ahead";
  return next.prev === known.hash ? "next" : "detached";
}

/** What of an envelope says whether it may follow a stopped one. */
interface Content {
  /** As signed. */
  readonly manifest: JsonObject;
  readonly state: "active" | "stopped";
}

/**
 * Tells whether an envelope that is a zone's next one may be so after a stopped one: itself stopped, with a
 * manifest that differs in nothing but who hosts the zone, so that open paid requests can move;
 * `docs/protocol.md` §6.
 */
export function mayFollowStop(stopped: Pick<Content, "manifest">, next: Content): boolean {
  return next.state === "stopped" && toSteadyText(stopped.manifest) === toSteadyText(next.manifest);
}

function toSteadyText({ steward_set: _set, entrypoints: _at, ...steady }: JsonObject): string {
  return toCanonicalJson(steady);
}
