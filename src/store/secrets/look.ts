import { existsSync } from "node:fs";
import Database from "better-sqlite3";
import { countSealed, isKeyInUse } from "./sealed-columns.ts";
import { listSecretKeys, type SecretKeyRow } from "./secret-keys.ts";

/** What is sealed in a database. */
export interface SealedContent {
  /** The newest one first. */
  readonly keys: readonly SecretKeyRow[];
  /** Of these those under which something is sealed. */
  readonly inUse: readonly SecretKeyRow[];
  readonly secrets: number;
}

/**
 * Looks at what is sealed in a database file, without changing it, be it in use or not; nothing where there
 * is no file, or one of a version before there were such secrets.
 * @throws SqliteError where it is no database that can be read
 */
export function findSealedContent(path: string): SealedContent {
  const nothing = { keys: [], inUse: [], secrets: 0 };
  if (!existsSync(path)) return nothing;
  const raw = new Database(path, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    const table = raw.prepare("SELECT 1 FROM sqlite_master WHERE name = 'secret_keys'").get();
    if (table === undefined) return nothing;
    const keys = listSecretKeys(raw);
    const inUse = keys.filter(({ keyId }) => isKeyInUse(raw, keyId));
    return { keys, inUse, secrets: countSealed(raw) };
  } finally {
    raw.close();
  }
}
