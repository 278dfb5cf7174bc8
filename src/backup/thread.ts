// The thread of one backup: it reads the database by a connection of its own, so that nothing it does
// holds up the steward.
import { closeSync, fsyncSync, openSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { countRows } from "./counts.ts";
import { copySmallFiles, hashStretch, syncPath } from "./files.ts";
import { type BackupFile, DATABASE_FILE, MANIFEST_FILE, WAL_FILE } from "./manifest.ts";
import type { Copied, ThreadInput, ThreadMessage, ThreadOrder } from "./thread-messages.ts";
import { copyWal, WAL_START, type WalPlace } from "./wal.ts";

const PAGES_PER_STEP = 256;
/** Synced as often, so that no sync at the end is so long that the disk keeps the steward waiting. */
const STEPS_PER_SYNC = 4;
/** What comes to the log while one round copies it is little after a few. */
const ROUNDS_MAX = 8;
const LEFT_BYTES = 128 * 1024;

const input = workerData as ThreadInput;
const log = `${input.database}-wal`;
const copy = join(input.folder, DATABASE_FILE);
const logCopy = join(input.folder, WAL_FILE);

const tell = (message: ThreadMessage): void => parentPort?.postMessage(message);

/**
 * Copies the database as it is now, page by page; the transaction that is open meanwhile fixes what
 * "now" is, and keeps the log from beginning anew, so that all that comes later is in it.
 */
async function copyDatabase(source: Database.Database): Promise<BackupFile> {
  let steps = 0;
  writeFileSync(copy, "", { mode: 0o600, flag: "wx" });
  const file = openSync(copy, "r");
  try {
    await source.backup(copy, {
      progress: ({ remainingPages, totalPages }) => {
        if (++steps % STEPS_PER_SYNC === 0) {
          fsyncSync(file);
          tell({ type: "progress", pages: totalPages - remainingPages, pagesTotal: totalPages });
          assertLogFits();
        }
        return PAGES_PER_STEP;
      },
    });
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  const { size } = statSync(copy);
  const sha256 = await hashStretch(copy, 0, size);
  return { name: DATABASE_FILE, bytes: size, parts: [{ bytes: size, sha256 }] };
}

/** A copy with other rows than its source, or none, is no backup. */
function assertSameRows(counts: Readonly<Record<string, number>>): void {
  const db = new Database(copy, { fileMustExist: true });
  try {
    const copied = countRows(db);
    const differing = Object.keys({ ...counts, ...copied }).filter(
      (table) => counts[table] !== copied[table],
    );
    if (differing.length > 0)
      throw new Error(`The copy has other rows in ${differing.join(", ")}.`);
  } finally {
    db.close();
  }
}

function assertLogFits(): void {
  const { size } = statSync(log, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size <= input.logBytesMax) return;
  throw new Error(
    `The write-ahead log grew past backup.log_bytes_max (${input.logBytesMax}) before the copy was complete.`,
  );
}

interface LogCopy {
  readonly place: WalPlace;
  readonly parts: BackupFile["parts"];
}

/** Copies the log in rounds until little comes to it in one. */
async function copyLog({ place, parts }: LogCopy): Promise<LogCopy> {
  const from = openSync(log, "r");
  const to = openSync(logCopy, "r+");
  let known: LogCopy = { place, parts };
  try {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const before = known.place;
      const { place: next } = copyWal(from, to, before);
      fsyncSync(to);
      const isSame = next.header === before.header;
      const begin = isSame ? before.bytes : 0;
      const sha256 = await hashStretch(logCopy, begin, next.bytes - begin);
      const part = { bytes: next.bytes - begin, sha256 };
      known = { place: next, parts: [...(isSame ? known.parts : []), part] };
      assertLogFits();
      if (part.bytes <= LEFT_BYTES) break;
    }
    return known;
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

async function run(): Promise<void> {
  const source = new Database(input.database, { readonly: true, fileMustExist: true });
  try {
    // The first read begins the transaction.
    source.exec("BEGIN");
    const counts = countRows(source);
    const migrations = counts.__drizzle_migrations ?? 0;
    const database = await copyDatabase(source);
    assertSameRows(counts);
    const files = [database, ...copySmallFiles(input.dataDir, input.folder, input.smallFiles)];
    for (const name of [WAL_FILE, MANIFEST_FILE]) {
      writeFileSync(join(input.folder, name), "", { mode: 0o600, flag: "wx" });
    }
    syncPath(input.folder);
    let known: LogCopy = { place: WAL_START, parts: [] };
    for (let order: ThreadOrder = "again"; order === "again"; ) {
      known = await copyLog(known);
      const copied: Copied = { files, counts, migrations, ...known };
      const heard = new Promise<ThreadOrder>((resolve) => parentPort?.once("message", resolve));
      tell({ type: "ready", copied });
      order = await heard;
    }
  } finally {
    source.close();
  }
}

await run();
