import type { Position } from "../../protocol/commit.ts";
import { onBranch, onEnvelopes, tell } from "./adopting.ts";
import { findRefusal, findReleasable, hasHeard } from "./charge.ts";
import type { ZoneEffect, ZoneEvent } from "./events.ts";
import { findFollowed, moved, onApplied, onCopied, onTold } from "./following.ts";
import { halt, onAck, onFollowed, onPosition, retell } from "./hearing.ts";
import type { ZoneState } from "./state.ts";
import { findBetter, hasUsableCopy, isReached, listLacks } from "./take-over.ts";
import {
  findEpoch,
  findPeer,
  hasBegun,
  isPrimary,
  listReach,
  withDurable,
  withPeer,
} from "./zone.ts";

/** What a step leads to: the driver stores `state.durable` where it changed, then executes the effects in order. */
export interface Step {
  readonly state: ZoneState;
  readonly effects: readonly ZoneEffect[];
}

/** One zone's next state at one steward, and what is to be done; `docs/protocol.md` §9.3 to §9.8. */
export function step(state: ZoneState, event: ZoneEvent): Step {
  const effects: ZoneEffect[] = [];
  const taken = take(state, event, effects);
  const next = decide(taken, event.nowMs, effects);
  return { state: say(next, event.nowMs, effects, state), effects };
}

function take(state: ZoneState, event: ZoneEvent, effects: ZoneEffect[]): ZoneState {
  const { nowMs } = event;
  switch (event.type) {
    case "envelopes":
      return onEnvelopes(state, event.envelopes, nowMs, effects);
    case "branch":
      return onBranch(state, event.envelopes, nowMs, effects);
    case "position":
      return onPosition(state, event.from, event, nowMs, effects);
    case "followed":
      return onFollowed(state, event.from, event);
    case "ack":
      return onAck(state, event.from, event, effects);
    case "committed":
      return onCommitted(state, event.position, effects);
    case "applied":
      return onApplied(state, event.from, event.position, nowMs);
    case "copied":
      return onCopied(state, event.from, event.position, nowMs);
    case "copying":
      return { ...state, isCopying: event.isUnderWay };
    case "told":
      return onTold(state, event, nowMs);
    case "recovery":
      return onRecovery(state, event, nowMs);
    case "halt":
      return halt(state, event.reason, effects);
    case "resync":
      return onResync(state);
    case "lost":
      return onLost(state, event.isDeleted, effects);
    case "tick":
      return retell(state, nowMs, effects);
    default:
      return onLink(state, event, effects);
  }
}

function onLink(
  state: ZoneState,
  event: Extract<ZoneEvent, { type: "linkUp" | "linkDown" | "pong" | "unfollowed" }>,
  effects: ZoneEffect[],
): ZoneState {
  switch (event.type) {
    case "linkUp": {
      const { distrust } = findPeer(state, event.node);
      const up = withPeer(state, event.node, {
        isOpen: true,
        distrust: distrust === "silent" ? undefined : distrust,
      });
      return tell(up, event.node, event.nowMs, effects);
    }
    case "linkDown": {
      const down = withPeer(state, event.node, { isOpen: false, isFollowing: false });
      if (event.node !== findEpoch(state)?.primary) return down;
      return { ...down, primary: { ...down.primary, n: undefined, wasReady: false } };
    }
    case "pong":
      return onPong(state, event.node, event.sentAtMs, event.nowMs);
    case "unfollowed":
      return withPeer(state, event.from, { isFollowing: false });
  }
}

function onPong(state: ZoneState, node: string, sentAtMs: number, nowMs: number): ZoneState {
  const { pingedAtMs } = findPeer(state, node);
  const next = withPeer(state, node, { pingedAtMs: Math.max(pingedAtMs ?? sentAtMs, sentAtMs) });
  if (node !== findEpoch(state)?.primary) return next;
  return { ...next, primary: { ...next.primary, heardAtMs: nowMs } };
}

function onCommitted(state: ZoneState, position: Position, effects: ZoneEffect[]): ZoneState {
  const epoch = findEpoch(state);
  const isFirst = position.epoch === epoch?.epoch && !hasBegun(state);
  if (!isFirst) return withDurable(state, { position });
  const first = { epoch: position.epoch, n: position.n };
  const begun = withDurable(state, { position, first, isForeign: false });
  if (!epoch.isReplicated) effects.push({ type: "detached" });
  return { ...begun, isBeginning: false, mustHear: state.mustHear && begun.durable.entry.isKept };
}

function onRecovery(
  state: ZoneState,
  event: Extract<ZoneEvent, { type: "recovery" }>,
  nowMs: number,
): ZoneState {
  if (state.recovery?.from !== event.from) return state;
  if (event.outcome === "progress") return moved(state, event.from, nowMs);
  const distrust = event.outcome === "wrong" ? "wrong" : "silent";
  const left = withPeer(state, event.from, { distrust, distrustedAtMs: nowMs });
  return { ...left, recovery: undefined };
}

