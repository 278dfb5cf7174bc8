import { join } from "node:path";
import Database from "better-sqlite3";

/**
 * Asks a steward's SQLite file, on a connection that only reads and is closed again: what a steward that
 * runs has committed, or one that ended has left. For what neither wire nor HTTP tells.
 */
export function readRows(dataDir: string, sql: string, ...values: unknown[]): unknown[] {
  return readFile(dataDir, (db) => db.prepare(sql).all(...values));
}

/** As `readRows`: the first column of the first row, undefined where there is none. */
export function readValue(dataDir: string, sql: string, ...values: unknown[]): unknown {
  return readFile(dataDir, (db) =>
    db
      .prepare(sql)
      .pluck()
      .get(...values),
  );
}

/** As `readRows`: a setting of the file, `page_count` for example. */
export function readPragma(dataDir: string, name: string): number {
  return readFile(dataDir, (db) => db.pragma(name, { simple: true }) as number);
}

/** The envelopes kept of a creator who signed two of one epoch, oldest epoch first. */
export function listForks(dataDir: string, zoneId: string): unknown[] {
  const sql = "SELECT envelope FROM zone_forks WHERE zone_id = ? ORDER BY epoch, hash";
  return (readRows(dataDir, sql, zoneId) as { envelope: string }[]).map(({ envelope }) =>
    JSON.parse(envelope),
  );
}

function readFile<Result>(dataDir: string, read: (db: Database.Database) => Result): Result {
  const db = new Database(join(dataDir, "steward.sqlite"), { readonly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}
