import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { StartupError } from "./base/startup-error.ts";
import { secureDatabaseFile, toDatabaseError } from "./store/database-file.ts";
import { toSqliteCode } from "./store/sqlite-code.ts";

/** The files of one steward. */
export interface DataDir extends AsyncDisposable {
  readonly path: string;
  readonly database: string;
  readonly nodeKey: string;
  readonly creatorKey: string;
  readonly walletKey: string;
  /** The master key of what is sealed in the database, where none is configured. */
  readonly secretsKey: string;
}

/** A file of a data directory, and what is lost with it. */
interface DataFile {
  readonly name: string;
  readonly holds: string;
}

const DATA_FILES = {
  nodeKey: { name: "node-key.pem", holds: "the steward's identity, which its zones name" },
  creatorKey: { name: "creator-key.pem", holds: "the key that signs the zones created here" },
  walletKey: { name: "wallet-key", holds: "the wallet that settles payments, and its money" },
  database: { name: "steward.sqlite", holds: "zones, messages, payments and admin tokens" },
} as const satisfies Record<string, DataFile>;

/**
 * Lists the files that a start would have to create; a wallet only where there is a chain.
 * @throws Error where the directory cannot be looked into
 */
export function findMissingFiles(path: string, needsWallet: boolean): DataFile[] {
  const { walletKey, ...always } = DATA_FILES;
  const needed: DataFile[] = [...Object.values(always), ...(needsWallet ? [walletKey] : [])];
  return needed.filter(
    ({ name }) => statSync(join(path, name), { throwIfNoEntry: false }) === undefined,
  );
}

/** The names of the files that hold the keys in use. */
export const KEY_FILES: readonly string[] = [
  DATA_FILES.nodeKey.name,
  DATA_FILES.creatorKey.name,
  DATA_FILES.walletKey.name,
];
/** The wallet that another one took the place of: what it holds is lost with its key. */
const FORMER_WALLET_KEY = new RegExp(`^${DATA_FILES.walletKey.name}\\.0x[0-9a-fA-F]{40}$`);

const SECRETS_KEY = "secrets-key";

/** Lists the key files that a data directory may have, be they there or not, and those of former wallets. */
export function listKeyNames(path: string): string[] {
  const names = existsSync(path) ? readdirSync(path) : [];
  return [
    ...KEY_FILES,
    SECRETS_KEY,
    ...names.filter((name) => FORMER_WALLET_KEY.test(name)).sort(),
  ];
}

/** The database of a data directory. */
export function toDatabasePath(path: string): string {
  return join(path, DATA_FILES.database.name);
}

/** The data directory's own master key; made when the first secret is sealed without a configured one. */
export function toSecretsKeyPath(path: string): string {
  return join(path, SECRETS_KEY);
}

/** The key files of a data directory, be they there or not, and those of former wallets. */
export function toKeyFiles(path: string) {
  const names = listKeyNames(path).filter((name) => name !== SECRETS_KEY);
  return names.map((name) => ({
    path: join(path, name),
    kind: name.startsWith(DATA_FILES.walletKey.name) ? ("wallet" as const) : ("node" as const),
  }));
}

/**
 * Opens a data directory for one process; a second one would settle with the same keys.
 * @throws StartupError when another process has it, or it cannot be used
 */
export function openDataDir(path: string): DataDir {
  const opened = tryOpenDataDir(path);
  if (opened !== undefined) return opened;
  throw new StartupError(
    `Another steward uses the data directory ${path}: stop it first, or name another with --data.`,
  );
}

/**
 * Opens a data directory for one process; undefined where another one has it.
 * @throws StartupError where it cannot be used
 */
export function tryOpenDataDir(path: string): DataDir | undefined {
  makeDirectory(path);
  // SQLite's file lock goes away with the process, however it ends.
  const lock = openLock(join(path, "lock.sqlite"));
  if (lock === undefined) return undefined;
  return {
    path,
    database: toDatabasePath(path),
    nodeKey: join(path, DATA_FILES.nodeKey.name),
    creatorKey: join(path, DATA_FILES.creatorKey.name),
    walletKey: join(path, DATA_FILES.walletKey.name),
    secretsKey: toSecretsKeyPath(path),
    [Symbol.asyncDispose]: async () => {
      lock.close();
    },
  };
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isFile = code === "EEXIST" || code === "ENOTDIR";
    const why = isFile ? "is a file, or below one, and no folder" : `cannot be made (${code})`;
    throw new StartupError(
      `The data directory ${path} ${why}: name another with --data or data_dir.`,
      { fault: "usage", cause },
    );
  }
}

/** Undefined where another process has it. */
function openLock(file: string): Database.Database | undefined {
  secureDatabaseFile(file);
  let lock: Database.Database | undefined;
  try {
    lock = new Database(file, { timeout: 0 });
    lock.pragma("locking_mode = EXCLUSIVE");
    lock.exec("BEGIN EXCLUSIVE; COMMIT");
    return lock;
  } catch (cause) {
    lock?.close();
    const code = toSqliteCode(cause) ?? "unknown";
    if (!/^SQLITE_(BUSY|LOCKED)/.test(code)) throw toDatabaseError(file, code, cause);
    return undefined;
  }
}