function onLost(state: ZoneState, isDeleted: boolean, effects: ZoneEffect[]): ZoneState {
  const lost = withDurable(state, {
    isLost: true,
    ...(isDeleted && { isComplete: false, position: undefined, first: undefined }),
  });
  return isPrimary(state) ? halt(lost, "STATE_LOST", effects) : lost;
}

/** Follows from the beginning, or goes on after evidence; a primary that lost state cannot. */
function onResync(state: ZoneState): ZoneState {
  const { halted } = state.durable;
  if (isPrimary(state)) {
    return halted === "EVIDENCE" ? withDurable(state, { halted: undefined }) : state;
  }
  // The copy stays in use until another one replaced it, and counts no more.
  return withDurable(state, { halted: undefined, isForeign: true, isLost: true });
}

/** What a primary does of itself: recover, take copies, begin. */
function decide(state: ZoneState, nowMs: number, effects: ZoneEffect[]): ZoneState {
  if (!isPrimary(state) || state.durable.halted !== undefined) return endRecovery(state, effects);
  if (hasBegun(state)) return find(endRecovery(state, effects), nowMs);
  if (state.isBeginning) return state;
  if (state.durable.entry.isKept) {
    return hasHeard(state, "other", nowMs) ? begin(state, effects) : state;
  }
  return takeOver(state, nowMs, effects);
}

/** Steps 2 to 4 of §9.8. */
function takeOver(state: ZoneState, nowMs: number, effects: ZoneEffect[]): ZoneState {
  const rested = endStaleRecovery(state, nowMs, effects);
  if (rested.recovery !== undefined) return rested;
  const lacks = listLacks(rested, nowMs);
  if (lacks === undefined || lacks.length > 0) return rested;
  const better = findBetter(rested);
  if (better !== undefined) {
    effects.push({ type: "recover", node: better.node });
    return { ...rested, recovery: { from: better.node, movedAtMs: nowMs } };
  }
  return hasUsableCopy(rested) ? begin(rested, effects) : rested;
}

/** Ends a recovery that reached what was told, or that brought nothing for L. */
function endStaleRecovery(state: ZoneState, nowMs: number, effects: ZoneEffect[]): ZoneState {
  const { recovery } = state;
  const epoch = findEpoch(state);
  if (recovery === undefined || epoch === undefined) return state;
  const told = findPeer(state, recovery.from).answer?.position;
  if (!told || isReached(state, recovery.from)) return endRecovery(state, effects);
  if (nowMs - recovery.movedAtMs < epoch.leaseMs) return state;
  const left = withPeer(state, recovery.from, { distrust: "silent", distrustedAtMs: nowMs });
  return endRecovery(left, effects);
}

function endRecovery(state: ZoneState, effects: ZoneEffect[]): ZoneState {
  if (state.recovery === undefined) return state;
  effects.push({ type: "recover", node: undefined });
  return { ...state, recovery: undefined };
}

function begin(state: ZoneState, effects: ZoneEffect[]): ZoneState {
  const epoch = findEpoch(state);
  const { position } = state.durable;
  if (epoch === undefined || position === undefined) return state;
  const after = position.epoch;
  const isLossAccepted = state.durable.epochs.some(
    (past) => past.epoch > after && past.acceptsLoss,
  );
  effects.push({ type: "firstCommit", epoch: epoch.epoch, after, isLossAccepted });
  return { ...state, isBeginning: true };
}

/** A primary in charge has everything that counts. */
function find(state: ZoneState, nowMs: number): ZoneState {
  if (!state.durable.isLost || findRefusal(state, "money", nowMs) !== undefined) return state;
  return withDurable(state, { isLost: false });
}

/** Says what changed: released, in charge, whom to follow and whom to reach. */
function say(state: ZoneState, nowMs: number, effects: ZoneEffect[], before: ZoneState): ZoneState {
  const money = Math.max(state.released.money, findReleasable(state, "money"));
  const other = Math.max(state.released.other, findReleasable(state, "other"));
  const isReleased = money > state.released.money || other > state.released.other;
  if (isReleased) effects.push({ type: "released", money, other });
  const charge = isPrimary(state)
    ? { money: findRefusal(state, "money", nowMs), other: findRefusal(state, "other", nowMs) }
    : { money: "NOT_PRIMARY", other: "NOT_PRIMARY" };
  const follow = findFollowed(state);
  const isMoved = state.durable.epochs !== before.durable.epochs || state.said.reach === "";
  const reach = isMoved || hasBegun(state) !== hasBegun(before) ? listReach(state) : undefined;
  const said = {
    charge: `${charge.money} ${charge.other}`,
    follow,
    reach: reach === undefined ? state.said.reach : ` ${reach.join(" ")}`,
  };
  if (said.reach !== state.said.reach) effects.push({ type: "reach", nodes: reach ?? [] });
  if (said.charge !== state.said.charge) effects.push({ type: "charge", ...charge });
  if (follow !== state.said.follow) effects.push({ type: "follow", node: follow });
  const isSame =
    !isReleased &&
    said.charge === state.said.charge &&
    follow === state.said.follow &&
    said.reach === state.said.reach;
  return isSame
    ? state
    : { ...state, released: isReleased ? { money, other } : state.released, said };
}
