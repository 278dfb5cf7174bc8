import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type Database from "better-sqlite3";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { StartupError } from "../base/startup-error.ts";

const MIGRATIONS_DIR = fileURLToPath(new URL("../../migrations", import.meta.url));

/**
 * Brings a database to this version's schema.
 * @throws StartupError where it is of a newer version; Error when an applied migration differs from
 *   its file, or one was skipped
 */
export function applyMigrations(db: BetterSQLite3Database, raw: Database.Database): void {
  migrate(db, { migrationsFolder: MIGRATIONS_DIR });
  assertMigrations(raw);
}

function assertMigrations(raw: Database.Database): void {
  const found = findMigrationFault(raw);
  if (found?.fault === "newer") {
    throw new StartupError(
      `${raw.name} was written by a newer version of steward (${found.applied} migrations, this version knows ${found.known}): install that version again, or restore the backup from before the upgrade.`,
    );
  }
  if (found !== undefined)
    throw new Error(`Migration ${found.tag} was edited after it was applied, or was skipped.`);
}

/** How a database's migrations differ from this version's. */
export type MigrationFault =
  | { readonly fault: "newer"; readonly applied: number; readonly known: number }
  /** The first that differs, or is missing. */
  | { readonly fault: "older" | "edited"; readonly tag: string };

/** Finds how a database's migrations differ from this version's; undefined where they do not. */
export function findMigrationFault(raw: Database.Database): MigrationFault | undefined {
  // drizzle skips a migration dated before the last applied one, and never looks at edits.
  const journal = JSON.parse(
    readFileSync(join(MIGRATIONS_DIR, "meta", "_journal.json"), "utf8"),
  ) as { entries: { tag: string }[] };
  const hashes = raw
    .prepare("SELECT hash FROM __drizzle_migrations ORDER BY created_at")
    .pluck()
    .all();
  const { entries } = journal;
  for (const [index, { tag }] of entries.entries()) {
    if (index >= hashes.length) return { fault: "older", tag };
    const text = readFileSync(join(MIGRATIONS_DIR, `${tag}.sql`), "utf8");
    if (hashes[index] !== createHash("sha256").update(text).digest("hex"))
      return { fault: "edited", tag };
  }
  if (hashes.length === entries.length) return undefined;
  return { fault: "newer", applied: hashes.length, known: entries.length };
}
