import type { NodeKey } from "../identity/node-key.ts";
import type { Store } from "../store/database.ts";
import type { ZoneQueries, ZoneRow } from "../store/zone-queries.ts";
import type { ZonesConfig } from "./config.ts";
import { signHead } from "./signed-head.ts";

/** Entries one call removes from a zone at most, so that it never holds up the loop. */
const PRUNED_ENTRIES_MAX = 2000;
const ZONES_PER_QUERY = 100;

export interface RetentionDeps {
  readonly store: Store;
  readonly queries: ZoneQueries;
  readonly key: NodeKey;
  readonly now: () => number;
  readonly retention: ZonesConfig["retention"];
}

/**
 * Removes log entries beyond each zone's retention. A signed checkpoint holds the hash of the last
 * one removed, from which the rest of the chain is still verifiable; `docs/protocol.md` §6.
 */
export function pruneLogs(deps: RetentionDeps): void {
  if (Object.keys(deps.retention).length === 0) return;
  const everything = { type: undefined, topic: undefined, keyword: undefined };
  let after = "";
  for (;;) {
    const rows = deps.queries.listZones(everything, after, ZONES_PER_QUERY, true);
    for (const row of rows) deps.store.write(() => pruneLog(deps, row));
    const last = rows.at(-1);
    if (rows.length < ZONES_PER_QUERY || last === undefined) return;
    after = last.zoneId;
  }
}

function pruneLog(deps: RetentionDeps, zone: ZoneRow): void {
  const retention = deps.retention[zone.zoneId] ?? deps.retention["*"];
  if (retention === undefined) return;
  const { queries } = deps;
  const byCount = retention.entries_max === undefined ? 0 : zone.headSeq - retention.entries_max;
  const byAge =
    retention.age_secs_max === undefined
      ? 0
      : queries.findLastBefore(zone.zoneId, deps.now() - retention.age_secs_max);
  const from = queries.findCheckpoint(zone.zoneId)?.seq ?? 0;
  // The head stays: the next entry's hash builds on it.
  const wanted = Math.min(Math.max(byCount, byAge), zone.headSeq - 1);
  const seq = Math.min(wanted, from + PRUNED_ENTRIES_MAX);
  if (seq <= from) return;
  const hash = queries.findEntryHash(zone.zoneId, seq);
  if (hash === undefined) throw new Error(`The log of ${zone.zoneId} has a gap at ${seq}.`);
  const head = signHead(deps.key, { zoneId: zone.zoneId, seq, hash }, deps.now());
  queries.putCheckpoint({ zoneId: zone.zoneId, seq, hash, head: JSON.stringify(head) });
  queries.deleteLogUpTo(zone.zoneId, seq);
}
