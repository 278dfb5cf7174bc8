import { comparePositions, type Position } from "../../protocol/commit.ts";
import type { Epoch, ZoneState } from "./state.ts";
import { findEpoch, hasBegun, isPrimary, listSince } from "./zone.ts";

/** What a steward that takes over still has to hear; `docs/protocol.md` §9.8. */
interface Lack {
  /** Of this epoch's stewards. */
  readonly epoch: Epoch;
  /** Its primary would do, too. */
  readonly orPrimary: boolean;
}

/** Another steward's copy that is more advanced than what this one has. */
export interface BetterCopy {
  readonly node: string;
  readonly position: Position;
}

/**
 * The positions that count in step 1: those told in E, sound, not lost and not distrusted, and this
 * steward's own. One that had nothing, or a lost copy, when it adopted E does not count itself, not even
 * with the copy it has taken since: what it once acknowledged may be what nobody else told.
 */
export function listCounted(state: ZoneState): ReadonlyMap<string, Position> {
  const counted = new Map<string, Position>();
  for (const [node, { answer, distrust }] of state.peers) {
    if (answer?.position && distrust === undefined) counted.set(node, answer.position);
  }
  const { position, isComplete, isLost, isForeign, entry } = state.durable;
  if (position && isComplete && !isLost && !isForeign && !entry.isEmpty) {
    counted.set(state.self, position);
  }
  return counted;
}

/**
 * Rule 2: what is still to be heard before this steward knows everything that was acknowledged in any
 * epoch before E. Undefined where not even one position tells where to begin.
 */
export function listLacks(state: ZoneState, nowMs: number): readonly Lack[] | undefined {
  const epoch = findEpoch(state);
  if (epoch === undefined) return undefined;
  if (epoch.acceptsLoss && nowMs - state.sinceMs >= epoch.leaseMs) return [];
  const counted = listCounted(state);
  const lowest = findLowest(state, [...counted.values()]);
  if (lowest === undefined) return undefined;
  const lacks: Lack[] = [];
  for (const past of state.durable.epochs) {
    if (past.epoch < lowest || past.epoch >= epoch.epoch) continue;
    if (!isMet(past, counted, true)) lacks.push({ epoch: past, orPrimary: true });
  }
  if (state.durable.entry.isEmpty && epoch.n > 0 && !isMet(epoch, counted, false)) {
    lacks.push({ epoch, orPrimary: false });
  }
  return lacks;
}

/** b of rule 2: the epoch from which on stewards must have answered. */
function findLowest(state: ZoneState, counted: readonly Position[]): number | undefined {
  const epochs = counted.map((position) => position.epoch);
  const forgiven = state.durable.epochs.slice(0, -1).findLast((past) => past.acceptsLoss);
  if (forgiven !== undefined) epochs.push(forgiven.epoch);
  return epochs.length === 0 ? undefined : Math.max(...epochs);
}

/** So many of an epoch answered that they meet every k voters that acknowledged money in it. */
function isMet(
  epoch: Epoch,
  counted: ReadonlyMap<string, Position>,
  mayBePrimary: boolean,
): boolean {
  if (mayBePrimary && counted.has(epoch.primary)) return true;
  if (epoch.n === 0) return mayBePrimary && isHosted(epoch, counted);
  const answered = epoch.voters.filter((voter) => counted.has(voter)).length;
  return answered >= epoch.n - epoch.moneyAcks + 1;
}

/** The host of a zone whose set was empty answered: it alone stands at that epoch, before any commit. */
function isHosted(epoch: Epoch, counted: ReadonlyMap<string, Position>): boolean {
  if (epoch.isReplicated || epoch.primary !== "") return false;
  return [...counted.values()].some((told) => told.epoch === epoch.epoch && told.n === 0);
}

/** The most advanced copy among those counted, where this steward's does not go through it, or it has none. */
export function findBetter(state: ZoneState): BetterCopy | undefined {
  let best: BetterCopy | undefined;
  for (const [node, position] of listCounted(state)) {
    if (node === state.self) continue;
    const isBetter = best === undefined || comparePositions(position, best.position) > 0;
    const isOpener =
      best !== undefined &&
      comparePositions(position, best.position) === 0 &&
      state.peers.get(node)?.isOpen === true &&
      state.peers.get(best.node)?.isOpen !== true;
    if (isBetter || isOpener) best = { node, position };
  }
  return best !== undefined && isReached(state, best.node) ? undefined : best;
}

/**
 * What another steward told of itself is in this one's copy, or behind it. A copy that does not count itself
 * may have gone another way: however far that led, nothing acknowledged has to be in it.
 */
export function isReached(state: ZoneState, node: string): boolean {
  const { position: told, isHeld } = state.peers.get(node)?.answer ?? { isHeld: false };
  const own = hasUsableCopy(state) ? state.durable.position : undefined;
  if (!told || own === undefined) return false;
  const order = comparePositions(own, told);
  const isTrusted = findEpoch(state)?.acceptsLoss === true || listCounted(state).has(state.self);
  if (isTrusted) return order >= 0;
  return order === 0 ? own.digest === told.digest : order > 0 && isHeld;
}

/** This steward has a copy that a first commit may be made on. */
export function hasUsableCopy(state: ZoneState): boolean {
  const { isComplete, isForeign, position } = state.durable;
  const isTaken = !isForeign || findEpoch(state)?.acceptsLoss === true;
  return isComplete && position !== undefined && isTaken;
}

/**
 * For whom a primary that is not in charge waits: `waiting_for` of `docs/protocol.md` §9.8. Those that
 * could still be heard; once it has begun, the voters that have yet to hold its first commit.
 */
export function listWaitingFor(state: ZoneState, nowMs: number): readonly string[] {
  const epoch = findEpoch(state);
  if (epoch === undefined || !isPrimary(state)) return [];
  const { first } = state.durable;
  if (hasBegun(state) && first !== undefined) {
    return epoch.voters.filter((voter) => (state.peers.get(voter)?.held ?? -1) < first.n);
  }
  if (state.durable.entry.isKept) {
    return epoch.voters.filter((voter) => state.peers.get(voter)?.answer === undefined);
  }
  const counted = listCounted(state);
  const lacks = listLacks(state, nowMs);
  const nodes =
    lacks === undefined
      ? listSince(state.durable).flatMap((past) => [past.primary, ...past.voters])
      : lacks.flatMap(({ epoch: past, orPrimary }) => [
          ...(orPrimary ? [past.primary] : []),
          ...past.voters,
        ]);
  const waiting = new Set(nodes.filter((node) => node !== "" && !counted.has(node)));
  const better = findBetter(state);
  if (waiting.size === 0 && better !== undefined) waiting.add(better.node);
  waiting.delete(state.self);
  return [...waiting];
}
