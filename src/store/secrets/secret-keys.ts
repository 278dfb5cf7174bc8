import type Database from "better-sqlite3";
import type { Store, Write } from "../database.ts";

/** What derives a sealing key of a master key. */
export interface SecretKeyRow {
  readonly keyId: string;
  /** Hex. */
  readonly salt: string;
  readonly scryptN: number;
  /** Hex. */
  readonly keyCheck: string;
  /** Unix seconds. */
  readonly createdAt: number;
}

/** Lists the sealing keys, the newest one, which seals, first. */
export function listSecretKeys(raw: Database.Database): SecretKeyRow[] {
  return raw
    .prepare<[], SecretKeyRow>(
      `SELECT key_id AS keyId, salt, scrypt_n AS scryptN, key_check AS keyCheck,
         created_at AS createdAt
       FROM secret_keys ORDER BY seq DESC`,
    )
    .all();
}

/** Adds a sealing key, which seals from then on. */
export function insertSecretKey(write: Write, { raw }: Store, row: SecretKeyRow): void {
  const insert = raw.prepare<[SecretKeyRow]>(
    `INSERT INTO secret_keys (key_id, salt, scrypt_n, key_check, created_at)
     VALUES (@keyId, @salt, @scryptN, @keyCheck, @createdAt)`,
  );
  write.run(insert, row);
}

/** Forgets the sealing keys but one. */
export function deleteOtherSecretKeys(write: Write, { raw }: Store, keyId: string): void {
  write.run(raw.prepare<[string]>("DELETE FROM secret_keys WHERE key_id <> ?"), keyId);
}

/** Forgets a sealing key. */
export function deleteSecretKey(write: Write, { raw }: Store, keyId: string): void {
  write.run(raw.prepare<[string]>("DELETE FROM secret_keys WHERE key_id = ?"), keyId);
}
