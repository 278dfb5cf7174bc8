import type { Counters } from "../../base/counters.ts";
import type { Logger } from "../../base/log.ts";
import { StewardError } from "../../errors.ts";
import type { SignatureVerifier } from "../../identity/verify.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { findPrimary, type Manifest } from "../../protocol/manifest.ts";
import { isReplicated } from "../../protocol/steward-set.ts";
import { judgeSuccession, mayFollowStop, type Succession } from "../../protocol/zone-succession.ts";

import type { Write } from "../../store/database.ts";
import type { ZoneQueries, ZoneRow } from "../../store/zones/zones.ts";
import type { ZonesConfig } from "../config.ts";
import { appendEvent, toGenesisHash, type ZoneLogDeps } from "../log/log.ts";
import type { Zone, ZoneReader } from "../zone.ts";
import { type VerifiedEnvelope, verifyEnvelope } from "./signed-envelope.ts";

const NOT_STEWARD_RETRY_MS = 1000;

/** What zones may take; keys of the configuration's `zones`. */
export type HostLimits = Pick<
  ZonesConfig,
  "hosted_max" | "hosted_per_creator" | "envelope_bytes_kept"
>;

/** Takes the envelopes of zones that several stewards hold; `docs/protocol.md` §9.3. */
export interface EnvelopeAdoption {
  /** Whether section 9 applies to a zone already. */
  holds(zoneId: string): boolean;
  /** Whether section 9 applies to a zone, or does with this envelope. */
  concerns(manifest: Manifest): boolean;
  /**
   * Adopts what succeeds the newest envelope; its event is logged by whoever is in charge.
   * @param isNew the zone begins here, at its primary
   * @throws StewardError `zone_not_found`, `invalid_params`, `stale_manifest`, `rate_limited`
   */
  adopt(write: Write, verified: readonly VerifiedEnvelope[], isNew: boolean): void;
  /** Keeps an envelope that forks a zone, in another write than the one that refused it. */
  keepFork(write: Write, verified: VerifiedEnvelope): void;
}

/** What of a zone's host keeps its envelopes. */
export interface EnvelopeStoreDeps {
  readonly queries: ZoneQueries;
  readonly ownNodeId: string;
  readonly hostLimits: HostLimits;
  readonly counters: Counters;
  readonly now: () => number;
  /** Hears of each envelope that was stored, inside its write. */
  readonly onEnvelope?: (
    write: Write,
    manifest: Manifest,
    stored: { epoch: number; hash: string },
  ) => void;
}

export interface ZoneHostDeps extends ZoneLogDeps, EnvelopeStoreDeps {
  readonly reader: ZoneReader;
  readonly verifier: SignatureVerifier;
  readonly ownNodeId: string;
  readonly log: Logger;
  readonly adoption: EnvelopeAdoption;
}

/**
 * Starts to host a zone from its first envelope; `docs/protocol.md` §6.
 * @throws StewardError `invalid_params`, `not_steward`, `stale_manifest` where the zone exists,
 *   `rate_limited` where too many do
 */
export function createZone(write: Write, deps: ZoneHostDeps, raw: JsonObject): Zone {
  const verified = verifyEnvelope(deps.verifier, raw);
  const { envelope, manifest, hash } = verified;
  assertHosted(deps, verified);
  if (deps.reader.find(manifest.id) !== undefined) {
    const fork = isFork(deps, verified);
    throw new StewardError("stale_manifest", {
      ...(fork && { reason: "FORK" as const }),
      message: "The zone exists already.",
    });
  }
  if (envelope.epoch !== 1 || envelope.prev !== null) {
    throw new StewardError("invalid_params", {
      message: "envelope.epoch: expected 1 and prev null for a new zone",
    });
  }
  if (deps.adoption.concerns(manifest)) {
    assertPrimary(deps, manifest);
    deps.adoption.adopt(write, [verified], true);
    return deps.reader.get(manifest.id);
  }
  insertZone(write, deps, verified);
  appendEvent(write, deps, manifest.id, {
    event: "created",
    nodeId: manifest.creator.node_id,
    detail: { epoch: 1, envelope_hash: hash },
  });
  return deps.reader.get(manifest.id);
}

/**
 * Writes a zone that begins here with its first envelope; nothing is logged yet.
 * @throws StewardError `rate_limited` where there are as many as may be
 */
