import { randomBytes } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { type Config, loadConfig } from "../../config/config.ts";
import { toKeyFiles } from "../../data-dir.ts";
import { type KeyFile, type OpenKey, readKeyFile, toKeyText } from "../../identity/key-file.ts";
import { findMasterKey, readMasterKey } from "../../identity/master-key.ts";
import { createSecretFile, SecretFileError, syncFolder } from "../../identity/secret-file.ts";
import type { Resealed as ResealedSecrets } from "../../secrets/resealing.ts";
import { UsageError } from "../exit-codes.ts";
import { printAnswer, toDone, toFields, toTable } from "../output.ts";
import { describeDatabase, type NextMasterKey, resealDatabase } from "./database.ts";

/** The options of every `steward secrets …` that works on a data directory. */
export interface SecretsOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** What became of a key file. */
interface Resealed {
  readonly file: string;
  readonly was: "sealed" | "open" | "sealed with the new master key";
  readonly is: "sealed" | "open";
}

/** Makes a master key: 256 random bits, in a file of mode 0600 that was not there before. */
export function runKeygen(file: string, { json }: { json?: boolean }): void {
  try {
    createSecretFile(file, `${randomBytes(32).toString("base64url")}\n`);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "EEXIST" ? "exists already and is kept" : `cannot be written (${code})`;
    throw new UsageError(`${file} ${why}.`);
  }
  const advice = `${file} holds a new master key. Keep a copy where backups are not: without it what it seals is lost.`;
  printAnswer(toDone({ master_key_file: file }, advice), json);
}

/** Says of each key file, and of the database's secrets, whether they are sealed and can be opened. */
export function runStatus(options: SecretsOptions): void {
  const { config, masterKey } = readConfig(options);
  const files = listKeyFiles(config).map((file) => ({
    file: file.path,
    ...describe(file, masterKey),
  }));
  const database = describeDatabase(config);
  const text = () => `${toTable(files)}\n\nIn the database\n${toFields(database)}`;
  printAnswer({ value: { files, database }, text }, options.json);
}

/** Seals key files and secrets of the database with the master key that is configured. */
export async function runSeal(options: SecretsOptions): Promise<void> {
  const { config, masterKey } = readConfig(options);
  if (masterKey === undefined) throw toNoMasterKey();
  await reseal(options, { config, from: masterKey, to: { key: masterKey, source: "" } });
}

/**
 * Opens the key files, so that they need no configured master key any more; secrets of the database are sealed
 * with the data directory's own.
 */
export async function runUnseal(options: SecretsOptions): Promise<void> {
  const { config, masterKey } = readConfig(options);
  await reseal(options, { config, from: masterKey, to: undefined });
}

/** Seals key files and secrets of the database with another master key. */
export async function runRotate(
  options: SecretsOptions & { newMasterKeyFile: string },
): Promise<void> {
  const { config, masterKey } = readConfig(options);
  const { newMasterKeyFile: source } = options;
  await reseal(options, { config, from: masterKey, to: { key: readMasterKey(source), source } });
}

function readConfig(options: SecretsOptions) {
  const { config } = loadConfig({
    file: options.config,
    environment: process.env,
    overrides: { ...(options.data !== undefined && { data_dir: options.data }) },
  });
  return { config, masterKey: findMasterKey(config.secrets, process.env) };
}

function toNoMasterKey(): UsageError {
  return new UsageError(
    "No master key is configured: make one with `steward secrets keygen FILE`, and name the file in secrets.master_key_file, or set STEWARD_MASTER_KEY.",
  );
}

function listKeyFiles(config: Config): KeyFile[] {
  const files = toKeyFiles(config.data_dir).filter(({ path }) => existsSync(path));
  if (files.length > 0) return files;
  throw new UsageError(`${config.data_dir} holds no key; name the data directory with --data.`);
}

function describe(file: KeyFile, masterKey: string | undefined) {
  const { isSealed } = readKeyFile(file);
  const sealed = isSealed ? "sealed" : "open";
  try {
    return { state: sealed, key: readKeyFile(file, masterKey).open().name, problem: "" };
  } catch (error) {
    if (!(error instanceof SecretFileError)) throw error;
    return { state: sealed, key: "", problem: error.message };
  }
}

/** What is sealed until now, and is to be from then on; undefined where key files are open. */
interface Resealing {
  readonly config: Config;
  readonly from: string | undefined;
  readonly to: NextMasterKey;
}

/**
 * Opens all keys, seals the database's secrets anew, then writes each file anew beside the old one, reads it
 * back, and only then puts all of them in place: whatever goes wrong, each file and each secret is whole, by
 * the old master key or the new one, no other one is left, and the command can be repeated.
 */
async function reseal(options: SecretsOptions, { config, from, to }: Resealing): Promise<void> {
  const opened = listKeyFiles(config).map((file) => ({ file, ...prepare(file, from, to?.key) }));
  const database = await resealDatabase(config, to);
  replaceFiles(
    opened.flatMap(({ file, key }) => (key === undefined ? [] : [{ file, key }])),
    to?.key,
  );
  syncFolder(dirname(opened[0]?.file.path ?? "."));
  const is = to === undefined ? "open" : "sealed";
  const files = opened.map(({ file, was }): Resealed => ({ file: file.path, was, is }));
  const text = () => {
    const table = toTable(files.map((row) => ({ ...row })));
    return `${table}\n\n${toDatabaseText(database)}`;
  };
  printAnswer({ value: { files, database }, text }, options.json);
}

function toDatabaseText({ sealed, unreadable }: ResealedSecrets): string {
  const text = `${sealed} secrets of the database were sealed anew.`;
  if (unreadable.length === 0) return text;
  return `${text} These opened with no key, as they had been altered or moved, and are as they were: ${unreadable.join(", ")}. Make them anew.`;
}

function replaceFiles(
  changed: readonly { readonly file: KeyFile; readonly key: OpenKey }[],
  to: string | undefined,
): void {
  try {
    for (const { file, key } of changed) writeTemporary(file, key, to);
    for (const { file } of changed) renameSync(toTemporary(file), file.path);
  } catch (error) {
    // They may hold what was sealed until now.
    for (const { file } of changed) rmSync(toTemporary(file), { force: true });
    throw error;
  }
}

function toTemporary({ path }: KeyFile): string {
  return `${path}.new`;
}

/** Opens a file's key where the file is to be written anew. */
function prepare(
  file: KeyFile,
  from: string | undefined,
  to: string | undefined,
): { readonly was: Resealed["was"]; readonly key?: OpenKey } {
  const { isSealed } = readKeyFile(file);
  if (!isSealed && to === undefined) return { was: "open" };
  if (isSealed && to !== undefined && opensWith(file, to))
    return { was: from === to ? "sealed" : "sealed with the new master key" };
  return { was: isSealed ? "sealed" : "open", key: readKeyFile(file, from).open() };
}

function writeTemporary(file: KeyFile, key: OpenKey, to: string | undefined): void {
  const temporary = { ...file, path: toTemporary(file) };
  rmSync(temporary.path, { force: true });
  createSecretFile(temporary.path, toKeyText(key, to));
  if (readKeyFile(temporary, to).open().name !== key.name)
    throw new Error(`${temporary.path} cannot be read back; nothing was replaced.`);
}

function opensWith(file: KeyFile, masterKey: string): boolean {
  try {
    readKeyFile(file, masterKey).open();
    return true;
  } catch {
    return false;
  }
}
