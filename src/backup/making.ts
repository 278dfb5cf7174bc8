import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, renameSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Store } from "../store/database.ts";
import { makeFolder, syncPath } from "./files.ts";
import {
  type BackupManifest,
  type FoundBackup,
  MANIFEST_FILE,
  toManifestText,
  UNFINISHED_PREFIX,
  WAL_FILE,
} from "./manifest.ts";
import type { Copied, ThreadInput, ThreadMessage, ThreadOrder } from "./thread-messages.ts";
import { copyWal } from "./wal.ts";

const THREAD_PATH = fileURLToPath(new URL(`./thread${extname(import.meta.url)}`, import.meta.url));
/** What the steward itself copies at the end, in one turn of the loop; more goes back to the thread. */
const LAST_BYTES_MAX = 1024 * 1024;

/** How far a backup is. */
export interface BackupProgress {
  readonly pages: number;
  readonly pagesTotal: number;
}

/** One backup to be made. */
export interface BackupOrder {
  readonly id: string;
  readonly reason: BackupManifest["reason"];
  /** The folder that backups are in. */
  readonly dir: string;
  readonly input: Omit<ThreadInput, "folder">;
  readonly about: Pick<BackupManifest, "version" | "node_id" | "wallet" | "keys">;
  readonly onProgress: (progress: BackupProgress) => void;
  /** Gives it up. */
  readonly signal: AbortSignal;
}

export interface MakingDeps {
  readonly store: Pick<Store, "committed">;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Names a backup; those made later sort later. */
export function createBackupId(now: number): string {
  const time = new Date(now * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
  return `${time}-${randomBytes(4).toString("hex")}`;
}

/** A backup under way. */
export interface Making {
  /** Rejects where it failed or was given up; nothing of it is left then. */
  readonly found: Promise<FoundBackup>;
  /** Its thread has left the database, too. */
  readonly left: Promise<void>;
}

/**
 * Makes a backup while the steward goes on: a thread copies the database and what comes to its log
 * meanwhile; the little that is left in the end is taken between two turns of the loop, after all that
 * was acknowledged and before anything else is. So it holds what was acknowledged before it is complete.
 * @throws Error where its folder cannot be made
 */
export function makeBackup(deps: MakingDeps, order: BackupOrder): Making {
  const startedAt = deps.now();
  const folder = join(order.dir, UNFINISHED_PREFIX + order.id);
  makeFolder(folder);
  const worker = new Worker(THREAD_PATH, { workerData: { ...order.input, folder } });
  const found = finishWith(worker, order, async (copied) => {
    await deps.store.committed();
    // From here to the end nothing else runs.
    return complete(order, folder, copied, { startedAt, endedAt: deps.now() });
  });
  const leave = async (): Promise<void> => {
    await worker.terminate();
    await rm(folder, { recursive: true, force: true });
  };
  return { found, left: found.then(leave, leave) };
}

function finishWith(
  worker: Worker,
  { onProgress, signal }: BackupOrder,
  end: (copied: Copied) => Promise<FoundBackup | undefined>,
): Promise<FoundBackup> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error("The steward stopped before it was complete."));
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`The backup's thread ended with ${code}.`)));
    worker.on("message", (message: ThreadMessage) => {
      if (message.type === "progress") return onProgress(message);
      end(message.copied).then((found) => {
        const answer: ThreadOrder = found === undefined ? "again" : "end";
        if (found !== undefined) resolve(found);
        worker.postMessage(answer);
      }, reject);
    });
  });
}

/** Takes the rest of the log and completes the backup, or says that too much is left. */
function complete(
  order: BackupOrder,
  folder: string,
  copied: Copied,
  { startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number },
): FoundBackup | undefined {
  const rest = takeRest(order, folder, copied);
  if (rest === undefined) return undefined;
  const manifest: BackupManifest = {
    format: 1,
    id: order.id,
    reason: order.reason,
    ...order.about,
    started_at: startedAt,
    ended_at: endedAt,
    migrations: copied.migrations,
    counts: copied.counts,
    files: [...copied.files, rest],
  };
  writeFileSync(join(folder, MANIFEST_FILE), toManifestText(manifest), { flush: true });
  const path = join(order.dir, order.id);
  renameSync(folder, path);
  syncPath(order.dir);
  return { path, manifest };
}

function takeRest(
  { input }: BackupOrder,
  folder: string,
  { place, parts }: Copied,
): BackupManifest["files"][number] | undefined {
  const from = openSync(`${input.database}-wal`, "r");
  const to = openSync(join(folder, WAL_FILE), "r+");
  try {
    const { place: end, isEnd } = copyWal(from, to, place, LAST_BYTES_MAX);
    if (!isEnd || end.header !== place.header) return undefined;
    fsyncSync(to);
    const rest = Buffer.alloc(end.bytes - place.bytes);
    readSync(to, rest, 0, rest.length, place.bytes);
    const sha256 = createHash("sha256").update(rest).digest("hex");
    const all = rest.length === 0 ? parts : [...parts, { bytes: rest.length, sha256 }];
    return { name: WAL_FILE, bytes: end.bytes, parts: all };
  } finally {
    closeSync(from);
    closeSync(to);
  }
}
