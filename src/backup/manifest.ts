import { readFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { StartupError } from "../base/startup-error.ts";

/** Written last: a folder without it is no backup. */
export const MANIFEST_FILE = "manifest.json";
/** A folder that is being made, or was when the process ended. */
export const UNFINISHED_PREFIX = ".making-";
export const DATABASE_FILE = "steward.sqlite";
export const WAL_FILE = `${DATABASE_FILE}-wal`;
export const BACKUP_ID_PATTERN = /^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$/;

const FORMAT = 1;
const MANIFEST_CHARS_MAX = 16 * 1024 * 1024;

const sha256Field = z.string().regex(/^[0-9a-f]{64}$/);
const sizeField = z.int().min(0);

const fileSchema = z.strictObject({
  /** Below the backup's folder. */
  name: z
    .string()
    .regex(/^[\w][\w.-]*(?:\/[\w][\w.-]*)?$/)
    .refine((name) => name !== MANIFEST_FILE),
  bytes: sizeField,
  /** Of its stretches, one after the other; most files are one. */
  parts: z.array(z.strictObject({ bytes: sizeField, sha256: sha256Field })),
});

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  id: z.string().regex(BACKUP_ID_PATTERN),
  reason: z.enum(["request", "schedule"]),
  /** Of the steward that made it. */
  version: z.string().max(64),
  node_id: z.string().max(128),
  /** Address of the settlement wallet; null where there is no chain. */
  wallet: z.string().max(64).nullable(),
  /** Unix seconds; everything acknowledged before the end is in it. */
  started_at: z.int(),
  ended_at: z.int(),
  /** Applied to the database. */
  migrations: z.int().min(1),
  /** Rows of each table when its pages were copied; what came after them is in the log beside it. */
  counts: z.record(z.string(), z.int().min(0)),
  /** Whether the keys are in it. */
  keys: z.boolean(),
  files: z.array(fileSchema).min(1).max(100_000),
});

/** What a backup holds, and the checksums of its files. */
export type BackupManifest = z.output<typeof manifestSchema>;
export type BackupFile = z.output<typeof fileSchema>;

/** A backup that is complete. */
export interface FoundBackup {
  readonly path: string;
  readonly manifest: BackupManifest;
}

/** Writes a manifest. */
export function toManifestText(manifest: BackupManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * Reads the manifest of a backup's folder.
 * @throws StartupError where it holds no backup, or one of a later format
 */
export function readManifest(folder: string): BackupManifest {
  let text: string;
  try {
    text = readFileSync(join(folder, MANIFEST_FILE), "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StartupError(
      `${folder} holds no complete backup: its ${MANIFEST_FILE} cannot be read (${code}). Name the folder that steward backup list shows.`,
      { fault: "usage", cause },
    );
  }
  const manifest = parseManifest(text);
  if (manifest !== undefined) return manifest;
  throw new StartupError(
    `${join(folder, MANIFEST_FILE)} is damaged, or of a later version of steward: take another backup, or that version.`,
  );
}

/** Lists the complete backups of a folder, oldest first; what is none is passed over. */
export async function listBackups(folder: string): Promise<FoundBackup[]> {
  const found: FoundBackup[] = [];
  for (const name of (await listNames(folder)).filter((name) => BACKUP_ID_PATTERN.test(name))) {
    const path = join(folder, name);
    const text = await readFile(join(path, MANIFEST_FILE), "utf8").catch(() => "");
    const manifest = parseManifest(text);
    if (manifest !== undefined) found.push({ path, manifest });
  }
  return found;
}

/** Removes what backups that were not completed left in a folder. */
export async function removeUnfinished(folder: string): Promise<void> {
  const left = (await listNames(folder)).filter((name) => name.startsWith(UNFINISHED_PREFIX));
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true });
}

/** Bytes of all its files. */
export function toBackupBytes({ files }: BackupManifest): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function listNames(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [] as string[])).sort();
}

function parseManifest(text: string): BackupManifest | undefined {
  if (text.length > MANIFEST_CHARS_MAX) return undefined;
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
