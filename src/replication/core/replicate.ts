import type { ZoneErrorCode } from "../../error-catalogue.ts";
import { comparePositions, type Position } from "../../protocol/commit.ts";
import type { ChargeRefusal } from "./charge.ts";
import type { ZoneState } from "./state.ts";
import { findEpoch, findPeer, hasBegun, isNamed, isPrimary } from "./zone.ts";

/** A zone.replicate, and what the responder knows of it. */
export interface ReplicateAsk {
  readonly from: string;
  readonly epoch: number;
  readonly envelopeHash: string;
  readonly position: Position | null;
  readonly isRecover: boolean;
  /** The digest of the responder's own commit `position.n`, where it is kept. */
  readonly ownDigest: string | undefined;
}

/** How a zone.replicate is answered: a stream from its position, a snapshot, or a refusal. */
export type ReplicateAnswer =
  | { readonly type: "stream" }
  | { readonly type: "snapshot" }
  | {
      readonly type: "refuse";
      readonly code: ZoneErrorCode;
      readonly reason?: ChargeRefusal | "FORK";
      /** `envelopes` stands beside the code: those after this epoch. */
      readonly envelopesAfter?: number;
    };

/**
 * Judges a zone.replicate of a zone that is known here; the first rule decides; `docs/protocol.md` §9.5.
 * A primary that has yet to make the first commit of E serves nobody: a follower could be cut back to what
 * the primary is about to learn it lacks. Neither does one that a follower says to be ahead of, until that one has told its position with its head.
 */
export function judgeReplicate(state: ZoneState, ask: ReplicateAsk): ReplicateAnswer {
  const epoch = findEpoch(state);
  if (epoch === undefined) return { type: "refuse", code: "zone_not_found" };
  if (!isNamed(state) && !ask.isRecover) return { type: "refuse", code: "not_steward" };
  if (ask.epoch < epoch.epoch) {
    return { type: "refuse", code: "stale_manifest", envelopesAfter: ask.epoch };
  }
  if (ask.epoch > epoch.epoch) return { type: "refuse", code: "stale_manifest" };
  if (ask.envelopeHash !== epoch.hash) {
    return { type: "refuse", code: "stale_manifest", reason: "FORK" };
  }
  const { isComplete, position, halted } = state.durable;
  if (!isComplete || position === undefined) return { type: "refuse", code: "replica_not_ready" };
  const isFromPrimary = ask.isRecover && ask.from === epoch.primary;
  if (!isFromPrimary && !isPrimary(state)) return unavailable("NOT_PRIMARY");
  if (!isFromPrimary) {
    if (halted !== undefined) return unavailable(halted === "STATE_LOST" ? "STATE_LOST" : "HALTED");
    if (!hasBegun(state)) return unavailable("RECOVERING");
    const isAhead = ask.position !== null && comparePositions(ask.position, position) > 0;
    const { answer } = findPeer(state, ask.from);
    if (isAhead && answer === undefined) return unavailable("RECOVERING");
  }
  const isHeld = ask.position !== null && ask.ownDigest === ask.position.digest;
  return { type: isHeld ? "stream" : "snapshot" };
}

function unavailable(reason: ChargeRefusal): Extract<ReplicateAnswer, { type: "refuse" }> {
  return { type: "refuse", code: "steward_unavailable", reason };
}
