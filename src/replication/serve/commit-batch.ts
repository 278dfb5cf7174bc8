import { toEntryText } from "../../protocol/log-chain.ts";
import type { CommitQueries, CommitRow, MadeCommit } from "../../store/replication/commits.ts";
import type { LogRow } from "../../store/zones/log.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import type { ReadCommit, RecentCommits } from "./recent-commits.ts";

/** The most JSON of one zone.entries; what stands around the commits has the rest of 1 MiB; §9.5. */
const BATCH_BYTES_MAX = 1_048_576 - 4096;
/** Members' signatures in one message: the follower checks them all in one turn, some 0.1 ms each. */
const SIGNATURES_MAX = 256;
/** More than that many do not fit. */
const COMMITS_MAX = 8_000;

export interface BatchDeps {
  readonly commits: Pick<CommitQueries, "iterateCommits">;
  readonly zones: Pick<ZoneQueries, "iterateLog">;
  readonly recent: Pick<RecentCommits, "find">;
}

/** A commit with its canonical JSON, as it goes over a link. */
export interface CommitText {
  readonly row: MadeCommit;
  readonly text: string;
}

/** Which commits are read. */
export interface BatchAsked {
  readonly zoneId: string;
  /** The last commit that was sent, and where the log ended with it. */
  readonly after: { readonly n: number; readonly seq: number };
  /** The last commit that may be sent. */
  readonly upTo: number;
  /** Bytes there is room for; one commit is read whatever its size. */
  readonly room: number;
  /** Whether a message may end at a commit: the responder can sign there, or keeps a head. */
  readonly mayEndAt: (row: MadeCommit) => boolean;
}

/**
 * Reads the commits of one zone.entries: as many as fit, ending where a head can stand;
 * `docs/protocol.md` §9.5.
 * @returns none where there is nothing to send; undefined where commits or their entries are kept no
 *   longer
 */
export function readBatch(deps: BatchDeps, asked: BatchAsked): readonly CommitText[] | undefined {
  const { zoneId, after, upTo, room, mayEndAt } = asked;
  const commits = deps.recent.find(zoneId, after.n, upTo) ?? readCommits(deps, asked);
  if (commits === undefined) return undefined;
  const batch: CommitText[] = [];
  let bytes = 0;
  let signatures = 0;
  let end = 0;
  for (const { row, entries } of commits) {
    const text = toCommitText(row, entries);
    bytes += Buffer.byteLength(text);
    signatures += countSignatures(row, entries);
    const isMore = bytes > Math.min(BATCH_BYTES_MAX, room) || signatures > SIGNATURES_MAX;
    if (end > 0 && isMore) break;
    batch.push({ row, text });
    if (mayEndAt(row)) end = batch.length;
  }
  return batch.slice(0, end);
}

/** Reads commits with their entries; undefined where the first is kept no longer, or not all of its entries. */
function readCommits(deps: BatchDeps, asked: BatchAsked): readonly ReadCommit[] | undefined {
  const rows = readRows(deps, asked);
  const [first] = rows;
  if (first === undefined) return [];
  if (first.n !== asked.after.n + 1) return undefined;
  const log = readLog(deps, asked, rows.at(-1)?.seq ?? 0);
  const commits: ReadCommit[] = [];
  let { seq } = asked.after;
  for (const row of rows) {
    const start = seq - asked.after.seq;
    const entries = log.slice(start, start + row.seq - seq);
    if (entries.length !== row.seq - seq || (entries[0]?.seq ?? seq + 1) !== seq + 1) {
      return commits.length === 0 ? undefined : commits;
    }
    commits.push({ row, entries });
    seq = row.seq;
  }
  return commits;
}

/** Reads rows by what they count as, which is about what their text has. */
function readRows({ commits }: BatchDeps, asked: BatchAsked): CommitRow[] {
  const { zoneId, after, upTo, room, mayEndAt } = asked;
  const limit = Math.min(COMMITS_MAX, upTo - after.n);
  const rows: CommitRow[] = [];
  if (limit <= 0) return rows;
  let canEnd = false;
  for (const row of commits.iterateCommits(zoneId, after.n, limit)) {
    const bytes = row.totalBytes - (rows[0]?.totalBytes ?? row.totalBytes);
    if (canEnd && bytes > Math.min(BATCH_BYTES_MAX, room)) break;
    rows.push(row);
    canEnd ||= mayEndAt(row);
  }
  return rows;
}

/** Reads the entries of commits at once; fewer where the log does not have them all. */
function readLog({ zones }: BatchDeps, { zoneId, after }: BatchAsked, upTo: number): LogRow[] {
  return upTo === after.seq ? [] : [...zones.iterateLog(zoneId, after.seq, upTo - after.seq)];
}

/** Proofs and sealed requests of a commit; none is missed, and what only looks like one counts, too. */
function countSignatures({ records }: MadeCommit, entries: readonly LogRow[]): number {
  const proofs = entries.filter(({ data }) => data.includes('"proof":{')).length;
  return proofs + (records === "[]" ? 0 : records.split('"sig":{').length - 1);
}

function toCommitText(row: MadeCommit, entries: readonly LogRow[]): string {
  return (
    `{"entries":[${entries.map(toEntryText).join(",")}],"epoch":${row.epoch},"hash":"${row.hash}",` +
    `"n":${row.n},"records":${row.records},"salt":"${row.salt}","seq":${row.seq}}`
  );
}
