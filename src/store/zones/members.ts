import type { Store, Write } from "../database.ts";

export type MemberRole = "creator" | "provider" | "member";

/** A member of a zone; `joinedAt` in Unix seconds. */
export interface MemberRow {
  readonly zoneId: string;
  readonly nodeId: string;
  readonly name: string;
  readonly role: MemberRole;
  /** JSON array text. */
  readonly skills: string;
  readonly joinedAt: number;
}

/** Who may not join a zone; times are Unix seconds. */
export interface ZoneBanRow {
  readonly zoneId: string;
  readonly nodeId: string;
  readonly reason: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

const MEMBER = "zone_id AS zoneId, node_id AS nodeId, name, role, skills, joined_at AS joinedAt";
const BAN =
  "zone_id AS zoneId, node_id AS nodeId, reason, created_at AS createdAt, expires_at AS expiresAt";

/** Prepares the queries on members and bans of zones. */
export function prepareMemberQueries({ raw, usage }: Pick<Store, "raw" | "usage">) {
  const find = raw.prepare<[string, string], MemberRow>(
    `SELECT ${MEMBER} FROM members WHERE zone_id = ? AND node_id = ?`,
  );
  const role = raw
    .prepare<[string, string], MemberRole>(
      "SELECT role FROM members WHERE zone_id = ? AND node_id = ?",
    )
    .pluck();
  const insert = raw.prepare<[MemberRow]>(
    `INSERT INTO members (zone_id, node_id, name, role, skills, joined_at)
     VALUES (@zoneId, @nodeId, @name, @role, @skills, @joinedAt)`,
  );
  const refresh = raw.prepare(
    "UPDATE members SET name = ?, skills = ? WHERE zone_id = ? AND node_id = ?",
  );
  const setSigns = raw.prepare(
    "UPDATE members SET signs = 1 WHERE zone_id = ? AND node_id = ? AND signs = 0",
  );
  const signs = raw.prepare<[string, string], number>(
    "SELECT signs FROM members WHERE zone_id = ? AND node_id = ?",
  );
  const remove = raw.prepare("DELETE FROM members WHERE zone_id = ? AND node_id = ?");
  const count = raw.prepare("UPDATE zones SET member_count = member_count + ? WHERE zone_id = ?");
  const list = raw.prepare<[string, string, number], MemberRow>(
    `SELECT ${MEMBER} FROM members WHERE zone_id = ? AND node_id > ? ORDER BY node_id LIMIT ?`,
  );
  const zonesOf = raw.prepare<[string], string>("SELECT zone_id FROM members WHERE node_id = ?");
  const ban = raw.prepare<[string, string, number], ZoneBanRow>(
    `SELECT ${BAN} FROM zone_bans WHERE zone_id = ? AND node_id = ?
     AND (expires_at IS NULL OR expires_at > ?)`,
  );
  const putBan = raw.prepare<[ZoneBanRow]>(
    `INSERT INTO zone_bans VALUES (@zoneId, @nodeId, @reason, @createdAt, @expiresAt)
     ON CONFLICT (zone_id, node_id) DO UPDATE SET reason = excluded.reason,
       created_at = excluded.created_at, expires_at = excluded.expires_at`,
  );
  const countBans = raw.prepare<[string], number>(
    "SELECT count(*) FROM zone_bans WHERE zone_id = ?",
  );
  const pruneBansOf = raw.prepare<[string, number]>(
    "DELETE FROM zone_bans WHERE zone_id = ? AND expires_at <= ?",
  );
  const unban = raw.prepare("DELETE FROM zone_bans WHERE zone_id = ? AND node_id = ?");
  const listBans = raw.prepare<[string, string, number], ZoneBanRow>(
    `SELECT ${BAN} FROM zone_bans WHERE zone_id = ? AND node_id > ? ORDER BY node_id LIMIT ?`,
  );
  return {
    findMember: (zoneId: string, nodeId: string) => find.get(zoneId, nodeId),
    /** What a node is in a zone; undefined where it is no member. */
    findRole: (zoneId: string, nodeId: string) => role.get(zoneId, nodeId),
    insertMember: (write: Write, row: MemberRow) => {
      write.run(insert, row);
      write.run(count, 1, row.zoneId);
      usage.add(write, "member", row.nodeId, 1, 0);
    },
    refreshMember: (write: Write, zoneId: string, nodeId: string, name: string, skills: string) =>
      write.run(refresh, name, skills, zoneId, nodeId),
    /** Whether a member's unsigned messages are refused through replicas; `docs/protocol.md` §9.10. */
    signs: (zoneId: string, nodeId: string): boolean => signs.pluck().get(zoneId, nodeId) === 1,
    setSigns: (write: Write, zoneId: string, nodeId: string) => {
      write.run(setSigns, zoneId, nodeId);
    },
    /** Removes a member; tells whether there was one. */
    deleteMember: (write: Write, zoneId: string, nodeId: string) => {
      const removed = write.run(remove, zoneId, nodeId).changes > 0;
      if (removed) {
        write.run(count, -1, zoneId);
        usage.add(write, "member", nodeId, -1, 0);
      }
      return removed;
    },
    /** In how many zones a node is a member, and the sum over all nodes. */
    membershipsOf: (nodeId: string): number => usage.of("member", nodeId).rows,
    membershipsInAll: (): number => usage.total("member").rows,
    countZoneBans: (zoneId: string) => countBans.pluck().get(zoneId) ?? 0,
    /** Forgets a zone's bans that are over. */
    pruneZoneBansOf: (write: Write, zoneId: string, now: number) =>
      write.run(pruneBansOf, zoneId, now).changes,
    listMembers: (zoneId: string, after: string, limit: number) => list.all(zoneId, after, limit),
    zonesOfMember: (nodeId: string) => zonesOf.pluck().all(nodeId) as string[],
    findZoneBan: (zoneId: string, nodeId: string, now: number) => ban.get(zoneId, nodeId, now),
    putZoneBan: (write: Write, row: ZoneBanRow) => write.run(putBan, row),
    deleteZoneBan: (write: Write, zoneId: string, nodeId: string) =>
      write.run(unban, zoneId, nodeId).changes > 0,
    listZoneBans: (zoneId: string, after: string, limit: number) =>
      listBans.all(zoneId, after, limit),
  };
}
