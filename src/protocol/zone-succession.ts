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
