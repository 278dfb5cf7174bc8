import type { AckKind, Epoch, ZoneState } from "./state.ts";
import { findEpoch, findPeer, hasBegun, isPrimary } from "./zone.ts";

/** Why a primary is not in charge of a class; `docs/protocol.md` §9.13. */
export type ChargeRefusal = "NOT_PRIMARY" | "STATE_LOST" | "HALTED" | "RECOVERING" | "NO_LEASE";

/** k of a class; `docs/protocol.md` §9.1. */
export function toAcks(epoch: Epoch, kind: AckKind): number {
  return kind === "money" ? epoch.moneyAcks : epoch.otherAcks;
}

/** The highest n that k voters hold, said in E; the steward's own where k is 0. */
export function findHeld(state: ZoneState, kind: AckKind): number {
  const epoch = findEpoch(state);
  const { position } = state.durable;
  if (epoch === undefined || position === undefined) return 0;
  const acks = toAcks(epoch, kind);
  if (acks === 0) return position.n;
  const held = epoch.voters.map((voter) => findPeer(state, voter).held ?? 0);
  return held.sort((a, b) => b - a)[acks - 1] ?? 0;
}

/** The highest n that the second gate lets go; 0 before k voters hold the first commit of E. */
export function findReleasable(state: ZoneState, kind: AckKind): number {
  const { first } = state.durable;
  if (!isPrimary(state) || !hasBegun(state) || first === undefined) return 0;
  const held = findHeld(state, kind);
  return held >= first.n ? held : 0;
}

/**
 * A primary that started has heard of enough others to know that it forgot nothing: of k voters; with k = 0
 * of anybody, or of nobody for L; `docs/protocol.md` §9.7.
 */
export function hasHeard(state: ZoneState, kind: AckKind, nowMs: number): boolean {
  const epoch = findEpoch(state);
  if (!state.mustHear) return true;
  if (epoch === undefined) return false;
  const acks = toAcks(epoch, kind);
  const others = [...epoch.voters, ...epoch.learners];
  const isTold = (node: string) => findPeer(state, node).answer !== undefined;
  if (acks > 0) return epoch.voters.filter(isTold).length >= acks;
  return others.length === 0 || others.some(isTold) || nowMs - state.sinceMs >= epoch.leaseMs;
}

/**
 * Why this steward may not commit a change of the zone, whatever asks for it; undefined where it may. It needs no
 * lease: what it commits leaves once acknowledged, or is cut back.
 */
export function findCommitRefusal(
  state: ZoneState,
  kind: AckKind,
  nowMs: number,
): ChargeRefusal | undefined {
  if (!isPrimary(state)) return "NOT_PRIMARY";
  const { halted } = state.durable;
  if (halted !== undefined) return halted === "STATE_LOST" ? "STATE_LOST" : "HALTED";
  if (!hasBegun(state) || !hasHeard(state, kind, nowMs)) return "RECOVERING";
  return undefined;
}

/** Why this steward is not in charge of a class of the zone; undefined where it is; `docs/protocol.md` §9.7. */
export function findRefusal(
  state: ZoneState,
  kind: AckKind,
  nowMs: number,
): ChargeRefusal | undefined {
  const refusal = findCommitRefusal(state, kind, nowMs);
  if (refusal !== undefined) return refusal;
  if (findReleasable(state, kind) === 0) return "RECOVERING";
  return hasLease(state, kind, nowMs) ? undefined : "NO_LEASE";
}

/** k voters that follow in E answered Pings that were sent within L. */
function hasLease(state: ZoneState, kind: AckKind, nowMs: number): boolean {
  const epoch = findEpoch(state);
  if (epoch === undefined) return false;
  const acks = toAcks(epoch, kind);
  const answering = epoch.voters.filter((voter) => {
    const { isFollowing, pingedAtMs } = findPeer(state, voter);
    return isFollowing && pingedAtMs !== undefined && nowMs - pingedAtMs <= epoch.leaseMs;
  });
  return answering.length >= acks;
}
