import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

/** The files of one steward. */
export interface DataDir extends AsyncDisposable {
  readonly path: string;
  readonly database: string;
  readonly nodeKey: string;
  readonly creatorKey: string;
  readonly walletKey: string;
}

/**
 * Opens a data directory for one process; a second one would settle with the same keys.
 * @throws Error when another process has it
 */
export function openDataDir(path: string): DataDir {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  // SQLite's file lock goes away with the process, however it ends.
  const lock = new Database(join(path, "lock.sqlite"), { timeout: 0 });
  try {
    lock.pragma("locking_mode = EXCLUSIVE");
    lock.exec("BEGIN EXCLUSIVE; COMMIT");
  } catch (cause) {
    lock.close();
    throw new Error(`Another steward uses the data directory ${path}.`, { cause });
  }
  return {
    path,
    database: join(path, "steward.sqlite"),
    nodeKey: join(path, "node-key.pem"),
    creatorKey: join(path, "creator-key.pem"),
    walletKey: join(path, "wallet-key"),
    [Symbol.asyncDispose]: async () => {
      lock.close();
    },
  };
}
