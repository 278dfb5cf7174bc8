import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";

const MIGRATIONS = join(import.meta.dirname, "../../migrations");

/** Makes a database as an earlier version left it, before the migrations after so many. */
export function openEarlier(file: string, count: number): Database.Database {
  const folder = mkdtempSync(join(tmpdir(), "migrations-"));
  try {
    cpSync(MIGRATIONS, folder, { recursive: true });
    const journalPath = join(folder, "meta", "_journal.json");
    const journal = JSON.parse(readFileSync(journalPath, "utf8")) as { entries: unknown[] };
    const entries = journal.entries.slice(0, count);
    writeFileSync(journalPath, JSON.stringify({ ...journal, entries }));
    const raw = new Database(file);
    // As the store does: inside the migrations it would be too late.
    raw.pragma("foreign_keys = OFF");
    migrate(drizzle(raw), { migrationsFolder: folder });
    return raw;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many migrations a database file has had. */
export function countMigrations(file: string): number {
  using database = openReadOnly(file);
  return database.raw.prepare("SELECT count(*) FROM __drizzle_migrations").pluck().get() as number;
}

function openReadOnly(file: string) {
  const raw = new Database(file, { readonly: true });
  return { raw, [Symbol.dispose]: () => raw.close() };
}
