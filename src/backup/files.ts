import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { BackupFile } from "./manifest.ts";

/** Whose envelopes were signed here, a file a zone: what was sent must not be signed otherwise. */
const ENVELOPE_FOLDER = "creator-envelopes";
const SMALL_FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Makes what was written to a file, or to a folder's list of names, survive a power failure. */
export function syncPath(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes folders that only their owner reads, durably. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { recursive: true, mode: 0o700 });
  syncPath(dirname(path));
}

/**
 * Copies small files between two folders, for their owner's eyes only, and syncs them. Those that are
 * not there are passed over.
 */
export function copySmallFiles(from: string, to: string, names: readonly string[]): BackupFile[] {
  return names.flatMap((name) => {
    const source = join(from, name);
    const stat = statSync(source, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return [];
    if (stat.size > SMALL_FILE_BYTES_MAX) throw new Error(`${source} is too large for what it is.`);
    const bytes = readFileSync(source);
    const target = join(to, name);
    makeFolder(dirname(target));
    writeFileSync(target, bytes, { mode: 0o600, flag: "wx", flush: true });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return [{ name, bytes: bytes.length, parts: [{ bytes: bytes.length, sha256 }] }];
  });
}

/** Lists the envelopes that the creator key signed, as names below the data directory. */
export function listEnvelopeFiles(dataDir: string): string[] {
  const folder = join(dataDir, ENVELOPE_FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^zone_[0-9a-f-]{36}\.json$/.test(name))
    .sort()
    .map((name) => `${ENVELOPE_FOLDER}/${name}`);
}

/** Hashes a stretch of a file, without holding it in memory. */
export async function hashStretch(path: string, from: number, bytes: number): Promise<string> {
  const sha256 = createHash("sha256");
  if (bytes > 0) {
    const stream = createReadStream(path, { start: from, end: from + bytes - 1 });
    for await (const chunk of stream) sha256.update(chunk as Buffer);
  }
  return sha256.digest("hex");
}
