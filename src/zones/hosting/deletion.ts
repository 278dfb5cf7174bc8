import { StewardError } from "../../errors.ts";
import type { Store, Write } from "../../store/database.ts";
import type { RequestQueries } from "../../store/zones/requests.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import type { Rooms } from "../log/rooms.ts";
import { toZoneState, type Zone } from "../zone.ts";

/** What one slice removes at most, so that nobody waits for it. */
const ROWS_MAX = 200;
const BYTES_MAX = 4 * 1024 * 1024;

export interface DeletionDeps {
  readonly store: Pick<Store, "gate">;
  readonly queries: ZoneQueries;
  readonly rooms: Rooms;
  readonly gate: { isReplicated(zoneId: string): boolean };
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * Refuses to remove a zone that goes on.
 * @throws StewardError `conflict` where it is active, or other stewards hold it, too
 */
export function assertEnded({ gate }: Pick<DeletionDeps, "gate">, { row }: Zone): void {
  const state = toZoneState(row);
  if (state !== "stopped" && state !== "suspended") {
    throw new StewardError("conflict", {
      message: `The zone is ${state}: stop it first.`,
      details: { state },
    });
  }
  if (gate.isReplicated(row.zoneId)) {
    throw new StewardError("conflict", {
      message: "Other stewards hold the zone, too: its creator has to sign an epoch without them.",
    });
  }
}

/**
 * Removes a zone that has ended: from now on nobody knows it here, and its rows go some at a time. What
 * is paid for, and the books, stay; so does its epoch, below which it never comes back. Whoever calls
 * makes sure that nothing of it is open. Throws as `assertEnded`.
 */
export function deleteZone(write: Write, deps: DeletionDeps, zone: Zone): void {
  assertEnded(deps, zone);
  const { queries, rooms, now } = deps;
  const { zoneId, epoch, envelopeHash, creator } = zone.row;
  queries.putDeleted(write, { zoneId, epoch, envelopeHash, creator, deletedAt: now() });
  queries.deleteZone(write, zoneId);
  deps.store.gate(() => rooms.refresh(zoneId, () => false));
}

/** Removes some of what is left of deleted zones; tells whether there is more. */
export function purgeDeletedZones(
  write: Write,
  deps: Omit<DeletionDeps, "store" | "rooms" | "gate"> & {
    readonly requests: Pick<RequestQueries, "removeRequest">;
  },
): boolean {
  const zoneId = deps.queries.findUnpurged();
  if (zoneId === undefined) return false;
  const { queries, requests } = deps;
  const members = queries.listMembers(zoneId, "", ROWS_MAX);
  for (const { nodeId } of members) queries.deleteMember(write, zoneId, nodeId);
  if (members.length > 0) return true;
  const lastSeq = findLogSlice(queries, zoneId);
  if (lastSeq !== undefined) queries.deleteLogUpTo(write, zoneId, lastSeq);
  if (lastSeq !== undefined) return true;
  let bytes = 0;
  const unpaid = queries.listUnpaid(zoneId, ROWS_MAX);
  for (const { nodeId, requestId, bytes: size } of unpaid) {
    if (bytes > BYTES_MAX) break;
    bytes += size;
    requests.removeRequest(write, { zoneId, nodeId, requestId });
  }
  if (unpaid.length > 0) return true;
  if (queries.removeOwnRows(write, zoneId, ROWS_MAX) > 0) return true;
  queries.setPurged(write, zoneId, deps.now());
  return true;
}

/** The last entry that one slice removes; undefined where there is none left. */
function findLogSlice(queries: ZoneQueries, zoneId: string): number | undefined {
  let last: number | undefined;
  let bytes = 0;
  for (const entry of queries.iterateLogSizes(zoneId, 0, ROWS_MAX)) {
    if (bytes > BYTES_MAX) break;
    bytes += entry.bytes;
    last = entry.seq;
  }
  return last;
}
