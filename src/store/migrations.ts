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
  // drizzle skips a migration dated before the last applied one, and never looks at edits.
  const journal = JSON.parse(
    readFileSync(join(MIGRATIONS_DIR, "meta", "_journal.json"), "utf8"),
  ) as { entries: { tag: string }[] };
  const applied = raw
    .prepare("SELECT hash FROM __drizzle_migrations ORDER BY created_at")
    .pluck()
    .all();
  journal.entries.forEach(({ tag }, index) => {
    const text = readFileSync(join(MIGRATIONS_DIR, `${tag}.sql`), "utf8");
    if (applied[index] !== createHash("sha256").update(text).digest("hex")) {
      throw new Error(`Migration ${tag} was edited after it was applied, or was skipped.`);
    }
  });
  if (applied.length > journal.entries.length) {
    throw new StartupError(
      `${raw.name} was written by a newer version of steward (${applied.length} migrations, this version knows ${journal.entries.length}): install that version again, or restore the backup from before the upgrade.`,
    );
  }
}
