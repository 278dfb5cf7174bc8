import type { Store, Write } from "../database.ts";

/** Prepares the queries on the chunks of snapshots that are under way. */
export function prepareChunkQueries({ raw }: Pick<Store, "raw">) {
  const put = raw.prepare<[string, string, number, string, number]>(
    `INSERT OR REPLACE INTO replica_chunks (zone_id, snapshot, "index", text, created_at)
     VALUES (?, ?, ?, ?, ?)`,
  );
  const find = raw.prepare<[string, string, number], string>(
    `SELECT text FROM replica_chunks WHERE zone_id = ? AND snapshot = ? AND "index" = ?`,
  );
  const removeSome = raw.prepare<[string, number]>(
    `DELETE FROM replica_chunks WHERE rowid IN
       (SELECT rowid FROM replica_chunks WHERE zone_id = ? LIMIT ?)`,
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
    /** Forgets some of a zone's chunks; tells whether more may be left. */
    deleteChunks: (write: Write, zoneId: string, limit: number): boolean =>
      write.run(removeSome, zoneId, limit).changes === limit,
  };
}
