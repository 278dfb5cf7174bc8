import type { Store, Write } from "../database.ts";

/** A snapshot whose chunks are put aside until it is complete. */
export interface StagedSnapshot {
  readonly zoneId: string;
  /** Its id. */
  readonly snapshot: string;
}

/** Prepares the queries on the chunks of snapshots that are under way. */
export function prepareChunkQueries({ raw }: Pick<Store, "raw">) {
  const put = raw.prepare<[string, string, number, string, number]>(
    `INSERT OR REPLACE INTO replica_chunks (zone_id, snapshot, "index", text, created_at)
     VALUES (?, ?, ?, ?, ?)`,
  );
  const find = raw.prepare<[string, string, number], string>(
    `SELECT text FROM replica_chunks WHERE zone_id = ? AND snapshot = ? AND "index" = ?`,
  );
  const snapshots = raw.prepare<[], StagedSnapshot>(
    "SELECT DISTINCT zone_id AS zoneId, snapshot FROM replica_chunks",
  );
  const removeSome = raw.prepare<[string, string, number]>(
    `DELETE FROM replica_chunks WHERE rowid IN
       (SELECT rowid FROM replica_chunks WHERE zone_id = ? AND snapshot = ? LIMIT ?)`,
  );
  return {
    putChunk: (
      write: Write,
      chunk: { zoneId: string; snapshot: string; index: number; text: string; now: number },
    ): void => {
      write.run(put, chunk.zoneId, chunk.snapshot, chunk.index, chunk.text, chunk.now);
    },
    findChunk: (zoneId: string, snapshot: string, index: number): string | undefined =>
      find.pluck().get(zoneId, snapshot, index),
    /** The snapshots of which there are chunks. */
    listSnapshots: (): readonly StagedSnapshot[] => snapshots.all(),
    /** Forgets some of a snapshot's chunks; tells whether more may be left. */
    deleteChunks: (write: Write, { zoneId, snapshot }: StagedSnapshot, limit: number): boolean =>
      write.run(removeSome, zoneId, snapshot, limit).changes === limit,
  };
}
