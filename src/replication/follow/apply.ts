import type { ZoneRecord } from "../../protocol/commit.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import type { Write } from "../../store/database.ts";
import type { CommitQueries } from "../../store/replication/commits.ts";
import type { ReplicatedZoneQueries } from "../../store/replication/replicated-zones.ts";
import type { LogRow } from "../../store/zones/log.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import type { CheckedCommit, CheckedEntry } from "./judge-entries.ts";

/** Where what a primary sent is written; nothing of it is captured as a commit of this steward's own. */
export interface ApplyDeps {
  readonly zones: Pick<ZoneQueries, "insertLogEntries">;
  readonly commits: Pick<CommitQueries, "setCommitHead">;
  readonly replicated: Pick<ReplicatedZoneQueries, "setReplicatedHead">;
  readonly commitLog: {
    /** Runs what is not to be captured. */
    applying(write: Write, fn: () => void): void;
    /** Keeps commits, the last of them with the head it ends at, and moves the copy to it. */
    append(
      write: Write,
      zoneId: string,
      commits: readonly CheckedCommit[],
      head: string | null,
    ): void;
  };
  /**
   * Writes a record over what is there.
   * @throws Error where it does not fit the tables
   */
  readonly applyRecord: (write: Write, zoneId: string, record: ZoneRecord) => void;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Checked commits of one message. */
export interface ArrivedCommits {
  readonly commits: readonly CheckedCommit[];
  readonly head: PrimaryHead;
  /** What was told to be released with them. */
  readonly released?: number | undefined;
}

/**
 * Applies checked commits: log, records, the commits themselves with the head they end at. Where the copy
 * is complete it stands at the last of them then.
 * @throws Error where a record does not fit the tables; the write must be taken back
 */
export function applyCommits(
  write: Write,
  deps: ApplyDeps,
  zoneId: string,
  arrived: ArrivedCommits,
): void {
  deps.commitLog.applying(write, () => {
    const entries = arrived.commits.flatMap((checked) => checked.entries);
    insertEntries(write, deps, entries);
    for (const { commit } of arrived.commits) {
      for (const record of commit.records) deps.applyRecord(write, zoneId, record);
    }
    deps.commitLog.append(write, zoneId, arrived.commits, JSON.stringify(arrived.head));
  });
}

/** Keeps the head that commits ended at, with the last of them, and what of the copy is released. */
export function keepHead(
  write: Write,
  deps: Pick<ApplyDeps, "commits" | "replicated">,
  zoneId: string,
  { commits, head, released = 0 }: ArrivedCommits,
): void {
  const text = JSON.stringify(head);
  const last = commits.at(-1);
  if (last !== undefined) deps.commits.setCommitHead(write, zoneId, last.commit.n, text);
  deps.replicated.setReplicatedHead(write, zoneId, text, Math.min(released, last?.commit.n ?? 0));
}

/** Appends checked entries to a zone's log. */
export function insertEntries(
  write: Write,
  deps: Pick<ApplyDeps, "zones">,
  entries: readonly CheckedEntry[],
): void {
  deps.zones.insertLogEntries(write, entries.map(toLogRow));
}

function toLogRow({ entry, data, hash }: CheckedEntry): LogRow {
  const { zone_id: zoneId, seq, timestamp, kind, node_id: nodeId } = entry;
  const { id } = entry.data;
  const messageId = kind === "message" && typeof id === "string" ? id : null;
  return { zoneId, seq, timestamp, kind, nodeId, data, hash, messageId };
}
