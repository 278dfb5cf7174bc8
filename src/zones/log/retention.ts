import type { NodeKey } from "../../identity/node-key.ts";
import type { Store, Write } from "../../store/database.ts";
import type { ZoneQueries, ZoneRow } from "../../store/zones/zones.ts";
import type { ZonesConfig } from "../config.ts";
import { signHead } from "./signed-head.ts";

/** What one call removes at most, so that it never holds up the loop. */
const PRUNED_ENTRIES_MAX = 500;
const PRUNED_BYTES_MAX = 8 * 1024 * 1024;
const PRUNED_ZONES_MAX = 100;

export interface RetentionDeps {
  readonly store: Store;
  readonly queries: ZoneQueries;
  readonly key: NodeKey;
  readonly now: () => number;
  readonly retention: ZonesConfig["retention"];
  /** Knows which entries are still being sent to other stewards. */
  readonly replication?: {
    /** The entry after which all of a zone's log is needed. */
    findPinnedSeq(zoneId: string): number | undefined;
  };
}

/**
 * Removes some log entries beyond each zone's retention. A signed checkpoint holds the hash of the last
 * one removed, from which the rest of the chain is still verifiable; `docs/protocol.md` §6.
 * @param after where the last call stopped
 * @returns where the next call goes on; undefined where nothing is left
 */
export function pruneLogs(deps: RetentionDeps, after = ""): string | undefined {
  if (Object.keys(deps.retention).length === 0) return undefined;
  const everything = { type: undefined, topic: undefined, keyword: undefined };
  const rows = deps.queries.listZones(everything, after, PRUNED_ZONES_MAX, true);
  const room = { entries: PRUNED_ENTRIES_MAX, bytes: PRUNED_BYTES_MAX };
  let done = after;
  for (const row of rows) {
    const isPruned = deps.store.write((write) => pruneLog(write, deps, row, room));
    if (!isPruned) return done;
    done = row.zoneId;
  }
  return rows.length < PRUNED_ZONES_MAX ? undefined : done;
}

/** What may still be removed in this call. */
interface Room {
  entries: number;
  bytes: number;
}

/** Removes what there is room for; tells whether that was all. */
function pruneLog(write: Write, deps: RetentionDeps, zone: ZoneRow, room: Room): boolean {
  const { queries } = deps;
  const from = queries.findCheckpoint(zone.zoneId)?.seq ?? 0;
  const pinned = deps.replication?.findPinnedSeq(zone.zoneId) ?? zone.headSeq;
  const wanted = Math.min(toWanted(deps, zone), pinned);
  if (wanted <= from) return true;
  const seq = Math.min(wanted, takeRoom(deps, zone.zoneId, from, room));
  if (seq <= from) return false;
  const hash = queries.findEntryHash(zone.zoneId, seq);
  if (hash === undefined) throw new Error(`The log of ${zone.zoneId} has a gap at ${seq}.`);
  const head = signHead(deps.key, { zoneId: zone.zoneId, seq, hash }, deps.now());
  queries.putCheckpoint(write, { zoneId: zone.zoneId, seq, hash, head: JSON.stringify(head) });
  queries.deleteLogUpTo(write, zone.zoneId, seq);
  return seq === wanted;
}

/** The last entry that the zone's retention has removed. */
function toWanted({ queries, now, retention }: RetentionDeps, zone: ZoneRow): number {
  const bounds = retention[zone.zoneId] ?? retention["*"];
  if (bounds === undefined) return 0;
  const { entries_max: entriesMax, age_secs_max: ageSecsMax } = bounds;
  const byCount = entriesMax === undefined ? 0 : zone.headSeq - entriesMax;
  const byAge =
    ageSecsMax === undefined ? 0 : queries.findLastBefore(zone.zoneId, now() - ageSecsMax);
  // The head stays: the next entry's hash builds on it.
  return Math.min(Math.max(byCount, byAge), zone.headSeq - 1);
}

/** The last entry up to which there is room to remove. */
function takeRoom({ queries }: RetentionDeps, zoneId: string, from: number, room: Room): number {
  let last = from;
  for (const { seq, bytes } of queries.iterateLogSizes(zoneId, from, room.entries)) {
    if (room.bytes <= 0) break;
    room.entries--;
    room.bytes -= bytes;
    last = seq;
  }
  return last;
}
