import type Database from "better-sqlite3";

/** Counts the rows of every table, at one moment where a transaction is open. */
export function countRows(db: Database.Database): Record<string, number> {
  const tables = db
    .prepare<[], string>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
    )
    .pluck()
    .all();
  const counts = tables.map((name) => {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    return [name, db.prepare<[], number>(`SELECT count(*) FROM ${quoted}`).pluck().get() ?? 0];
  });
  return Object.fromEntries(counts) as Record<string, number>;
}
