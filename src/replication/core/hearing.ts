import { comparePositions, type Position } from "../../protocol/commit.ts";
import { tell } from "./adopting.ts";
import type { HeardAck, HeardPosition, ZoneEffect } from "./events.ts";
import { notice } from "./following.ts";
import type { Epoch, HaltReason, ZoneState } from "./state.ts";
import { findEpoch, findPeer, hasBegun, isPrimary, withDurable, withPeer } from "./zone.ts";

/** How long a steward that did not answer is left alone before it is told the same again. */
const RETELL_MS = 1_000;

/** Takes another steward's word of where it is; `docs/protocol.md` §9.3, §9.7, §9.8. */
export function onPosition(
  state: ZoneState,
  from: string,
  heard: HeardPosition,
  nowMs: number,
  effects: ZoneEffect[],
): ZoneState {
  const epoch = findEpoch(state);
  if (epoch === undefined) return state;
  if (heard.epoch < epoch.epoch) return repeatFrom(state, from, heard.epoch, nowMs, effects);
  if (heard.epoch > epoch.epoch) return state;
  if (heard.envelopeHash !== epoch.hash) return withPeer(state, from, { answer: undefined });
  const { position } = heard;
  if (from === epoch.primary && position !== null) return onPrimaryPosition(state, position, nowMs);
  if (position !== null && heard.isSound && !heard.isLost && isPrimary(state)) {
    const proof = findProof(state, epoch, position, heard.ownDigest);
    if (proof === "halt") return halt(state, "STATE_LOST", effects);
    if (proof === "forgot") return onPositionCounted(forget(state), from, heard);
  }
  return onPositionCounted(state, from, heard);
}

/** A follower hears where primary(E) is. */
function onPrimaryPosition(state: ZoneState, { n }: Position, nowMs: number): ZoneState {
  const { primary } = state;
  const position = Math.max(primary.position ?? 0, n);
  return notice({ ...state, primary: { ...primary, position } }, nowMs);
}

function onPositionCounted(state: ZoneState, from: string, heard: HeardPosition): ZoneState {
  const { position, isSound, isLost, ownDigest } = heard;
  const isCounted = position !== null && isSound && !isLost;
  const isHeld =
    isCounted && position.n <= (state.durable.position?.n ?? -1) && ownDigest === position.digest;
  return withPeer(state, from, {
    answer: { position: isCounted ? position : null, isHeld },
    ...(isLost && { held: undefined }),
    ...(isHeld && { distrust: undefined }),
  });
}

/**
 * What a sound position proves to a primary: commits of its own epoch that it does not hold (it has lost
 * state: halt), or of an epoch in which it once was primary (it forgot, and takes them over).
 */
function findProof(
  state: ZoneState,
  epoch: Epoch,
  position: Position,
  ownDigest: string | undefined,
): "halt" | "forgot" | undefined {
  const own = state.durable.isComplete ? state.durable.position : undefined;
  const isAhead = own === undefined || comparePositions(position, own) > 0;
  const isOther = !isAhead && ownDigest !== undefined && ownDigest !== position.digest;
  if (!isAhead && !(isOther && position.epoch === own?.epoch)) return undefined;
  if (position.epoch === epoch.epoch) return "halt";
  const { entry, epochs } = state.durable;
  const wasPrimary = epochs.find((past) => past.epoch === position.epoch)?.primary === state.self;
  if (!wasPrimary || position.n === 0) return undefined;
  if (hasBegun(state)) return undefined;
  return entry.isKept ? "halt" : "forgot";
}

/** Sends the envelopes that a steward lacks, once for each E that it tells, or again after a while. */
function repeatFrom(
  state: ZoneState,
  node: string,
  after: number,
  nowMs: number,
  effects: ZoneEffect[],
): ZoneState {
  const { toldAtMs, toldAfter } = findPeer(state, node);
  const isAgain = toldAfter === after && toldAtMs !== undefined && nowMs - toldAtMs < RETELL_MS;
  return isAgain ? state : tell(state, node, nowMs, effects, after);
}

/**
 * Begins a subscription: the follower holds what it says now, whatever it acknowledged before. A restored
 * one may hold less.
 */
export function onFollowed(
  state: ZoneState,
  from: string,
  followed: { readonly epoch: number; readonly position: Position | null },
): ZoneState {
  const epoch = findEpoch(state);
  if (epoch === undefined || !isPrimary(state) || followed.epoch !== epoch.epoch) return state;
  const { position } = followed;
  return withPeer(state, from, { held: position?.n, isFollowing: position !== null });
}

/** Counts a follower's acknowledgement, said in E of a commit that is this steward's; §9.5. */
export function onAck(
  state: ZoneState,
  from: string,
  ack: HeardAck,
  effects: ZoneEffect[],
): ZoneState {
  const epoch = findEpoch(state);
  if (epoch === undefined || !isPrimary(state) || ack.epoch !== epoch.epoch) return state;
  const isAhead = ack.n > (state.durable.position?.n ?? 0);
  if (isAhead || (ack.ownDigest !== undefined && ack.ownDigest !== ack.digest)) {
    effects.push({ type: "alarm", what: "OTHER_DIGEST", node: from });
    effects.push({ type: "endSubscription", node: from });
    return withPeer(state, from, { isFollowing: false });
  }
  if (ack.ownDigest === undefined) return state;
  const held = Math.max(findPeer(state, from).held ?? 0, ack.n);
  return withPeer(state, from, { held, isFollowing: true });
}

/** Halts the zone until a new epoch or the operator. */
export function halt(state: ZoneState, reason: HaltReason, effects: ZoneEffect[]): ZoneState {
  if (state.durable.halted !== undefined) return state;
  effects.push({ type: "halted", reason });
  const isLost = reason === "STATE_LOST" || state.durable.isLost;
  return { ...withDurable(state, { halted: reason, isLost }), isBeginning: false };
}

/** This steward takes over, and has proof that it forgot what it had: it does not count itself. */
function forget(state: ZoneState): ZoneState {
  return withDurable(state, { isLost: true });
}

/** Tells those again who have yet to answer what this primary waits for, and gives the silent another chance. */
export function retell(state: ZoneState, nowMs: number, effects: ZoneEffect[]): ZoneState {
  const epoch = findEpoch(state);
  if (epoch === undefined) return state;
  if (!isPrimary(state)) return askPrimary(state, epoch, nowMs, effects);
  let next = state;
  for (const [node, peer] of state.peers) {
    const { distrust, distrustedAtMs = nowMs } = peer;
    if (distrust === "silent" && nowMs - distrustedAtMs >= epoch.leaseMs) {
      next = withPeer(next, node, { distrust: undefined });
    }
    if (!peer.isOpen || peer.answer !== undefined) continue;
    const since = nowMs - (peer.toldAtMs ?? Number.NEGATIVE_INFINITY);
    if (since >= Math.max(RETELL_MS, epoch.leaseMs / 3)) next = tell(next, node, nowMs, effects);
  }
  return next;
}

/** A lost follower asks primary(E) where it is until it is told. */
function askPrimary(
  state: ZoneState,
  { primary, leaseMs }: Epoch,
  nowMs: number,
  effects: ZoneEffect[],
): ZoneState {
  if (!state.durable.isLost || state.primary.position !== undefined) return state;
  const { toldAtMs } = findPeer(state, primary);
  const since = nowMs - (toldAtMs ?? Number.NEGATIVE_INFINITY);
  const isDue = since >= Math.max(RETELL_MS, leaseMs / 3);
  return isDue ? tell(state, primary, nowMs, effects) : state;
}
