import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { StartupError } from "../base/startup-error.ts";

/** What SQLite keeps beside a database, with everything that is in it. */
const SIDE_FILES = ["-wal", "-shm", "-journal"] as const;
const OTHERS_BITS = 0o077;

/**
 * Makes sure that only its owner can read or write a database and its side files, whatever the
 * umask; creates the database file where it is missing. SQLite gives new side files its mode.
 * @throws StartupError where that cannot be done
 */
export function secureDatabaseFile(path: string): void {
  try {
    closeSync(openSync(path, "a", 0o600));
    for (const file of [path, ...SIDE_FILES.map((suffix) => path + suffix)]) tighten(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StartupError(
      `${path} cannot be opened for writing (${code}): it and its folder must belong to the user that runs steward, on a disk that is not read-only.`,
      { cause },
    );
  }
}

function tighten(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode !== undefined && (mode & OTHERS_BITS) !== 0) chmodSync(file, mode & 0o700);
}

/**
 * Says why a database cannot be used, by SQLite's code.
 * @param code such as `SQLITE_NOTADB`
 */
export function toDatabaseError(path: string, code: string, cause: unknown): StartupError {
  return new StartupError(`${path} ${toReason(code)} (${code})`, { cause });
}

function toReason(code: string): string {
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) {
    return "is damaged, or no database: nothing was changed. Restore it from a backup, or name the right data directory.";
  }
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code)) {
    return "cannot be written: it and its folder must belong to the user that runs steward, on a disk that is not read-only.";
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return "is held by another process: end the one that uses it, or wait until it is done.";
  }
  if (code.startsWith("SQLITE_FULL")) return "has no room: free some on its disk.";
  if (code.startsWith("SQLITE_IOERR")) return "cannot be read or written: look at the disk.";
  return "cannot be opened by SQLite: restore it from a backup if its disk is in order.";
}
