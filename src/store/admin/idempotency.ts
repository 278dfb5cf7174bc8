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

/** How long a key's answer is repeated. */
export const ANSWERS_KEPT_SECS = 86_400;
/** What one call forgets at most, so that it never holds up the loop. */
const PRUNED_ROWS_MAX = 500;

/** Finds the answer that a key was given. */
export function findStoredAnswer({ raw }: Store, key: string): StoredAnswer | undefined {
  return raw
    .prepare<[string], StoredAnswer>(
      `SELECT key, content_hash AS contentHash, status, body, created_at AS createdAt
       FROM idempotency_keys WHERE key = ?`,
    )
    .get(key);
}

/** Keeps the answer that a key was given, in the place of one that was kept for long enough. */
export function putStoredAnswer(write: Write, { raw }: Store, row: StoredAnswer): void {
  const insert = raw.prepare<[StoredAnswer]>(
    "INSERT OR REPLACE INTO idempotency_keys VALUES (@key, @contentHash, @status, @body, @createdAt)",
  );
  write.run(insert, row);
}

/**
 * Forgets some of the answers of a time, in Unix seconds, and before. Tells whether more are left.
 */
export function forgetStoredAnswers(write: Write, { raw }: Store, until: number): boolean {
  const remove = raw.prepare<[number]>(
    `DELETE FROM idempotency_keys WHERE key IN (
       SELECT key FROM idempotency_keys WHERE created_at <= ? LIMIT ${PRUNED_ROWS_MAX})`,
  );
  return write.run(remove, until).changes === PRUNED_ROWS_MAX;
}
