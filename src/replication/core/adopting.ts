import type { ZoneEffect } from "./events.ts";
import type { Epoch, PeerView, ZoneState } from "./state.ts";
import {
  findEpoch,
  findPeer,
  isPrimary,
  judgeEnvelopes,
  listReach,
  toNodes,
  withDurable,
  withPeer,
} from "./zone.ts";

/** Adopts what succeeds E, tells everybody concerned, and tells forks; `docs/protocol.md` §9.3. */
export function onEnvelopes(
  state: ZoneState,
  sent: readonly Epoch[],
  nowMs: number,
  effects: ZoneEffect[],
): ZoneState {
  const { adopted, fork } = judgeEnvelopes(state.durable.epochs, sent);
  if (fork !== undefined) effects.push({ type: "fork", epoch: fork.epoch, hash: fork.hash });
  if (adopted.length === 0) return state;
  const before = findEpoch(state);
  const wasPrimary = isPrimary(state);
  let next = state;
  for (const epoch of adopted) next = adopt(next, epoch);
  next = beginEpoch(next, nowMs);
  if (state.recovery !== undefined) effects.push({ type: "recover", node: undefined });
  const epoch = findEpoch(next);
  // Also where it is primary again and another one was in between: what it held may be cut back.
  if (wasPrimary && epoch !== undefined && !(isPrimary(next) && next.durable.entry.isKept)) {
    effects.push({ type: "deposed", epoch: epoch.epoch });
  }
  const concerned = new Set([
    ...listReach(next),
    ...(before === undefined ? [] : toNodes(before)),
    ...adopted.flatMap(toNodes),
  ]);
  concerned.delete(state.self);
  return [...concerned].reduce((told, node) => tell(told, node, nowMs, effects), next);
}

/** Moves to another branch of the envelopes, as the operator says; what was copied of the former one stays. */
export function onBranch(
  state: ZoneState,
  branch: readonly Epoch[],
  nowMs: number,
  effects: ZoneEffect[],
): ZoneState {
  const [first] = branch;
  if (first === undefined) return state;
  const kept = state.durable.epochs.filter((epoch) => epoch.epoch < first.epoch);
  const { adopted, fork } = judgeEnvelopes(kept, branch);
  if (fork !== undefined || adopted.length === 0) return state;
  const { position } = state.durable;
  const isOff = position !== undefined && position.epoch >= first.epoch;
  const moved = withDurable(state, {
    epochs: kept,
    // What this steward acknowledged in the former branch must not be counted in this one.
    ...(isOff && { isForeign: true, isLost: true }),
  });
  return onEnvelopes(moved, adopted, nowMs, effects);
}

/** Takes one envelope as E. */
function adopt(state: ZoneState, epoch: Epoch): ZoneState {
  const { durable, self } = state;
  const { position, isComplete, isLost, isForeign, halted } = durable;
  const before = durable.epochs.at(-1);
  const isSound = isComplete && !isLost && !isForeign && halted === undefined;
  // By commit, or since the last one all epochs named it: nobody else made a commit.
  const isAtEnd =
    position !== undefined && (position.epoch === (before?.epoch ?? 0) || durable.entry.isKept);
  const wasInCharge =
    before === undefined ||
    before.primary === self ||
    // Whoever hosted a zone that was not replicated stands before its first commit.
    (!before.isReplicated && position?.n === 0);
  return withDurable(state, {
    epochs: [...durable.epochs, epoch],
    halted: undefined,
    first: undefined,
    entry: {
      isKept: epoch.primary === self && isSound && isAtEnd && wasInCharge,
      isEmpty: !isComplete || isLost || isForeign,
    },
  });
}

/** Forgets what was known in the epoch before. */
function beginEpoch(state: ZoneState, nowMs: number): ZoneState {
  const since = state.durable.epochs.flatMap(toNodes);
  const peers = new Map<string, PeerView>();
  for (const [node, peer] of state.peers) {
    if (!peer.isOpen && !since.includes(node)) continue;
    peers.set(node, {
      ...peer,
      answer: undefined,
      held: undefined,
      isFollowing: false,
      distrust: undefined,
      distrustedAtMs: undefined,
      toldAtMs: undefined,
      toldAfter: undefined,
    });
  }
  return {
    ...state,
    peers,
    sinceMs: nowMs,
    // Who takes over hears of more than who started.
    mustHear: state.mustHear && state.durable.entry.isKept,
    isBeginning: false,
    recovery: undefined,
    isCopying: false,
    primary: {
      ...state.primary,
      n: undefined,
      position: undefined,
      // Beyond this copy, what was released before may be another history's.
      released: Math.min(state.primary.released, state.durable.position?.n ?? 0),
      heardAtMs: undefined,
      wasReady: false,
    },
    // Who takes over releases nothing before its first commit, whatever it had released itself.
    released: state.durable.entry.isKept ? state.released : { money: 0, other: 0 },
  };
}

/** Sends E to a steward, which is also how its position is asked for; from the envelope after `after` on. */
export function tell(
  state: ZoneState,
  node: string,
  nowMs: number,
  effects: ZoneEffect[],
  after?: number,
): ZoneState {
  const epoch = findEpoch(state);
  if (epoch === undefined || !findPeer(state, node).isOpen) return state;
  const since = after ?? epoch.epoch - 1;
  effects.push({ type: "tell", to: node, after: since });
  return withPeer(state, node, { toldAtMs: nowMs, toldAfter: since });
}
