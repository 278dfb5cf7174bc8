import type { Position } from "../../protocol/commit.ts";
import type { ReplicaState } from "../../wire/link-bodies.ts";
import { findRefusal } from "../core/charge.ts";
import { toStateName } from "../core/following.ts";
import type { Epoch, ZoneState } from "../core/state.ts";
import { listWaitingFor } from "../core/take-over.ts";
import { findEpoch, findPeer, isNamed, isPrimary, toNodes } from "../core/zone.ts";

/** Another steward of a replicated zone, as this one knows it. */
export interface PeerStatus {
  readonly node_id: string;
  readonly role: "primary" | "replica";
  /** Of replicas: whether it is counted. */
  readonly voter?: boolean;
  /** Where it is reached; null where that is not known. */
  readonly url: string | null;
  readonly connected: boolean;
  /** As far as this steward can tell: of followers only the primary can; null where it cannot. */
  readonly state: ReplicaState | null;
  /** The highest commit that it said it holds, in this epoch; null before. */
  readonly acked_n: number | null;
  /** How many commits it is behind this steward; null where that is not known. */
  readonly lag_n: number | null;
  /** Milliseconds since it last answered a Ping; null where it has not. */
  readonly lag_ms: number | null;
}

/** A replicated zone at this steward, for its operator; `docs/protocol.md` §9. */
export interface ReplicaStatus {
  readonly zone_id: string;
  readonly role: "primary" | "replica" | "none";
  readonly state: ReplicaState;
  /** E. */
  readonly epoch: number;
  readonly envelope_hash: string;
  /** Null without a complete copy. */
  readonly position: Position | null;
  /** The end of the log. */
  readonly head_seq: number;
  /** The primary's node id. */
  readonly primary: string;
  readonly in_charge: { readonly money: boolean; readonly other: boolean };
  /** Why it is not in charge, of a primary; a reason of `docs/errors.md`. */
  readonly not_in_charge?: { readonly money?: string; readonly other?: string };
  /** For whom a primary that is not in charge waits: node ids. */
  readonly waiting_for: readonly string[];
  readonly lost: boolean;
  /** Why it is halted; null while it is not. */
  readonly halted: string | null;
  /** By class; at a replica what its primary told. */
  readonly released: { readonly money: number; readonly other: number };
  readonly peers: readonly PeerStatus[];
  /** How many cuts are set aside. */
  readonly quarantined: number;
  /** How many items there are. */
  readonly evidence: number;
}

/** What the state of a zone does not say. */
export interface StatusFacts {
  /** Monotonic, as the state's own times. */
  readonly nowMs: number;
  readonly headSeq: number;
  readonly quarantined: number;
  readonly evidence: number;
  readonly isConnected: (nodeId: string) => boolean;
  readonly findUrl: (nodeId: string) => string | undefined;
}

/** Says how a zone is; undefined before its first envelope. */
export function toReplicaStatus(
  zoneId: string,
  state: ZoneState,
  facts: StatusFacts,
): ReplicaStatus | undefined {
  const epoch = findEpoch(state);
  if (epoch === undefined) return undefined;
  const { position, isComplete, isLost, halted } = state.durable;
  const refusals = toRefusals(state, facts.nowMs);
  const isCharged = isPrimary(state);
  const isRefused = refusals.money !== undefined || refusals.other !== undefined;
  return {
    zone_id: zoneId,
    role: isCharged ? "primary" : isNamed(state) ? "replica" : "none",
    state: toStateName(state, facts.nowMs),
    epoch: epoch.epoch,
    envelope_hash: epoch.hash,
    position: isComplete ? (position ?? null) : null,
    head_seq: facts.headSeq,
    primary: epoch.primary,
    in_charge: {
      money: refusals.money === undefined,
      other: refusals.other === undefined,
    },
    ...(isCharged && isRefused && { not_in_charge: refusals }),
    waiting_for: isRefused ? listWaitingFor(state, facts.nowMs) : [],
    lost: isLost,
    halted: halted ?? null,
    released: isCharged ? state.released : toTold(state),
    peers: toNodes(epoch)
      .filter((node) => node !== state.self)
      .map((node) => toPeerStatus(state, epoch, node, facts)),
    quarantined: facts.quarantined,
    evidence: facts.evidence,
  };
}

/** What a replica's primary told to be released; it tells one number. */
function toTold({ primary: { released } }: ZoneState): ReplicaStatus["released"] {
  return { money: released, other: released };
}

function toRefusals(state: ZoneState, nowMs: number): { money?: string; other?: string } {
  const money = findRefusal(state, "money", nowMs);
  const other = findRefusal(state, "other", nowMs);
  return { ...(money !== undefined && { money }), ...(other !== undefined && { other }) };
}

function toPeerStatus(
  state: ZoneState,
  epoch: Epoch,
  node: string,
  { nowMs, isConnected, findUrl }: StatusFacts,
): PeerStatus {
  const { held, pingedAtMs } = findPeer(state, node);
  const role = node === epoch.primary ? "primary" : "replica";
  const own = state.durable.position?.n;
  return {
    node_id: node,
    role,
    ...(role === "replica" && { voter: epoch.voters.includes(node) }),
    url: findUrl(node) ?? null,
    connected: isConnected(node),
    state: toPeerState(state, node, nowMs),
    acked_n: held ?? null,
    lag_n: held === undefined || own === undefined ? null : Math.max(0, own - held),
    lag_ms: pingedAtMs === undefined ? null : Math.max(0, Math.round(nowMs - pingedAtMs)),
  };
}

/** What a primary knows of a follower: it is level, behind, or away. */
function toPeerState(state: ZoneState, node: string, nowMs: number): ReplicaState | null {
  const epoch = findEpoch(state);
  if (epoch === undefined || !isPrimary(state)) return null;
  const { held, isFollowing, isOpen, pingedAtMs } = findPeer(state, node);
  if (held === undefined) return isFollowing ? "snapshot" : null;
  const isAnswering = pingedAtMs !== undefined && nowMs - pingedAtMs <= epoch.leaseMs;
  if (!isFollowing || !isOpen || !isAnswering) return "lagging";
  return held >= (state.durable.position?.n ?? 0) ? "ready" : "catching_up";
}
