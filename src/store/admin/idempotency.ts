import type { Store, Write } from "../database.ts";

/** The answer that an Idempotency-Key was given, as stored. */
export interface StoredAnswer {
  readonly key: string;
  /** Hex sha256 of what was asked. */
  readonly contentHash: string;
  /** HTTP status. */
  readonly status: number;
  /** JSON text. */
  readonly body: string;
  /** Unix seconds. */
  readonly createdAt: number;
}

/** Finds the answer that a key was given. */
export function findStoredAnswer({ raw }: Store, key: string): StoredAnswer | undefined {
  return raw
    .prepare<[string], StoredAnswer>(
      `SELECT key, content_hash AS contentHash, status, body, created_at AS createdAt
       FROM idempotency_keys WHERE key = ?`,
    )
    .get(key);
}

/** Keeps the answer that a key was given; a key is given one. */
export function insertStoredAnswer(write: Write, { raw }: Store, row: StoredAnswer): void {
  const insert = raw.prepare<[StoredAnswer]>(
    "INSERT INTO idempotency_keys VALUES (@key, @contentHash, @status, @body, @createdAt)",
  );
  write.run(insert, row);
}

/** Forgets the answers of a time, in Unix seconds, and before. */
export function forgetStoredAnswers(write: Write, { raw }: Store, until: number): void {
  write.run(raw.prepare("DELETE FROM idempotency_keys WHERE created_at <= ?"), until);
}
