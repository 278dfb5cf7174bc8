import type { ZoneRecord } from "../../protocol/commit.ts";
import type { Write } from "../../store/database.ts";
import type { CommitQueries } from "../../store/replication/commits.ts";
import type { ReplicatedZoneQueries } from "../../store/replication/replicated-zones.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { type ApplyDeps, insertEntries } from "./apply.ts";
import { type LogStartDeps, moveLogStart } from "./log-start.ts";
import type { ReadLines, SnapshotBegin } from "./snapshot-reader.ts";

const RECORDS_PER_READ = 500;

/** Where a listing of records goes on; undefined at its beginning. */
export type RecordCursor = Pick<ZoneRecord, "kind" | "key"> | undefined;

export interface FirstCopyDeps extends ApplyDeps, LogStartDeps {
  readonly zones: ApplyDeps["zones"] & LogStartDeps["zones"] & Pick<ZoneQueries, "findZone">;
  readonly commits: ApplyDeps["commits"] &
    Pick<CommitQueries, "deleteCommits" | "findCommit" | "iterateCommits">;
  readonly replicated: ApplyDeps["replicated"] &
    Pick<ReplicatedZoneQueries, "findReplicated" | "putReplicated" | "setComplete">;
  readonly listRecords: (
    zoneId: string,
    after: RecordCursor,
    limit: number,
  ) => readonly ZoneRecord[];
}

/**
 * Begins a copy in place, where there is none that is complete: what an earlier beginning left goes, but for
 * the log that the snapshot goes on from; `docs/protocol.md` §9.6.
 */
export function beginFirstCopy(
  write: Write,
  deps: FirstCopyDeps,
  zoneId: string,
  begin: SnapshotBegin,
): void {
  const row = deps.replicated.findReplicated(zoneId);
  if (row === undefined) throw new Error(`${zoneId} is replicated no longer.`);
  deps.commitLog.applying(write, () => clearRecords(write, deps, zoneId));
  deps.commits.deleteCommits(write, zoneId);
  moveLogStart(write, deps, zoneId, begin);
  deps.zones.cutLog(write, zoneId, begin.log_after);
  const { position, head } = begin;
  deps.replicated.putReplicated(write, {
    ...row,
    ...position,
    seq: head.seq,
    hash: head.hash,
    complete: false,
    released: 0,
    head: JSON.stringify(head),
    updatedAt: deps.now(),
  });
}

/** Applies what a chunk's lines hold, in place. */
export function applyLines(
  write: Write,
  deps: FirstCopyDeps,
  zoneId: string,
  { entries, records }: ReadLines,
): void {
  deps.commitLog.applying(write, () => {
    insertEntries(write, deps, entries);
    for (const record of records) deps.applyRecord(write, zoneId, record);
  });
}

function clearRecords(write: Write, deps: FirstCopyDeps, zoneId: string): void {
  let after: RecordCursor;
  for (;;) {
    const records = deps.listRecords(zoneId, after, RECORDS_PER_READ);
    for (const { kind, key } of records)
      deps.applyRecord(write, zoneId, { kind, key, value: null });
    after = records.at(-1);
    if (records.length < RECORDS_PER_READ) return;
  }
}
