import type { LogPosition } from "../../protocol/log-chain.ts";
import { toSignedJson } from "../../protocol/signed-content.ts";
import type { Write } from "../../store/database.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { isSignedBy, type SignatureCheck } from "./check-head.ts";
import type { SnapshotBegin } from "./snapshot-reader.ts";

export interface LogStartDeps {
  readonly zones: Pick<
    ZoneQueries,
    "findCheckpoint" | "findEntryHash" | "cutLog" | "deleteLogUpTo" | "putCheckpoint"
  >;
  readonly genesisOf: (zoneId: string) => string;
  readonly verify: SignatureCheck;
}

/** What is before the first entry of a zone's log here. */
export function findLogStart(
  {
    zones,
    genesisOf,
  }: Pick<LogStartDeps, "genesisOf"> & { readonly zones: Pick<ZoneQueries, "findCheckpoint"> },
  zoneId: string,
): LogPosition {
  const checkpoint = zones.findCheckpoint(zoneId);
  if (checkpoint === undefined) return { seq: 0, hash: genesisOf(zoneId) };
  return { seq: checkpoint.seq, hash: checkpoint.hash };
}

/** Tells whether a snapshot's entries can be put after a log's, or in place of it; `docs/protocol.md` §9.6. */
export function canBeginAt(deps: LogStartDeps, zoneId: string, begin: SnapshotBegin): boolean {
  const { log_after: after, checkpoint, head } = begin;
  if (isOwn(deps, zoneId, after)) return true;
  if (after.seq === 0) return after.hash === deps.genesisOf(zoneId);
  if (checkpoint === undefined) return false;
  const { zone_id, seq, hash, signed_at, steward } = checkpoint;
  if (zone_id !== zoneId || seq !== after.seq || hash !== after.hash) return false;
  const content = toSignedJson("atlas-head-v1", { zone_id, seq, hash, signed_at });
  return seq <= head.seq && isSignedBy(deps.verify, steward, content, checkpoint);
}

/** Takes the log's beginning from a snapshot's, where the own log does not lead there. */
export function moveLogStart(
  write: Write,
  deps: LogStartDeps,
  zoneId: string,
  { log_after: after, checkpoint }: SnapshotBegin,
): void {
  if (isOwn(deps, zoneId, after)) return;
  deps.zones.cutLog(write, zoneId, after);
  deps.zones.deleteLogUpTo(write, zoneId, after.seq);
  if (checkpoint === undefined || after.seq === 0) return;
  const { seq, hash } = after;
  deps.zones.putCheckpoint(write, { zoneId, seq, hash, head: JSON.stringify(checkpoint) });
}

function isOwn(deps: LogStartDeps, zoneId: string, { seq, hash }: LogPosition): boolean {
  const start = findLogStart(deps, zoneId);
  if (start.seq === seq) return start.hash === hash;
  return seq > start.seq && deps.zones.findEntryHash(zoneId, seq) === hash;
}
