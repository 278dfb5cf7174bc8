import type { Commit, ZoneRecord } from "../../protocol/commit.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { LogEntry } from "../../protocol/log-chain.ts";
import type { LogRow } from "../zones/log.ts";
import type { ZoneQueries } from "../zones/zones.ts";
import type { CommitQueries, CommitRow } from "./commits.ts";

/** What reading kept commits needs. */
export interface KeptCommitDeps {
  readonly commits: Pick<CommitQueries, "iterateCommits">;
  readonly queries: Pick<ZoneQueries, "iterateLog">;
}

/** A commit as it is kept. */
export interface KeptCommit {
  readonly commit: Commit;
  /** After it. */
  readonly digest: string;
  /** JSON text of the head that a message of commits ended at with it. */
  readonly head: string | null;
}

/**
 * Reads a zone's kept commits after one, in order and without gaps: it ends where the next one is not
 * kept, or not all of its entries are.
 * @param afterSeq where the log ended with the commit `afterN`
 */
export function* readKeptCommits(
  { commits, queries }: KeptCommitDeps,
  zoneId: string,
  { afterN, afterSeq, limit }: { afterN: number; afterSeq: number; limit: number },
): Generator<KeptCommit> {
  let [n, seq] = [afterN, afterSeq];
  // At once: a generator that is left may not keep a statement open.
  for (const row of [...commits.iterateCommits(zoneId, afterN, limit)]) {
    const count = row.seq - seq;
    const entries = count === 0 ? [] : [...queries.iterateLog(zoneId, seq, count)].map(toEntry);
    if (row.n !== n + 1 || entries.length !== count || (entries[0]?.seq ?? seq + 1) !== seq + 1) {
      return;
    }
    yield { commit: toCommit(row, entries), digest: row.digest, head: row.head };
    [n, seq] = [row.n, row.seq];
  }
}

function toCommit({ epoch, n, seq, hash, salt, records }: CommitRow, entries: LogEntry[]): Commit {
  return { epoch, n, seq, hash, salt, entries, records: JSON.parse(records) as ZoneRecord[] };
}

function toEntry(row: LogRow): LogEntry {
  return {
    zone_id: row.zoneId,
    seq: row.seq,
    timestamp: row.timestamp,
    kind: row.kind,
    node_id: row.nodeId,
    data: JSON.parse(row.data) as JsonObject,
  };
}
