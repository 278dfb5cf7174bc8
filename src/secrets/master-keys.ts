import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { findMasterKey, readMasterKey } from "../identity/master-key.ts";
import { createSecretFile } from "../identity/secret-file.ts";

/** A master key, and where it is from, for people. */
export interface MasterKey {
  readonly key: string;
  readonly source: string;
}

/** Where a steward's master keys are. */
export interface MasterKeySources {
  /** The `secrets` section of the configuration. */
  readonly secrets: { readonly master_key_file?: string | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The data directory's own: what seals where none is configured. */
  readonly ownFile: string;
}

/**
 * Lists the master keys that are there: the one that is configured, then the data directory's own.
 * @throws SecretFileError where one cannot be read, or is too short
 */
export function listMasterKeys({ secrets, environment, ownFile }: MasterKeySources): MasterKey[] {
  const told = findMasterKey(secrets, environment);
  const own = findOwnKey(ownFile);
  const source = environment.STEWARD_MASTER_KEY ? "STEWARD_MASTER_KEY" : secrets.master_key_file;
  return [
    ...(told === undefined ? [] : [{ key: told, source: source ?? "" }]),
    ...(own === undefined ? [] : [own]),
  ];
}

/**
 * Returns the data directory's own master key, making it where it is missing: 256 random bits, for its
 * owner only.
 * @throws SecretFileError where it cannot be read, or is too short to be one
 */
export function loadOrCreateOwnKey(ownFile: string): MasterKey {
  const known = findOwnKey(ownFile);
  if (known !== undefined) return known;
  const key = randomBytes(32).toString("base64url");
  createSecretFile(ownFile, `${key}\n`);
  return { key, source: ownFile };
}

function findOwnKey(ownFile: string): MasterKey | undefined {
  return existsSync(ownFile) ? { key: readMasterKey(ownFile), source: ownFile } : undefined;
}