export function insertZone(
  write: Write,
  deps: EnvelopeStoreDeps,
  verified: VerifiedEnvelope,
): void {
  const { manifest } = verified;
  assertNotDeleted(deps, verified);
  assertRoom(deps);
  deps.queries.insertZone(write, {
    zoneId: manifest.id,
    ...toIndexedFields(verified),
    suspendedAt: null,
    creator: manifest.creator.node_id,
    headSeq: 0,
    headHash: toGenesisHash(manifest.id),
    logBytes: 0,
    memberCount: 0,
    createdAt: deps.now(),
  });
  storeEnvelope(write, deps, verified);
}

/** Writes a zone's next envelope over its newest one; nothing is logged yet. */
export function replaceEnvelope(
  write: Write,
  deps: EnvelopeStoreDeps,
  verified: VerifiedEnvelope,
): void {
  const zoneId = verified.manifest.id;
  deps.queries.updateZone(write, { zoneId, ...toIndexedFields(verified) });
  storeEnvelope(write, deps, verified);
}

/**
 * Replaces a zone's envelope by its successor; `docs/protocol.md` §6.
 * @param isLast others follow in the same write: only the last one must name this steward
 * @throws StewardError `zone_not_found`, `invalid_params`, `not_steward`, `stale_manifest`, `stopped`
 */
export function updateZone(write: Write, deps: ZoneHostDeps, raw: JsonObject, isLast = true): Zone {
  const verified = verifyEnvelope(deps.verifier, raw);
  const { envelope, manifest, hash } = verified;
  const zone = deps.reader.get(manifest.id);
  const isShared = deps.adoption.concerns(manifest);
  if (isLast || !isShared) assertHosted(deps, verified);
  if (isShared) {
    deps.adoption.adopt(write, [verified], false);
    return deps.reader.get(manifest.id);
  }
  const wasStopped = zone.row.state === "stopped";
  if (wasStopped) assertFollowsStop(zone, verified);
  else assertSuccessor(deps, zone, verified);
  replaceEnvelope(write, deps, verified);
  appendEvent(write, deps, manifest.id, {
    event: envelope.state === "stopped" && !wasStopped ? "stopped" : "updated",
    nodeId: manifest.creator.node_id,
    detail: { epoch: envelope.epoch, envelope_hash: hash },
  });
  return deps.reader.get(manifest.id);
}

function assertPrimary(deps: ZoneHostDeps, manifest: Manifest): void {
  if (findPrimary(manifest) === deps.ownNodeId) return;
  throw toNotSteward(manifest, "A zone that several stewards hold begins at its primary.");
}

/** A zone that was deleted here does not come back as it was before. Throws `stale_manifest`. */
function assertNotDeleted(
  { queries }: EnvelopeStoreDeps,
  { envelope, manifest }: VerifiedEnvelope,
): void {
  const former = queries.findDeleted(manifest.id);
  if (former === undefined || envelope.epoch > former.epoch) return;
  throw new StewardError("stale_manifest", {
    message: `The zone was deleted here at epoch ${former.epoch}.`,
  });
}

function assertRoom({ queries, hostLimits, counters }: EnvelopeStoreDeps): void {
  if (queries.countHosted() < hostLimits.hosted_max) return;
  counters.add("zones.hosted_max");
  throw toTooMany("This steward hosts as many zones as it may.");
}

/**
 * Takes the write back that gave a creator one zone more here than one may have.
 * @throws StewardError `rate_limited`
 */
export function assertCreatorRoom(deps: EnvelopeStoreDeps, creator: string): void {
  const { queries, hostLimits, counters } = deps;
  if (queries.countCreated(creator) <= hostLimits.hosted_per_creator) return;
  counters.add("zones.hosted_per_creator");
  throw toTooMany("You have as many zones here as one creator may.");
}

function toTooMany(message: string): StewardError {
  return new StewardError("rate_limited", { reason: "OVERLOADED", message });
}

/**
 * Refuses an envelope that does not name this steward.
 * @throws StewardError `not_steward`
 */
export function assertHosted(
  deps: Pick<ZoneHostDeps, "ownNodeId">,
  { manifest }: VerifiedEnvelope,
): void {
  const set = manifest.steward_set;
  if (!set.some((ref) => ref.node_id === deps.ownNodeId)) {
    throw toNotSteward(manifest, "The envelope's steward_set does not name this steward.");
  }
}

