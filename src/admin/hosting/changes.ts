import { StewardError } from "../../errors.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import type { Write } from "../../store/database.ts";
import { assertEnded, deleteZone } from "../../zones/hosting/deletion.ts";
import { createZone, updateZone } from "../../zones/hosting/host.ts";
import { assertCleanEnvelope } from "../../zones/hosting/scan-envelope.ts";
import type { Zone } from "../../zones/zone.ts";
import type { AdminDeps } from "../deps.ts";
import { parseInput } from "../http/input.ts";
import type { EpochMatch } from "../http/preconditions.ts";
import { parseCreateInput, signFirst, signNext } from "./draft.ts";
import { envelopeInputSchema } from "./zone-input.ts";

/** What a change of a zone needs: its id, and the epoch it may replace. */
export interface ZoneChange {
  readonly zoneId: string;
  readonly match: EpochMatch;
}

/**
 * Hosts a zone from `{envelope}`, or from a create-input that the steward signs as creator;
 * `docs/protocol.md` §6.
 * @throws StewardError `invalid_request`, `invalid_params`, `not_steward`, `stale_manifest`, and what
 *   `assertCleanEnvelope` throws
 */
export function createFromInput(write: Write, deps: AdminDeps, body: unknown): Zone {
  const given = findEnvelope(body);
  const envelope =
    given ??
    signFirst(deps.creatorKey, parseCreateInput(body), {
      nodeId: deps.key.nodeId,
      wireUrl: deps.wireUrl,
      chainId: deps.config.chains[0]?.chain_id,
      now: deps.now(),
    });
  assertCleanEnvelope(deps.zones, envelope);
  return createZone(write, deps.zones, envelope);
}

/**
 * Replaces a zone's envelope by `{envelope}`, or by a create-input signed as its next epoch; what
 * changes nothing makes no epoch; `docs/protocol.md` §6.
 * @throws StewardError `zone_not_found`, `precondition_failed`, `conflict` where only a remote
 *   creator can sign, and what creating throws
 */
export function updateFromInput(
  write: Write,
  deps: AdminDeps,
  change: ZoneChange,
  body: unknown,
): Zone {
  const zone = deps.zones.reader.get(change.zoneId);
  change.match(write, zone.row.epoch);
  const given = findEnvelope(body);
  if (given !== undefined) {
    assertSameZone(given, change.zoneId);
    assertCleanEnvelope(deps.zones, given);
    return updateZone(write, deps.zones, given);
  }
  const input = parseCreateInput(body);
  if (!isOwn(deps, zone)) {
    throw new StewardError("conflict", {
      message: "Only the zone's creator can sign its next epoch; send it as envelope.",
      details: { creator: zone.row.creator },
    });
  }
  const state = zone.row.state === "stopped" ? "stopped" : "active";
  const next = signNext(deps.creatorKey, zone, { input, state, now: deps.now() });
  const same = (["manifest", "replication"] as const).every(
    (field) =>
      toCanonicalJson(next[field] ?? null) === toCanonicalJson(zone.envelope[field] ?? null),
  );
  if (same && state === "stopped") throw new StewardError("stopped");
  if (same) return zone;
  assertCleanEnvelope(deps.zones, next);
  return updateZone(write, deps.zones, next);
}

/**
 * Ends a zone where the steward is its creator, by a signed epoch; suspends hosting it where the
 * creator is another. A zone that is stopped or suspended stays as it is;
 * `docs/protocol.md` §6.
 * @throws StewardError `zone_not_found`, `precondition_failed`
 */
export function stopZone(write: Write, deps: AdminDeps, { zoneId, match }: ZoneChange): Zone {
  const { queries, reader } = deps.zones;
  const zone = reader.get(zoneId);
  match(write, zone.row.epoch);
  if (zone.row.state === "stopped") return zone;
  if (isOwn(deps, zone)) {
    const next = signNext(deps.creatorKey, zone, { state: "stopped", now: deps.now() });
    return updateZone(write, deps.zones, next);
  }
  if (zone.row.suspendedAt === null) queries.setSuspended(write, zoneId, deps.now());
  return reader.get(zoneId);
}

/**
 * Takes hosting up again; a zone that is not suspended stays as it is.
 * @throws StewardError `zone_not_found`, `stopped`: a signed stop is final
 */
export function resumeZone(write: Write, deps: AdminDeps, zoneId: string): Zone {
  const { queries, reader } = deps.zones;
  if (reader.get(zoneId).row.state === "stopped") throw new StewardError("stopped");
  queries.setSuspended(write, zoneId, null);
  return reader.get(zoneId);
}

/**
 * Removes a zone that is stopped or suspended, where nothing of it is open: no payment, escrow, refund or
 * paid request. On the operator's word what only waits for him is no hindrance: it stays in the books and
 * can be refunded later; `docs/operations.md`, Deleting a zone.
 * @throws StewardError `zone_not_found`, `precondition_failed`, `conflict` with what is open in details
 */
export function removeZone(
  write: Write,
  deps: AdminDeps,
  { zoneId, match, keepsOwed }: ZoneChange & { readonly keepsOwed: boolean },
): void {
  const zone = deps.zones.reader.get(zoneId);
  match(write, zone.row.epoch);
  assertEnded(deps.zones, zone);
  const open = deps.findOpenOf(zoneId, { now: deps.now(), owed: !keepsOwed });
  if (open.length > 0) {
    throw new StewardError("conflict", {
      message: keepsOwed
        ? "Something of the zone is under way: wait until it has ended."
        : "Something of the zone is open: wait until it has ended, end it, or delete with owed=keep what only waits for you.",
      details: { open },
    });
  }
  deleteZone(write, deps.zones, zone);
}

function isOwn({ creatorKey }: AdminDeps, { row }: Zone): boolean {
  return row.creator === creatorKey.nodeId;
}

function findEnvelope(body: unknown): JsonObject | undefined {
  if (typeof body !== "object" || body === null || !("envelope" in body)) return undefined;
  return parseInput(envelopeInputSchema, body).envelope;
}

function assertSameZone(envelope: JsonObject, zoneId: string): void {
  const manifest = envelope.manifest as JsonObject | undefined;
  if (manifest?.id !== zoneId) {
    throw new StewardError("invalid_request", {
      message: "envelope.manifest.id: expected the zone of the path",
    });
  }
}
