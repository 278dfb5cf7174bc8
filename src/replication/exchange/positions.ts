import type { NodeKey } from "../../identity/node-key.ts";
import type { SignatureVerifier } from "../../identity/verify.ts";
import type { Position } from "../../protocol/commit.ts";
import { findBytesOfHex } from "../../protocol/hex.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { toNodeId } from "../../protocol/node-id.ts";
import { type PrimaryHead, toPrimaryHeadContent } from "../../protocol/primary-head.ts";
import type { CommitQueries } from "../../store/replication/commits.ts";
import type { ReplicatedZoneQueries } from "../../store/replication/replicated-zones.ts";
import type { LinkBody } from "../../wire/link-bodies.ts";
import type { HeardPosition } from "../core/events.ts";
import { toStateName } from "../core/following.ts";
import type { Epoch, ZoneState } from "../core/state.ts";
import { findEpoch } from "../core/zone.ts";
import type { SentBody } from "../links/link-port.ts";
import type { ZoneMachines } from "../machines/zone-machines.ts";
import { findOwnHead } from "./own-head.ts";

export interface PositionsDeps {
  readonly machines: ZoneMachines;
  readonly replicated: ReplicatedZoneQueries;
  readonly commits: Pick<CommitQueries, "findCommitOfDigest">;
  readonly key: NodeKey;
  readonly verifier: SignatureVerifier;
  /** Unix seconds. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
}

/** What a steward says that has adopted nothing of a zone. */
const NOTHING = { epoch: 0, envelope_hash: null, state: "joining", position: null, head: null };

/**
 * The zone.position of this steward; `docs/protocol.md` §9.3.
 * @param envelopes what the asker lacks
 */
export function toPositionBody(
  deps: PositionsDeps,
  zoneId: string,
  envelopes: readonly JsonObject[],
): SentBody {
  const type = "zone.position";
  const state = deps.machines.find(zoneId);
  const epoch = state && findEpoch(state);
  if (state === undefined || epoch === undefined) return { type, zone_id: zoneId, ...NOTHING };
  return {
    type,
    zone_id: zoneId,
    epoch: epoch.epoch,
    envelope_hash: epoch.hash,
    state: toStateName(state, deps.monotonicMs()),
    ...toCopy(deps, zoneId, state),
    ...(state.durable.isLost && { lost: true }),
    ...(envelopes.length > 0 && { envelopes }),
  };
}

/** Position and head of a complete copy; a copy of another branch of the envelopes is none. */
function toCopy(
  deps: PositionsDeps,
  zoneId: string,
  state: ZoneState,
): { position: object | null; head: PrimaryHead | null } {
  const row = deps.replicated.findReplicated(zoneId);
  if (row === undefined || !row.complete || state.durable.isForeign || row.epoch === 0) {
    return { position: null, head: null };
  }
  const { epoch, n, digest } = row;
  const isOwn = isPrimaryOf(state.durable.epochs, epoch, deps.key.nodeId);
  const head = findOwnHead(deps.key, row, isOwn, deps.now());
  return { position: { epoch, n, digest }, head: head ?? null };
}

function isPrimaryOf(epochs: readonly Epoch[], epoch: number, nodeId: string): boolean {
  const primary = epochs.find((one) => one.epoch === epoch)?.primary;
  return primary === nodeId || primary === "";
}

/** Adds to another steward's zone.position what this one knows of it. */
export function toHeardPosition(
  deps: PositionsDeps,
  body: LinkBody<"zone.position">,
): HeardPosition {
  const { zone_id: zoneId, position, head } = body;
  const place = position && { epoch: position.epoch, n: position.n, digest: position.digest };
  return {
    epoch: body.epoch,
    envelopeHash: body.envelope_hash ?? undefined,
    position: place,
    isSound: place === null || (head !== null && isAt(deps, zoneId, place, head)),
    isLost: body.lost ?? false,
    ownDigest: place === null ? undefined : deps.machines.findDigest(zoneId, place.n),
  };
}

/** Whether a position is its head's, as far as that can be told. */
function isAt(deps: PositionsDeps, zoneId: string, position: Position, head: PrimaryHead): boolean {
  return isHeadOf(deps, zoneId, position, head) && !isElsewhere(deps, zoneId, position, head);
}

/**
 * A head does not sign its commit's number, its digest is made with it: where this steward holds that digest
 * after another commit, the number is made up.
 */
function isElsewhere(
  { machines, replicated, commits }: PositionsDeps,
  zoneId: string,
  { n, digest }: Position,
  { seq }: PrimaryHead,
): boolean {
  if (machines.findDigest(zoneId, n) === digest) return false;
  const held = commits.findCommitOfDigest(zoneId, seq, digest);
  return held !== undefined || replicated.findReplicated(zoneId)?.digest === digest;
}

/** Whether a head is at a position, and by the primary of an epoch from the head's to E. */
function isHeadOf(
  deps: PositionsDeps,
  zoneId: string,
  position: { readonly epoch: number; readonly digest: string },
  head: PrimaryHead,
): boolean {
  const isAt =
    head.zone_id === zoneId && head.epoch === position.epoch && head.state === position.digest;
  const state = deps.machines.find(zoneId);
  if (!isAt || state === undefined) return false;
  const { epochs } = state.durable;
  const signers = epochs.filter(({ epoch }) => epoch >= head.epoch).map(({ primary }) => primary);
  // An epoch without a set is its host's, whom nothing names.
  const isKnown = signers.includes(head.steward) || signers.includes("");
  return isKnown && isSigned(deps.verifier, head);
}

/** Whether a head is signed by the steward that it names. */
export function isSigned(verifier: SignatureVerifier, head: PrimaryHead): boolean {
  const publicKey = findBytesOfHex(head.public_key);
  const signature = findBytesOfHex(head.signature);
  if (publicKey === undefined || signature === undefined) return false;
  if (toNodeId(publicKey) !== head.steward) return false;
  return verifier.verify(publicKey, toPrimaryHeadContent(head), signature);
}
