import type { Store, Write } from "../database.ts";

/** An invitation as stored; the secret is known by its hash only. */
export interface InviteRow {
  readonly inviteId: string;
  readonly zoneId: string;
  readonly hash: string;
  readonly nodeId: string | null;
  readonly maxUses: number;
  readonly uses: number;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** What one call forgets at most, so that it never holds up the loop. */
const PRUNED_ROWS_MAX = 500;
const COLUMNS = `invite_id AS inviteId, zone_id AS zoneId, hash, node_id AS nodeId,
  max_uses AS maxUses, uses, created_at AS createdAt, expires_at AS expiresAt,
  revoked_at AS revokedAt`;

/** Prepares the queries on invitations. */
export function prepareInviteQueries({ raw }: Store) {
  const insert = raw.prepare<[InviteRow]>(
    `INSERT INTO invites VALUES (@inviteId, @zoneId, @hash, @nodeId, @maxUses, @uses, @createdAt,
       @expiresAt, @revokedAt)`,
  );
  const dead = `(revoked_at IS NOT NULL OR uses >= max_uses OR expires_at <= @now)`;
  const count = raw.prepare<[string], number>("SELECT count(*) FROM invites WHERE zone_id = ?");
  const pruneZone = raw.prepare<[{ zoneId: string; now: number }]>(
    `DELETE FROM invites WHERE zone_id = @zoneId AND ${dead}`,
  );
  const prune = raw.prepare<[{ before: number; now: number; limit: number }]>(
    `DELETE FROM invites WHERE rowid IN
       (SELECT rowid FROM invites WHERE created_at < @before AND ${dead} LIMIT @limit)`,
  );
  const use = raw.prepare<[Record<string, unknown>]>(
    `UPDATE invites SET uses = uses + 1
     WHERE zone_id = @zoneId AND hash = @hash AND uses < max_uses AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > @now) AND (node_id IS NULL OR node_id = @nodeId)`,
  );
  const list = raw.prepare<[string, string, number], InviteRow>(
    `SELECT ${COLUMNS} FROM invites WHERE zone_id = ? AND invite_id > ?
     ORDER BY invite_id LIMIT ?`,
  );
  const find = raw.prepare<[string, string], InviteRow>(
    `SELECT ${COLUMNS} FROM invites WHERE zone_id = ? AND invite_id = ?`,
  );
  const revoke = raw.prepare(
    "UPDATE invites SET revoked_at = ? WHERE zone_id = ? AND invite_id = ? AND revoked_at IS NULL",
  );
  return {
    insertInvite: (write: Write, row: InviteRow) => write.run(insert, row),
    countInvites: (zoneId: string) => count.pluck().get(zoneId) ?? 0,
    /** Forgets a zone's invitations that admit nobody any more. */
    pruneInvitesOf: (write: Write, zoneId: string, now: number) =>
      write.run(pruneZone, { zoneId, now }).changes,
    /** Forgets some of all zones' made before a time that admit nobody any more; tells whether more are left. */
    pruneInvites: (write: Write, before: number, now: number): boolean =>
      write.run(prune, { before, now, limit: PRUNED_ROWS_MAX }).changes === PRUNED_ROWS_MAX,
    /** Counts one use; false where the invitation does not admit this node now. */
    useInvite: (
      write: Write,
      use_: { zoneId: string; hash: string; nodeId: string; now: number },
    ) => write.run(use, use_).changes === 1,
    listInvites: (zoneId: string, after: string, limit: number) => list.all(zoneId, after, limit),
    findInvite: (zoneId: string, inviteId: string) => find.get(zoneId, inviteId),
    revokeInvite: (write: Write, zoneId: string, inviteId: string, now: number) =>
      write.run(revoke, now, zoneId, inviteId).changes === 1,
  };
}

export type InviteQueries = ReturnType<typeof prepareInviteQueries>;
