import { createHash, randomBytes } from "node:crypto";
import type { Store, Write } from "../database.ts";

/** A session of the dashboard; times are Unix seconds. */
export interface DashboardSession {
  readonly hash: string;
  readonly tokenId: string;
  readonly createdAt: number;
  readonly seenAt: number;
}

/** How long sessions may be. */
export interface SessionBounds {
  readonly idle_secs: number;
  readonly lifetime_secs: number;
  readonly sessions_max: number;
}

const SECRET_BYTES = 32;
const COLUMNS = "hash, token_id AS tokenId, created_at AS createdAt, seen_at AS seenAt";

/**
 * Creates a session of a token, stored hashed; returns its secret, this once. Where there are too many
 * the one that was idle for longest ends.
 */
export function createDashboardSession(
  write: Write,
  { raw }: Pick<Store, "raw">,
  { tokenId, now, sessionsMax }: { tokenId: string; now: number; sessionsMax: number },
): string {
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const insert = raw.prepare("INSERT INTO dashboard_sessions VALUES (?, ?, ?, ?)");
  write.run(insert, hashSecret(secret), tokenId, now, now);
  const trim = raw.prepare(
    `DELETE FROM dashboard_sessions WHERE hash IN
       (SELECT hash FROM dashboard_sessions ORDER BY seen_at DESC, rowid DESC LIMIT -1 OFFSET ?)`,
  );
  write.run(trim, sessionsMax);
  return secret;
}

/** Finds a session that is not over by its secret. */
export function findDashboardSession(
  { raw }: Pick<Store, "raw">,
  secret: string,
  bounds: Pick<SessionBounds, "idle_secs" | "lifetime_secs">,
  now: number,
): DashboardSession | undefined {
  return raw
    .prepare<[string, number, number], DashboardSession>(
      `SELECT ${COLUMNS} FROM dashboard_sessions WHERE hash = ? AND seen_at > ? AND created_at > ?`,
    )
    .get(hashSecret(secret), now - bounds.idle_secs, now - bounds.lifetime_secs);
}

/** Notes that somebody did something in a session. */
export function putDashboardVisit(
  write: Write,
  { raw }: Pick<Store, "raw">,
  hash: string,
  now: number,
): void {
  write.run(raw.prepare("UPDATE dashboard_sessions SET seen_at = ? WHERE hash = ?"), now, hash);
}

/** Ends a session. */
export function deleteDashboardSession(
  write: Write,
  { raw }: Pick<Store, "raw">,
  hash: string,
): void {
  write.run(raw.prepare("DELETE FROM dashboard_sessions WHERE hash = ?"), hash);
}

/** Forgets sessions that are over. */
export function forgetDashboardSessions(
  write: Write,
  { raw }: Pick<Store, "raw">,
  bounds: Pick<SessionBounds, "idle_secs" | "lifetime_secs">,
  now: number,
): void {
  const forget = raw.prepare(
    "DELETE FROM dashboard_sessions WHERE seen_at <= ? OR created_at <= ?",
  );
  write.run(forget, now - bounds.idle_secs, now - bounds.lifetime_secs);
}

function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
