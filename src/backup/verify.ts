import { closeSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { StartupError } from "../base/startup-error.ts";
import { toDatabaseError } from "../store/database-file.ts";
import { findMigrationFault } from "../store/migrations.ts";
import { toSqliteCode } from "../store/sqlite-code.ts";
import { type CheckProgress, checkDatabase, type DatabaseFindings } from "./check-database.ts";
import { countRows } from "./counts.ts";
import { hashStretch } from "./files.ts";
import { type BackupManifest, DATABASE_FILE, readManifest, WAL_FILE } from "./manifest.ts";
import { readWal, WAL_START } from "./wal.ts";

/** What a backup was found to be. */
export interface BackupFindings extends DatabaseFindings {
  readonly ok: boolean;
  readonly manifest: BackupManifest;
  /** Whether it is of this version's schema, so that zones were checked. */
  readonly zones_checked: boolean;
  /** Rows of each table. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Checks a backup's files against its manifest.
 * @returns what is wrong, in words
 */
export async function checkFiles(
  folder: string,
  manifest: BackupManifest,
  onProgress: (progress: CheckProgress) => void = () => {},
): Promise<string[]> {
  const problems: string[] = [];
  const total = manifest.files.length;
  for (const [done, { name, bytes, parts }] of manifest.files.entries()) {
    onProgress({ step: "files", done, total });
    const path = join(folder, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size !== bytes) {
      problems.push(
        size === undefined ? `${name}: is missing` : `${name}: has ${size} bytes, not ${bytes}`,
      );
      continue;
    }
    let at = 0;
    for (const part of parts) {
      if ((await hashStretch(path, at, part.bytes)) !== part.sha256) {
        problems.push(`${name}: its bytes from ${at} on have another SHA-256`);
      }
      at += part.bytes;
    }
    if (at !== bytes) problems.push(`${name}: its SHA-256 is of ${at} bytes, not ${bytes}`);
  }
  return [...problems, ...checkLog(folder, manifest)];
}

/** SQLite ends at the first frame of the log that is wrong, without a word: what is behind it would be lost. */
function checkLog(folder: string, { files }: BackupManifest): string[] {
  const log = files.find(({ name }) => name === WAL_FILE);
  if (log === undefined) return [];
  const path = join(folder, WAL_FILE);
  if (statSync(path, { throwIfNoEntry: false })?.size !== log.bytes) return [];
  const file = openSync(path, "r");
  try {
    const { bytes } = readWal(file, WAL_START, () => {}).place;
    return bytes === log.bytes ? [] : [`${WAL_FILE}: is whole up to byte ${bytes} only`];
  } finally {
    closeSync(file);
  }
}

/**
 * Checks a backup: its files, and everything in its database that can be checked. It is only read.
 * @throws StartupError where the folder holds no backup, or its database cannot be opened
 */
export async function verifyBackup(
  folder: string,
  onProgress: (progress: CheckProgress) => void = () => {},
): Promise<BackupFindings> {
  const manifest = readManifest(folder);
  const faults = await checkFiles(folder, manifest, onProgress);
  const path = join(folder, DATABASE_FILE);
  const found = readDatabase(path, (db) => {
    // Zones of another version's schema are not read: a restore brings them to this one's first.
    const zones_checked = findMigrationFault(db) === undefined;
    const findings = checkDatabase(db, { onProgress, withZones: zones_checked });
    return { ...findings, zones_checked, counts: countRows(db) };
  });
  const problems = [...faults, ...found.problems];
  const problems_total = faults.length + found.problems_total;
  return { ...found, ok: problems_total === 0, manifest, problems, problems_total };
}

/**
 * Reads a backup's database and its log, both of which stay as they are.
 * @throws StartupError where it cannot be opened
 */
function readDatabase<T>(path: string, read: (db: Database.Database) => T): T {
  let db: Database.Database | undefined;
  try {
    // A connection that only reads leaves the log beside the file.
    db = new Database(path, { readonly: true, fileMustExist: true });
    return read(db);
  } catch (cause) {
    const code = toSqliteCode(cause);
    if (code === undefined) throw cause;
    if (code.startsWith("SQLITE_CANTOPEN") || code.startsWith("SQLITE_READONLY")) {
      throw new StartupError(
        `${path} cannot be read where it is (${code}): SQLite keeps a file beside it meanwhile. Copy the backup to where this user may write.`,
        { cause },
      );
    }
    throw toDatabaseError(path, code, cause);
  } finally {
    db?.close();
    rmSync(`${path}-shm`, { force: true });
  }
}
