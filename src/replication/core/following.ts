import type { Position } from "../../protocol/commit.ts";
import { findReleasable } from "./charge.ts";
import type { ZoneState } from "./state.ts";
import { findEpoch, isNamed, isPrimary, withDurable } from "./zone.ts";

/** A zone's state as zone.position and `/v1/replicas` tell it; `docs/protocol.md` §9.6. */
export type ZoneStateName =
  | "joining"
  | "snapshot"
  | "catching_up"
  | "ready"
  | "lagging"
  | "halted"
  | "recovering"
  | "primary";

/** Takes what was applied of whom this steward follows or recovers from. */
export function onApplied(
  state: ZoneState,
  from: string,
  position: Position,
  nowMs: number,
): ZoneState {
  const { first } = state.durable;
  const epoch = findEpoch(state);
  const isFirst = position.epoch === epoch?.epoch && first?.epoch !== epoch.epoch;
  const next = withDurable(state, {
    position,
    // What fits on this copy comes from one that is of this branch.
    isForeign: false,
    ...(isFirst && { first: { epoch: position.epoch, n: position.n } }),
  });
  return notice(moved(next, from, nowMs), nowMs);
}

/** Takes a complete copy in place of what was here. */
export function onCopied(
  state: ZoneState,
  from: string,
  position: Position,
  nowMs: number,
): ZoneState {
  const whole = withDurable(state, { isComplete: true });
  // What was released of the former copy says nothing of this one.
  const unread = { ...whole, isCopying: false, primary: { ...whole.primary, released: 0 } };
  return onApplied(unread, from, position, nowMs);
}

/** Notes that whom this steward recovers from is at it. */
export function moved(state: ZoneState, from: string, nowMs: number): ZoneState {
  if (state.recovery?.from !== from) return state;
  return { ...state, recovery: { from, movedAtMs: nowMs } };
}

/** Takes primary(E)'s word of where it is and what it has released. */
export function onTold(
  state: ZoneState,
  told: { readonly epoch: number; readonly n: number; readonly released: number },
  nowMs: number,
): ZoneState {
  if (isPrimary(state) || told.epoch !== findEpoch(state)?.epoch) return state;
  const { n, released } = state.primary;
  const next: ZoneState = {
    ...state,
    primary: {
      ...state.primary,
      // What is released the primary has, wherever this message ends.
      n: Math.max(n ?? 0, told.n, told.released),
      released: Math.max(released, told.released),
      heardAtMs: nowMs,
    },
  };
  return notice(next, nowMs);
}

/** Notes that this follower is level, and that a lost one has everything again. */
export function notice(state: ZoneState, nowMs: number): ZoneState {
  if (isPrimary(state) || !isLevel(state)) return state;
  const { isLost, first, position } = state.durable;
  const { primary } = state;
  // What primary(E) released of E says that it is in charge; started anew, it may have released more before.
  const isInCharge = first !== undefined && primary.released >= first.n;
  const isWhole = primary.position !== undefined && (position?.n ?? 0) >= primary.position;
  const isFound = isLost && isInCharge && isWhole;
  const next = isFound ? withDurable(state, { isLost: false }) : state;
  return { ...next, primary: { ...next.primary, wasReady: true, levelAtMs: nowMs } };
}

/** In E by commit, and at the position that primary(E) last told. */
function isLevel({ durable, primary }: ZoneState): boolean {
  const { position, isComplete, isForeign, first, epochs } = durable;
  if (!isComplete || isForeign || position === undefined || primary.n === undefined) return false;
  return first?.epoch === epochs.at(-1)?.epoch && position.n >= primary.n;
}

/** A zone's state at this steward; `docs/protocol.md` §9.6. */
export function toStateName(state: ZoneState, nowMs: number): ZoneStateName {
  const epoch = findEpoch(state);
  const { halted, isComplete } = state.durable;
  if (halted !== undefined) return "halted";
  if (isPrimary(state)) return findReleasable(state, "other") > 0 ? "primary" : "recovering";
  if (!isComplete) return state.isCopying ? "snapshot" : "joining";
  const { heardAtMs, wasReady } = state.primary;
  const isHeard =
    heardAtMs !== undefined && epoch !== undefined && nowMs - heardAtMs <= epoch.leaseMs;
  if (isHeard && isLevel(state)) return "ready";
  return wasReady ? "lagging" : "catching_up";
}

/** Whom this steward follows: primary(E), unless it is that one, is not named, or is halted. */
export function findFollowed(state: ZoneState): string | undefined {
  const epoch = findEpoch(state);
  if (epoch === undefined || state.durable.halted !== undefined) return undefined;
  if (!epoch.isReplicated || epoch.primary === state.self || !isNamed(state)) return undefined;
  return epoch.primary === "" ? undefined : epoch.primary;
}
