import type { Store, Write } from "../database.ts";

/** A kept commit of a replicated zone; hashes hex, `createdAt` in Unix seconds. */
export interface CommitRow {
  readonly zoneId: string;
  readonly n: number;
  readonly epoch: number;
  readonly seq: number;
  readonly hash: string;
  readonly salt: string;
  /** After it. */
  readonly digest: string;
  /** Canonical JSON text of the array of records. */
  readonly records: string;
  /** JSON text of the head that a message of commits ended at with it. */
  readonly head: string | null;
  /** What it and all before it of its zone count as, entries included. */
  readonly totalBytes: number;
  readonly createdAt: number;
}

/** A commit as it is made, without its entries. */
export type MadeCommit = Pick<
  CommitRow,
  "n" | "epoch" | "seq" | "hash" | "salt" | "digest" | "records" | "head"
>;

/** A commit as first written: with what it counts as alone. */
type NewCommitRow = Omit<CommitRow, "totalBytes"> & { readonly bytes: number };

/** What is kept beside the newest commit of each zone. */
export interface CommitsKept {
  /** Commits made after this time, Unix seconds, */
  readonly since: number;
  /** or the newest of each zone up to so many bytes: what is less stays. */
  readonly bytes: number;
}

const COLUMNS = `zone_id AS zoneId, n, epoch, seq, hash, salt, digest, total_bytes AS totalBytes,
  created_at AS createdAt, records, head`;
/** Of what one call forgets at most, so that it never holds up the loop. */
const PRUNED_ROWS_MAX = 500;

