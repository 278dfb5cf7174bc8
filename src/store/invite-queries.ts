import type { Store } from "./database.ts";

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

const COLUMNS = `invite_id AS inviteId, zone_id AS zoneId, hash, node_id AS nodeId,
  max_uses AS maxUses, uses, created_at AS createdAt, expires_at AS expiresAt,
  revoked_at AS revokedAt`;

/** Prepares the queries on invitations. */
export function createInviteQueries({ raw }: Store) {
  const insert = raw.prepare<[InviteRow]>(
    `INSERT INTO invites VALUES (@inviteId, @zoneId, @hash, @nodeId, @maxUses, @uses, @createdAt,
       @expiresAt, @revokedAt)`,
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
    insertInvite: (row: InviteRow) => insert.run(row),
    /** Counts one use; false where the invitation does not admit this node now. */
    useInvite: (use_: { zoneId: string; hash: string; nodeId: string; now: number }) =>
      use.run(use_).changes === 1,
    listInvites: (zoneId: string, after: string, limit: number) => list.all(zoneId, after, limit),
    findInvite: (zoneId: string, inviteId: string) => find.get(zoneId, inviteId),
    revokeInvite: (zoneId: string, inviteId: string, now: number) =>
      revoke.run(now, zoneId, inviteId).changes === 1,
  };
}

export type InviteQueries = ReturnType<typeof createInviteQueries>;
