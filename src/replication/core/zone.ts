import { judgeSuccession } from "../../protocol/zone-succession.ts";
import type { DurableZone, Epoch, PeerView, ZoneState } from "./state.ts";

/** A steward that nothing is known of yet. */
const UNKNOWN_PEER: PeerView = {
  isOpen: false,
  pingedAtMs: undefined,
  toldAtMs: undefined,
  toldAfter: undefined,
  answer: undefined,
  held: undefined,
  isFollowing: false,
  distrust: undefined,
  distrustedAtMs: undefined,
};

/**
 * A zone as its steward finds it at a start, or meets it. A new zone's primary stands at a complete copy at
 * {epoch 0, n 0, digest(0)} and adopts epoch 1; the host of a zone that becomes replicated at {the newest
 * epoch its log tells of, 0, digest(0)} and adopts the envelope that says so; everybody else begins empty.
 * @param isStart a primary that was one before it started must hear of its voters; `docs/protocol.md` §9.7
 * @param released what its primary had told to be released of the copy that it holds
 */
export function createZoneState(
  self: string,
  durable: DurableZone,
  {
    nowMs,
    isStart,
    released = 0,
  }: { readonly nowMs: number; readonly isStart: boolean; readonly released?: number },
): ZoneState {
  const isForgetful =
    durable.isLost &&
    (!durable.entry.isEmpty || durable.position?.epoch === durable.epochs.at(-1)?.epoch);
  const isStateLost = isForgetful && durable.epochs.at(-1)?.primary === self;
  return {
    self,
    durable: isStateLost ? { ...durable, halted: "STATE_LOST" } : durable,
    peers: new Map(),
    sinceMs: nowMs,
    mustHear: isStart,
    isBeginning: false,
    recovery: undefined,
    isCopying: false,
    primary: {
      n: undefined,
      position: undefined,
      released,
      heardAtMs: undefined,
      wasReady: false,
      levelAtMs: undefined,
    },
    released: { money: 0, other: 0 },
    said: { charge: "", follow: undefined, reach: "" },
  };
}

/** What is durable of a zone that a steward just heard of. */
export function createEmptyZone(): DurableZone {
  return {
    epochs: [],
    position: undefined,
    isComplete: false,
    isLost: false,
    isForeign: false,
    halted: undefined,
    first: undefined,
    entry: { isKept: false, isEmpty: true },
  };
}

/** E; undefined before the first adoption. */
export function findEpoch({ durable }: Pick<ZoneState, "durable">): Epoch | undefined {
  return durable.epochs.at(-1);
}

/** E names this steward as its primary. */
export function isPrimary(state: ZoneState): boolean {
  return findEpoch(state)?.primary === state.self;
}

/** E names this steward, as anything. */
export function isNamed(state: ZoneState): boolean {
  const epoch = findEpoch(state);
  return epoch !== undefined && toNodes(epoch).includes(state.self);
}

/** This steward made the first commit of E. */
export function hasBegun({ durable }: Pick<ZoneState, "durable">): boolean {
  const epoch = durable.epochs.at(-1);
  return epoch !== undefined && durable.first?.epoch === epoch.epoch;
}

/** All stewards of an envelope, primary first. */
export function toNodes(epoch: Epoch): readonly string[] {
  const { primary, voters, learners } = epoch;
  return [...(primary === "" ? [] : [primary]), ...voters, ...learners];
}

/**
 * The stewards that this one keeps links with: those of E, and, while it takes over, those of every epoch
 * since its last commit's; `docs/protocol.md` §9.2, §9.8. None where E does not name it.
 */
export function listReach(state: ZoneState): readonly string[] {
  const epoch = findEpoch(state);
  if (epoch === undefined || !isNamed(state)) return [];
  const isTakingOver = epoch.primary === state.self && !hasBegun(state);
  const since = isTakingOver ? listSince(state.durable) : [epoch];
  const nodes = new Set(since.flatMap(toNodes));
  nodes.delete(state.self);
  return [...nodes];
}

/** The epochs from the last commit's to E; all that are known without a copy. */
export function listSince({ epochs, position, isComplete }: DurableZone): readonly Epoch[] {
  if (!isComplete || position === undefined) return epochs;
  return epochs.filter((epoch) => epoch.epoch >= position.epoch);
}

/** What is known of another steward. */
export function findPeer(state: ZoneState, node: string): PeerView {
  return state.peers.get(node) ?? UNKNOWN_PEER;
}

/** The state with something else known of another steward. */
export function withPeer(state: ZoneState, node: string, change: Partial<PeerView>): ZoneState {
  const peers = new Map(state.peers);
  peers.set(node, { ...findPeer(state, node), ...change });
  return { ...state, peers };
}

/** The state with something else durable. */
export function withDurable(state: ZoneState, change: Partial<DurableZone>): ZoneState {
  return { ...state, durable: { ...state.durable, ...change } };
}

/** What of envelopes that were sent is to be adopted; `docs/protocol.md` §9.3. */
export interface Judgement {
  /** In order; each succeeds the one before. */
  readonly adopted: readonly Epoch[];
  /** Another envelope of an epoch that this steward has, or of a branch that it is not on. */
  readonly fork: Epoch | undefined;
}

/** Judges envelopes, oldest first, against those adopted: what succeeds E is adopted, what forks is told. */
export function judgeEnvelopes(known: readonly Epoch[], sent: readonly Epoch[]): Judgement {
  const adopted: Epoch[] = [];
  for (const next of sent) {
    const newest = adopted.at(-1) ?? known.at(-1);
    if (newest === undefined) {
      if (next.epoch !== 1 || next.prev !== null) break;
      adopted.push(next);
      continue;
    }
    const held = [...known, ...adopted].find((epoch) => epoch.epoch === next.epoch);
    if (held !== undefined && held.hash !== next.hash) return { adopted, fork: next };
    if (held !== undefined) continue;
    const succession = judgeSuccession(newest, next);
    if (succession === "detached") return { adopted, fork: next };
    if (succession === "next") adopted.push(next);
    else if (succession !== "behind") break;
  }
  return { adopted, fork: undefined };
}