/** Prepares the queries on kept commits. */
export function prepareCommitQueries({ raw }: Pick<Store, "raw">) {
  const insert = raw.prepare<[NewCommitRow]>(
    `INSERT INTO zone_commits (zone_id, n, epoch, seq, hash, salt, digest, total_bytes, created_at,
       records, head)
     VALUES (@zoneId, @n, @epoch, @seq, @hash, @salt, @digest, @bytes + coalesce(
       (SELECT total_bytes FROM zone_commits WHERE zone_id = @zoneId AND n = @n - 1), 0),
       @createdAt, @records, @head)`,
  );
  const find = raw.prepare<[string, number], CommitRow>(
    `SELECT ${COLUMNS} FROM zone_commits WHERE zone_id = ? AND n = ?`,
  );
  const ofSeq = raw.prepare<[string, number], CommitRow>(
    `SELECT ${COLUMNS} FROM zone_commits WHERE zone_id = ? AND seq >= ? ORDER BY n LIMIT 1`,
  );
  const headOfSeq = raw.prepare<[string, number, number], string>(
    `SELECT head FROM zone_commits
     WHERE zone_id = ? AND epoch = ? AND seq >= ? AND head IS NOT NULL ORDER BY n LIMIT 1`,
  );
  const after = raw.prepare<[string, number, number], CommitRow>(
    `SELECT ${COLUMNS} FROM zone_commits WHERE zone_id = ? AND n > ? ORDER BY n LIMIT ?`,
  );
  const first = raw.prepare<[string], number>("SELECT min(n) FROM zone_commits WHERE zone_id = ?");
  const setHead = raw.prepare<[string, string, number]>(
    "UPDATE zone_commits SET head = ? WHERE zone_id = ? AND n = ?",
  );
  const headUpTo = raw.prepare<[string, number], string>(
    `SELECT head FROM zone_commits WHERE zone_id = ? AND n <= ? AND head IS NOT NULL
     ORDER BY n DESC LIMIT 1`,
  );
  const removeAll = raw.prepare<[string]>("DELETE FROM zone_commits WHERE zone_id = ?");
  const oldest = raw.prepare<
    [string, string, number],
    Pick<CommitRow, "n" | "totalBytes" | "createdAt">
  >(
    `SELECT n, total_bytes AS totalBytes, created_at AS createdAt FROM zone_commits
     WHERE zone_id = ? AND n < (SELECT max(n) FROM zone_commits WHERE zone_id = ?)
     ORDER BY n LIMIT ?`,
  );
  const total = raw.prepare<[string], number>(
    "SELECT total_bytes FROM zone_commits WHERE zone_id = ? ORDER BY n DESC LIMIT 1",
  );
  const remove = raw.prepare<[string, number]>(
    "DELETE FROM zone_commits WHERE zone_id = ? AND n <= ?",
  );
  const seqOf = raw.prepare<[string, number], number>(
    "SELECT seq FROM zone_commits WHERE zone_id = ? AND n = ?",
  );
  const ends = raw.prepare<[string], { first: number | null; last: number | null }>(
    "SELECT min(n) AS first, max(n) AS last FROM zone_commits WHERE zone_id = ?",
  );
  const ofDigest = raw.prepare<[string, number, number, string], number>(
    "SELECT n FROM zone_commits WHERE zone_id = ? AND n >= ? AND n < ? AND digest = ?",
  );
  /** The first of the kept commits, which have no gaps, at which the log was beyond an entry. */
  const findBeyond = (zoneId: string, seq: number): number => {
    const { first: low, last } = ends.get(zoneId) ?? {};
    if (low == null || last == null) return 0;
    let [from, to] = [low, last + 1];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if ((seqOf.pluck().get(zoneId, middle) ?? 0) > seq) to = middle;
      else from = middle + 1;
    }
    return from;
  };
  const sumBytes = (zoneId: string): number => total.pluck().get(zoneId) ?? 0;
  return {
    insertCommit: (write: Write, row: NewCommitRow): void => {
      write.run(insert, row);
    },
    findCommit: (zoneId: string, n: number) => find.get(zoneId, n),
    /** The first commit that is kept with which the log reached an entry. */
    findCommitOfSeq: (zoneId: string, seq: number) => ofSeq.get(zoneId, seq),
    /** The number of a kept commit, by the entry at which the log was then and its digest. */
    findCommitOfDigest: (zoneId: string, seq: number, digest: string): number | undefined =>
      ofDigest.pluck().get(zoneId, findBeyond(zoneId, seq - 1), findBeyond(zoneId, seq), digest) ??
      undefined,
    /** The first head of an epoch that is kept at an entry or after it, as JSON text. */
    findHeadOfSeq: (zoneId: string, epoch: number, seq: number): string | undefined =>
      headOfSeq.pluck().get(zoneId, epoch, seq),
    /** Commits after a number, in order. */
    iterateCommits: (zoneId: string, afterN: number, limit: number) =>
      after.iterate(zoneId, afterN, limit),
    /** The number of the first commit that is kept. */
    findFirstCommit: (zoneId: string): number | undefined => first.pluck().get(zoneId) ?? undefined,
    /** Keeps the head that a message of commits ended at. */
    setCommitHead: (write: Write, zoneId: string, n: number, head: string): void => {
      write.run(setHead, head, zoneId, n);
    },
    /** JSON text of the newest kept head up to a commit. */
    findHeadUpTo: (zoneId: string, n: number): string | undefined =>
      headUpTo.pluck().get(zoneId, n),
    deleteCommits: (write: Write, zoneId: string): void => {
      write.run(removeAll, zoneId);
    },
    /**
     * Forgets some commits of a zone up to a number, where they need not be kept, the newest never;
     * tells whether more may be left.
     */
    pruneCommits: (write: Write, zoneId: string, upTo: number, kept: CommitsKept): boolean => {
      const all = sumBytes(zoneId);
      const rows = oldest.all(zoneId, zoneId, PRUNED_ROWS_MAX);
      const end = rows.findIndex(
        ({ n, totalBytes, createdAt }) =>
          n > upTo || (createdAt >= kept.since && all - totalBytes < kept.bytes),
      );
      const last = rows[(end === -1 ? rows.length : end) - 1];
      if (last !== undefined) write.run(remove, zoneId, last.n);
      return end === -1 && rows.length === PRUNED_ROWS_MAX;
    },
  };
}

export type CommitQueries = ReturnType<typeof prepareCommitQueries>;
