import type { Store, Write } from "../database.ts";

/** How far this steward's copy of a replicated zone is; times are Unix seconds, hashes hex. */
export interface ReplicatedZoneRow {
  readonly zoneId: string;
  /** Of the last commit; 0 before the first one of a new zone. */
  readonly epoch: number;
  readonly n: number;
  readonly digest: string;
  /** Where the log ended with the last commit. */
  readonly seq: number;
  readonly hash: string;
  readonly complete: boolean;
  readonly lost: boolean;
  readonly halted: string | null;
  /** JSON text of how this steward stood when it adopted the newest epoch, and where that one begins. */
  readonly standing: string;
  readonly released: number;
  /** JSON text of the newest signed head of its primary. */
  readonly head: string | null;
  readonly updatedAt: number;
}

type Stored = Omit<ReplicatedZoneRow, "complete" | "lost"> & { complete: number; lost: number };

/** What of a zone changes beside its commits. */
export type StandingRow = Pick<
  ReplicatedZoneRow,
  "zoneId" | "complete" | "lost" | "halted" | "standing"
>;

/** Where a commit leads; a head of null leaves the one that is kept. */
export type CommittedRow = Pick<
  ReplicatedZoneRow,
  "zoneId" | "epoch" | "n" | "digest" | "seq" | "hash" | "head" | "updatedAt"
>;

const COLUMNS = `zone_id AS zoneId, epoch, n, digest, seq, hash, complete, lost, halted, standing, released,
  head, updated_at AS updatedAt`;

/**
 * Prepares the queries on replicated zones, the only ones that write their rows. A row that was read is kept:
 * each commit asks for its zone's several times.
 */
export function prepareReplicatedZoneQueries(store: Pick<Store, "raw" | "onUndone">) {
  const { raw } = store;
  const kept = new Map<string, ReplicatedZoneRow>();
  store.onUndone(() => kept.clear());
  const find = raw.prepare<[string], Stored>(
    `SELECT ${COLUMNS} FROM replicated_zones WHERE zone_id = ?`,
  );
  const list = raw.prepare<[], Stored>(`SELECT ${COLUMNS} FROM replicated_zones ORDER BY zone_id`);
  const put = raw.prepare<[Stored]>(
    `INSERT OR REPLACE INTO replicated_zones (zone_id, epoch, n, digest, seq, hash, complete, lost, halted,
       standing, released, head, updated_at)
     VALUES (@zoneId, @epoch, @n, @digest, @seq, @hash, @complete, @lost, @halted, @standing, @released,
       @head, @updatedAt)`,
  );
  const remove = raw.prepare<[string]>("DELETE FROM replicated_zones WHERE zone_id = ?");
  const advance = raw.prepare<[CommittedRow]>(
    `UPDATE replicated_zones SET epoch = @epoch, n = @n, digest = @digest, seq = @seq, hash = @hash,
       head = coalesce(@head, head), updated_at = @updatedAt WHERE zone_id = @zoneId`,
  );
  const release = raw.prepare<[number, string, number]>(
    "UPDATE replicated_zones SET released = ? WHERE zone_id = ? AND released < ?",
  );
  const forget = raw.prepare<[string]>(
    "UPDATE replicated_zones SET released = 0 WHERE zone_id = ?",
  );
  const stand = raw.prepare(
    `UPDATE replicated_zones SET complete = ?, lost = ?, halted = ?, standing = ? WHERE zone_id = ?`,
  );
  const setComplete = raw.prepare("UPDATE replicated_zones SET complete = ? WHERE zone_id = ?");
  const setLost = raw.prepare("UPDATE replicated_zones SET lost = ? WHERE zone_id = ?");
  const setHalted = raw.prepare("UPDATE replicated_zones SET halted = ? WHERE zone_id = ?");
  const setHead = raw.prepare(
    "UPDATE replicated_zones SET head = ?, released = max(released, ?) WHERE zone_id = ?",
  );
  const change = (zoneId: string, changes: Partial<ReplicatedZoneRow>): void => {
    const row = kept.get(zoneId);
    if (row !== undefined) kept.set(zoneId, { ...row, ...changes });
  };
  return {
    findReplicated: (zoneId: string): ReplicatedZoneRow | undefined => {
      const known = kept.get(zoneId);
      if (known !== undefined) return known;
      const row = toRow(find.get(zoneId));
      if (row !== undefined) kept.set(zoneId, row);
      return row;
    },
    listReplicated: () => list.all().map((row) => toRow(row) as ReplicatedZoneRow),
    putReplicated: (write: Write, row: ReplicatedZoneRow): void => {
      write.run(put, { ...row, complete: row.complete ? 1 : 0, lost: row.lost ? 1 : 0 });
      kept.delete(row.zoneId);
    },
    deleteReplicated: (write: Write, zoneId: string): void => {
      write.run(remove, zoneId);
      kept.delete(zoneId);
    },
    /** Moves a zone to its next commit. */
    advanceReplicated: (write: Write, row: CommittedRow): void => {
      write.run(advance, row);
      const head = row.head ?? kept.get(row.zoneId)?.head ?? null;
      change(row.zoneId, { ...row, head });
    },
    /** Forgets what was released: another history may follow. */
    clearReleased: (write: Write, zoneId: string): void => {
      write.run(forget, zoneId);
      change(zoneId, { released: 0 });
    },
    /** Notes the highest commit that is known to be held by enough; does not go back. */
    setReleased: (write: Write, zoneId: string, n: number): void => {
      write.run(release, n, zoneId, n);
      change(zoneId, { released: Math.max(n, kept.get(zoneId)?.released ?? 0) });
    },
    /** Notes what of a zone changed beside its commits. */
    setStanding: (write: Write, row: StandingRow): void => {
      const { zoneId, complete, lost, halted, standing } = row;
      write.run(stand, complete ? 1 : 0, lost ? 1 : 0, halted, standing, zoneId);
      change(zoneId, { complete, lost, halted, standing });
    },
    setComplete: (write: Write, zoneId: string, complete: boolean): void => {
      write.run(setComplete, complete ? 1 : 0, zoneId);
      change(zoneId, { complete });
    },
    setLost: (write: Write, zoneId: string, lost: boolean): void => {
      write.run(setLost, lost ? 1 : 0, zoneId);
      change(zoneId, { lost });
    },
    setHalted: (write: Write, zoneId: string, reason: string | null): void => {
      write.run(setHalted, reason, zoneId);
      change(zoneId, { halted: reason });
    },
    /** Keeps the newest head, and what was told to be released with it. */
    setReplicatedHead: (write: Write, zoneId: string, head: string, released: number): void => {
      write.run(setHead, head, released, zoneId);
      const known = kept.get(zoneId)?.released ?? 0;
      change(zoneId, { head, released: Math.max(known, released) });
    },
  };
}

function toRow(stored: Stored | undefined): ReplicatedZoneRow | undefined {
  return stored && { ...stored, complete: stored.complete === 1, lost: stored.lost === 1 };
}

export type ReplicatedZoneQueries = ReturnType<typeof prepareReplicatedZoneQueries>;