/** Says, of a replicated zone, which stewards its envelope names; `docs/protocol.md` §9.13. */
function toNotSteward(manifest: Manifest, message: string): StewardError {
  if (!isReplicated(manifest)) return new StewardError("not_steward", { message });
  const entrypoints = manifest.steward_set.map(({ node_id, entrypoint, role }) => ({
    node_id,
    ...(entrypoint !== undefined && { entrypoint }),
    role,
  }));
  const details = { entrypoints };
  return new StewardError("not_steward", { message, details, retryAfterMs: NOT_STEWARD_RETRY_MS });
}

/** A stop is final but for who hosts the zone. Throws StewardError `stopped`. */
function assertFollowsStop(zone: Zone, verified: VerifiedEnvelope): void {
  const stopped = { manifest: zone.envelope.manifest as JsonObject };
  const isNext = toSuccession(zone, verified) === "next";
  if (!isNext || !mayFollowStop(stopped, verified.envelope)) throw new StewardError("stopped");
}

function toSuccession({ row }: Zone, { envelope, manifest, hash }: VerifiedEnvelope): Succession {
  const { epoch, prev } = envelope;
  const place = { creator: manifest.creator.node_id, epoch, prev, hash };
  return judgeSuccession({ creator: row.creator, epoch: row.epoch, hash: row.envelopeHash }, place);
}

function assertSuccessor(deps: ZoneHostDeps, zone: Zone, verified: VerifiedEnvelope): void {
  const { row } = zone;
  const succession = toSuccession(zone, verified);
  if (succession === "next") return;
  if (succession === "behind" || succession === "same" || succession === "fork") {
    const fork = isFork(deps, verified);
    throw new StewardError("stale_manifest", {
      ...(fork && { reason: "FORK" as const }),
      message: `The zone is at epoch ${row.epoch}.`,
    });
  }
  const messages = {
    creator: "manifest.creator: a zone's creator does not change",
    ahead: `envelope.epoch: expected ${row.epoch + 1}; send the ones between as chain`,
    detached: "envelope.prev: expected the hash of the current envelope",
  };
  throw new StewardError("invalid_params", { message: messages[succession] });
}

/** Tells whether the zone's own creator signed another envelope for an epoch we have. */
function isFork(deps: ZoneHostDeps, { envelope, manifest, hash }: VerifiedEnvelope): boolean {
  const known = deps.queries.findEnvelope(manifest.id, envelope.epoch);
  const creator = deps.queries.findZone(manifest.id)?.creator;
  return known !== undefined && known.hash !== hash && creator === manifest.creator.node_id;
}

function toIndexedFields({
  envelope,
  manifest,
  hash,
}: VerifiedEnvelope): Pick<
  ZoneRow,
  "epoch" | "envelopeHash" | "state" | "name" | "type" | "topic" | "description"
> {
  return {
    epoch: envelope.epoch,
    envelopeHash: hash,
    state: envelope.state,
    name: manifest.name,
    type: manifest.type,
    topic: manifest.topic ?? null,
    description: manifest.description,
  };
}

function storeEnvelope(
  write: Write,
  deps: EnvelopeStoreDeps,
  { envelope, manifest, hash, raw }: VerifiedEnvelope,
) {
  deps.queries.insertEnvelope(write, {
    zoneId: manifest.id,
    epoch: envelope.epoch,
    envelope: JSON.stringify(raw),
    hash,
    createdAt: deps.now(),
  });
  // Of a replicated zone all are kept: others are brought up to date with them.
  if (!isReplicated(manifest)) {
    deps.queries.trimEnvelopes(write, manifest.id, deps.hostLimits.envelope_bytes_kept);
  }
  if (!isReplicated(manifest) || findPrimary(manifest) === deps.ownNodeId) {
    deps.onEnvelope?.(write, manifest, { epoch: envelope.epoch, hash });
  }
}

/**
 * Keeps an envelope that forks a zone as evidence against its creator, in another write than the one
 * that refused it.
 */
export function keepFork(write: Write, deps: ZoneHostDeps, raw: JsonObject): void {
  const verified = verifyEnvelope(deps.verifier, raw);
  const { envelope, manifest, hash, raw: kept } = verified;
  if (deps.adoption.concerns(manifest)) deps.adoption.keepFork(write, verified);
  const { epoch } = envelope;
  deps.queries.insertFork(write, {
    zoneId: manifest.id,
    epoch,
    hash,
    envelope: JSON.stringify(kept),
    createdAt: deps.now(),
  });
  deps.log.error({ zone: manifest.id, epoch, hash }, "ALARM: a zone's creator signed a fork");
}
