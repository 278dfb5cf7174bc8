import type { Store, Write } from "../database.ts";

/** A wire ban as stored. */
export interface WireBan {
  readonly nodeId: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Reads and writes peers, wire bans and the message deduplication window. */
export interface PeerQueries {
  /**
   * Notes that a node verified bound, for good; nothing of its Hello, which costs a stranger no more
   * than a key.
   */
  putBound(write: Write, nodeId: string, now: number): void;
  /** Tells whether the node ever verified bound here. */
  isBound(nodeId: string): boolean;
  /** Finds a ban that has not expired. */
  findBan(nodeId: string, now: number): WireBan | undefined;
  listBans(now: number, after: string, limit: number): WireBan[];
  putBan(write: Write, ban: WireBan): void;
  /** Lifts a ban; tells whether there was one. */
  deleteBan(write: Write, nodeId: string): boolean;
  /** Records a message id; false where it was there already. */
  insertSeen(write: Write, nodeId: string, messageId: string, now: number): boolean;
  /** Tells whether a message id was recorded. */
  isSeen(nodeId: string, messageId: string): boolean;
  /**
   * Forgets some of the bound nodes beyond so many, those not seen for longest; returns how many. To
   * them the plain handshake is open again.
   */
  trimBound(write: Write, max: number): number;
  /** Forgets some message ids and bans that ended before the given times; tells whether more are left. */
  prune(write: Write, seenBefore: number, now: number): boolean;
}

/** Of each kind, what one call forgets at most, so that it never holds up the loop. */
const PRUNED_ROWS_MAX = 1000;
const BAN_COLUMNS = "node_id AS nodeId, reason, created_at AS createdAt, expires_at AS expiresAt";

/** Prepares the queries. */
export function preparePeerQueries(store: Store): PeerQueries {
  const { raw } = store;
  const upsert = raw.prepare(
    `INSERT INTO bound_nodes (fingerprint, seen_at) VALUES (?, ?)
     ON CONFLICT (fingerprint) DO UPDATE SET seen_at = excluded.seen_at`,
  );
  const bound = raw.prepare("SELECT 1 FROM bound_nodes WHERE fingerprint = ?");
  const countBound = raw.prepare<[], number>("SELECT count(*) FROM bound_nodes");
  const pruneBound = raw.prepare(
    `DELETE FROM bound_nodes WHERE fingerprint IN
       (SELECT fingerprint FROM bound_nodes ORDER BY seen_at LIMIT ?)`,
  );
  const ban = raw.prepare<[string, number], WireBan>(
    `SELECT ${BAN_COLUMNS} FROM wire_bans WHERE node_id = ? AND expires_at > ?`,
  );
  const bans = raw.prepare<[number, string, number], WireBan>(
    `SELECT ${BAN_COLUMNS} FROM wire_bans WHERE expires_at > ? AND node_id > ?
     ORDER BY node_id LIMIT ?`,
  );
  const put = raw.prepare(
    `INSERT INTO wire_bans (node_id, reason, created_at, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (node_id) DO UPDATE SET reason = excluded.reason,
       created_at = excluded.created_at, expires_at = excluded.expires_at`,
  );
  const unban = raw.prepare("DELETE FROM wire_bans WHERE node_id = ?");
  const see = raw.prepare(
    `INSERT INTO seen_messages (node_id, message_id, seen_at) VALUES (?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const seen = raw.prepare("SELECT 1 FROM seen_messages WHERE node_id = ? AND message_id = ?");
  // Rows lie in the order in which they were written, which is that of time but for a clock that was set back: what it
  // wrote when it was far ahead would stand before all that is old, and goes, too.
  const pruneSeen = raw.prepare(
    `DELETE FROM seen_messages WHERE rowid IN (SELECT id FROM
       (SELECT rowid AS id, seen_at FROM seen_messages ORDER BY rowid LIMIT ?)
       WHERE seen_at < ? OR seen_at > ?)`,
  );
  const pruneBans = raw.prepare(
    "DELETE FROM wire_bans WHERE rowid IN (SELECT rowid FROM wire_bans WHERE expires_at <= ? LIMIT ?)",
  );
  return {
    putBound: (write, nodeId, now) => {
      write.run(upsert, toFingerprint(nodeId), now);
    },
    isBound: (nodeId) => bound.get(toFingerprint(nodeId)) !== undefined,
    trimBound: (write, max) => {
      const excess = (countBound.pluck().get() ?? 0) - max;
      if (excess <= 0) return 0;
      return write.run(pruneBound, Math.min(excess, PRUNED_ROWS_MAX)).changes;
    },
    findBan: (nodeId, now) => ban.get(nodeId, now),
    listBans: (now, after, limit) => bans.all(now, after, limit),
    putBan: (write, row) => {
      write.run(put, row.nodeId, row.reason, row.createdAt, row.expiresAt);
    },
    deleteBan: (write, nodeId) => write.run(unban, nodeId).changes > 0,
    insertSeen: (write, nodeId, messageId, now) =>
      write.run(see, nodeId, messageId, now).changes > 0,
    isSeen: (nodeId, messageId) => seen.get(nodeId, messageId) !== undefined,
    prune: (write, seenBefore, now) => {
      const forgotten = write.run(
        pruneSeen,
        PRUNED_ROWS_MAX,
        seenBefore,
        2 * now - seenBefore,
      ).changes;
      const ended = write.run(pruneBans, now, PRUNED_ROWS_MAX).changes;
      return forgotten > 0 || ended === PRUNED_ROWS_MAX;
    },
  };
}

/** The first 13 hex digits after `atlas_`: node ids are hashes, and so many are a safe integer. */
function toFingerprint(nodeId: string): number {
  return Number.parseInt(nodeId.slice(6, 19), 16);
}
