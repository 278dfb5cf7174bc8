import type { Store, Write } from "../database.ts";
import { createUsageQueries } from "../usage.ts";

export type StoredZoneState = "registered" | "active" | "stopped";
export type MemberRole = "creator" | "provider" | "member";

/** A zone as stored; times are Unix seconds, hashes hex. */
export interface ZoneRow {
  readonly zoneId: string;
  readonly epoch: number;
  /** Of the current envelope. */
  readonly envelopeHash: string;
  readonly state: StoredZoneState;
  readonly suspendedAt: number | null;
  readonly creator: string;
  readonly name: string;
  readonly type: string;
  readonly topic: string | null;
  readonly description: string;
  readonly headSeq: number;
  readonly headHash: string;
  /** Of its log; see `toLogBytes`. */
  readonly logBytes: number;
  readonly memberCount: number;
  readonly createdAt: number;
}

export interface EnvelopeRow {
  readonly zoneId: string;
  readonly epoch: number;
  /** JSON text as accepted; empty of old ones, of which only the hash is kept. */
  readonly envelope: string;
  readonly hash: string;
  readonly createdAt: number;
}

export interface MemberRow {
  readonly zoneId: string;
  readonly nodeId: string;
  readonly name: string;
  readonly role: MemberRole;
  /** JSON array text. */
  readonly skills: string;
  readonly joinedAt: number;
}

export interface ZoneBanRow {
  readonly zoneId: string;
  readonly nodeId: string;
  readonly reason: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

export interface LogRow {
  readonly zoneId: string;
  readonly seq: number;
  readonly timestamp: number;
  readonly kind: "message" | "event";
  readonly nodeId: string;
  /** Canonical JSON text. */
  readonly data: string;
  readonly hash: string;
  readonly messageId: string | null;
}

/** How much text an entry of a log has. */
export interface LogSize {
  readonly seq: number;
  readonly bytes: number;
}

/** Where a pruned log begins. */
export interface CheckpointRow {
  readonly zoneId: string;
  readonly seq: number;
  readonly hash: string;
  /** JSON text of the signed head. */
  readonly head: string;
}

/** What a directory listing may be narrowed by; undefined fields match everything. */
export interface ZoneFilter {
  readonly type: string | undefined;
  readonly topic: string | undefined;
  readonly keyword: string | undefined;
}

const ZONE = `zone_id AS zoneId, epoch, envelope_hash AS envelopeHash, state, suspended_at AS suspendedAt, creator, name, type,
  topic, description, head_seq AS headSeq, head_hash AS headHash, log_bytes AS logBytes, member_count AS memberCount,
  created_at AS createdAt`;
/** Of one zone: a creator could sign any number, and one is evidence enough. */
const FORKS_KEPT_MAX = 16;
const MEMBER = "zone_id AS zoneId, node_id AS nodeId, name, role, skills, joined_at AS joinedAt";
const BAN =
  "zone_id AS zoneId, node_id AS nodeId, reason, created_at AS createdAt, expires_at AS expiresAt";
const LOG = `zone_id AS zoneId, seq, timestamp, kind, node_id AS nodeId, data, hash,
  message_id AS messageId`;

/** What an entry costs beside its text: ids, hash, two indexes. */
const ENTRY_OVERHEAD_BYTES = 400;

/** What an entry of a log counts as: its text and what it costs beside. */
export function toLogBytes(data: string): number {
  return Buffer.byteLength(data) + ENTRY_OVERHEAD_BYTES;
}

/** Prepares the queries on zones, their envelopes, members, bans and logs. */
export function createZoneQueries(store: Store) {
  return {
    ...createZoneRowQueries(store),
    ...createMemberQueries(store),
    ...createLogQueries(store),
  };
}

export type ZoneQueries = ReturnType<typeof createZoneQueries>;

function createZoneRowQueries({ raw }: Store) {
  const find = raw.prepare<[string], ZoneRow>(`SELECT ${ZONE} FROM zones WHERE zone_id = ?`);
  const insert = raw.prepare<[ZoneRow]>(
    `INSERT INTO zones (zone_id, epoch, envelope_hash, state, suspended_at, creator, name, type, topic,
       description, head_seq, head_hash, log_bytes, member_count, created_at)
     VALUES (@zoneId, @epoch, @envelopeHash, @state, @suspendedAt, @creator, @name, @type, @topic,
       @description, @headSeq, @headHash, @logBytes, @memberCount, @createdAt)`,
  );
  const update = raw.prepare<[Partial<ZoneRow>]>(
    `UPDATE zones SET epoch = @epoch, envelope_hash = @envelopeHash, state = @state, name = @name, type = @type, topic = @topic,
       description = @description WHERE zone_id = @zoneId`,
  );
  const suspend = raw.prepare("UPDATE zones SET suspended_at = ? WHERE zone_id = ?");
  const list = raw.prepare<[Record<string, unknown>], ZoneRow>(
    `SELECT ${ZONE} FROM zones WHERE zone_id > @after
       AND (@type IS NULL OR type = @type) AND (@topic IS NULL OR topic = @topic)
       AND (@keyword IS NULL OR name LIKE @keyword ESCAPE '!' OR description LIKE @keyword ESCAPE '!'
         OR topic LIKE @keyword ESCAPE '!')
       AND (@all = 1 OR (state <> 'stopped' AND suspended_at IS NULL))
     ORDER BY zone_id LIMIT @limit`,
  );
  const count = raw.prepare<[], number>(
    "SELECT count(*) FROM zones WHERE state <> 'stopped' AND suspended_at IS NULL",
  );
  const hosted = raw.prepare<[], number>("SELECT count(*) FROM zones");
  const created = raw.prepare<[string], number>("SELECT count(*) FROM zones WHERE creator = ?");
  const insertEnvelope = raw.prepare<[EnvelopeRow]>(
    "INSERT INTO zone_envelopes VALUES (@zoneId, @epoch, @envelope, @hash, @createdAt)",
  );
  const envelope = raw.prepare<[string, number], EnvelopeRow>(
    `SELECT zone_id AS zoneId, epoch, envelope, hash, created_at AS createdAt
     FROM zone_envelopes WHERE zone_id = ? AND epoch = ?`,
  );
  const fullEnvelopes = raw.prepare<[string], { epoch: number; bytes: number }>(
    `SELECT epoch, octet_length(envelope) AS bytes FROM zone_envelopes
     WHERE zone_id = ? AND envelope <> '' ORDER BY epoch DESC`,
  );
  const emptyEnvelopes = raw.prepare<[string, number]>(
    "UPDATE zone_envelopes SET envelope = '' WHERE zone_id = ? AND epoch <= ? AND envelope <> ''",
  );
  const insertFork = raw.prepare<[EnvelopeRow]>(
    `INSERT INTO zone_forks (zone_id, epoch, hash, envelope, created_at)
     SELECT @zoneId, @epoch, @hash, @envelope, @createdAt
     WHERE (SELECT count(*) FROM zone_forks WHERE zone_id = @zoneId) < ${FORKS_KEPT_MAX}
     ON CONFLICT DO NOTHING`,
  );
  const forks = raw.prepare<[string], EnvelopeRow>(
    `SELECT zone_id AS zoneId, epoch, envelope, hash, created_at AS createdAt
     FROM zone_forks WHERE zone_id = ? ORDER BY epoch, hash`,
  );
  return {
    findZone: (zoneId: string) => find.get(zoneId),
    insertZone: (write: Write, row: ZoneRow) => write.run(insert, row),
    updateZone: (
      write: Write,
      row: Pick<
        ZoneRow,
        "zoneId" | "epoch" | "envelopeHash" | "state" | "name" | "type" | "topic" | "description"
      >,
    ) => write.run(update, row),
    setSuspended: (write: Write, zoneId: string, at: number | null) =>
      write.run(suspend, at, zoneId),
    /** Zones after a cursor; `all` includes those that are stopped or suspended. */
    listZones: (filter: ZoneFilter, after: string, limit: number, all: boolean) =>
      list.all({
        type: filter.type ?? null,
        topic: filter.topic ?? null,
        keyword: filter.keyword === undefined ? null : toLikePattern(filter.keyword),
        after,
        limit,
        all: all ? 1 : 0,
      }),
    countZones: () => count.pluck().get() ?? 0,
    insertEnvelope: (write: Write, row: EnvelopeRow) => write.run(insertEnvelope, row),
    findEnvelope: (zoneId: string, epoch: number) => envelope.get(zoneId, epoch),
    /**
     * Forgets the text of a zone's oldest envelopes beyond so many bytes, of the newest never. Their
     * hashes stay, by which successors and forks are told.
     */
    trimEnvelopes: (write: Write, zoneId: string, bytesMax: number): void => {
      const [newest, ...former] = fullEnvelopes.all(zoneId);
      let bytes = newest?.bytes ?? 0;
      const last = former.find((row) => {
        bytes += row.bytes;
        return bytes > bytesMax;
      });
      if (last !== undefined) write.run(emptyEnvelopes, zoneId, last.epoch);
    },
    /** How many zones there are, whatever their state, and of these one creator's. */
    countHosted: () => hosted.pluck().get() ?? 0,
    countCreated: (creator: string) => created.pluck().get(creator) ?? 0,
    insertFork: (write: Write, row: EnvelopeRow) => write.run(insertFork, row),
    listForks: (zoneId: string) => forks.all(zoneId),
  };
}

function toLikePattern(keyword: string): string {
  return `%${keyword.replace(/[!%_]/g, "!$&")}%`;
}

function createMemberQueries({ raw }: Store) {
  const usage = createUsageQueries({ raw });
  const find = raw.prepare<[string, string], MemberRow>(
    `SELECT ${MEMBER} FROM members WHERE zone_id = ? AND node_id = ?`,
  );
  const insert = raw.prepare<[MemberRow]>(
    "INSERT INTO members VALUES (@zoneId, @nodeId, @name, @role, @skills, @joinedAt)",
  );
  const refresh = raw.prepare(
    "UPDATE members SET name = ?, skills = ? WHERE zone_id = ? AND node_id = ?",
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
    insertMember: (write: Write, row: MemberRow) => {
      write.run(insert, row);
      write.run(count, 1, row.zoneId);
      usage.addUsage(write, "member", row.nodeId, 1, 0);
    },
    refreshMember: (write: Write, zoneId: string, nodeId: string, name: string, skills: string) =>
      write.run(refresh, name, skills, zoneId, nodeId),
    /** Removes a member; tells whether there was one. */
    deleteMember: (write: Write, zoneId: string, nodeId: string) => {
      const removed = write.run(remove, zoneId, nodeId).changes > 0;
      if (removed) {
        write.run(count, -1, zoneId);
        usage.addUsage(write, "member", nodeId, -1, 0);
      }
      return removed;
    },
    /** In how many zones a node is a member, and the sum over all nodes. */
    membershipsOf: (nodeId: string): number => usage.usageOf("member", nodeId).rows,
    membershipsInAll: (): number => usage.totalUsage("member").rows,
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

function createLogQueries({ raw }: Store) {
  const insert = raw.prepare<[LogRow]>(
    "INSERT INTO zone_log VALUES (@zoneId, @seq, @timestamp, @kind, @nodeId, @data, @hash, @messageId)",
  );
  const head = raw.prepare(
    "UPDATE zones SET head_seq = ?, head_hash = ?, log_bytes = log_bytes + ? WHERE zone_id = ?",
  );
  const total = raw.prepare<[], number>("SELECT coalesce(sum(log_bytes), 0) FROM zones");
  const shrink = raw.prepare<[{ zoneId: string; seq: number }]>(
    `UPDATE zones SET log_bytes = log_bytes - (
       SELECT coalesce(sum(octet_length(data) + ${ENTRY_OVERHEAD_BYTES}), 0) FROM zone_log
       WHERE zone_id = @zoneId AND seq <= @seq) WHERE zone_id = @zoneId`,
  );
  const page = raw.prepare<[string, number, number], LogRow>(
    `SELECT ${LOG} FROM zone_log WHERE zone_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
  );
  // octet_length, unlike length, does not read the text.
  const sizes = raw.prepare<[string, number, number], LogSize>(
    `SELECT seq, octet_length(data) AS bytes FROM zone_log WHERE zone_id = ? AND seq > ?
     ORDER BY seq LIMIT ?`,
  );
  const message = raw.prepare<[string, string, string], LogRow>(
    `SELECT ${LOG} FROM zone_log WHERE zone_id = ? AND node_id = ? AND message_id = ?`,
  );
  const hashAt = raw.prepare<[string, number], string>(
    "SELECT hash FROM zone_log WHERE zone_id = ? AND seq = ?",
  );
  // Timestamps follow the clock, which may step back; what is younger than the bound stays.
  const firstSince = raw.prepare<[string, number], number | null>(
    "SELECT min(seq) FROM zone_log WHERE zone_id = ? AND timestamp >= ?",
  );
  const lastSeq = raw.prepare<[string], number | null>(
    "SELECT max(seq) FROM zone_log WHERE zone_id = ?",
  );
  const remove = raw.prepare("DELETE FROM zone_log WHERE zone_id = ? AND seq <= ?");
  const checkpoint = raw.prepare<[string], CheckpointRow>(
    "SELECT zone_id AS zoneId, seq, hash, head FROM zone_checkpoints WHERE zone_id = ?",
  );
  const putCheckpoint = raw.prepare<[CheckpointRow]>(
    `INSERT INTO zone_checkpoints VALUES (@zoneId, @seq, @hash, @head)
     ON CONFLICT (zone_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
       head = excluded.head`,
  );
  return {
    findEntryHash: (zoneId: string, seq: number) => hashAt.pluck().get(zoneId, seq),
    /** The last seq before every entry at or after a time; 0 where there is none. */
    findLastBefore: (zoneId: string, timestamp: number) => {
      const first = firstSince.pluck().get(zoneId, timestamp);
      return first == null ? (lastSeq.pluck().get(zoneId) ?? 0) : first - 1;
    },
    deleteLogUpTo: (write: Write, zoneId: string, seq: number) => {
      write.run(shrink, { zoneId, seq });
      write.run(remove, zoneId, seq);
    },
    sumLogBytes: () => total.pluck().get() ?? 0,
    findCheckpoint: (zoneId: string) => checkpoint.get(zoneId),
    putCheckpoint: (write: Write, row: CheckpointRow) => write.run(putCheckpoint, row),
    /** Adds the next entry and moves the zone's head to it. */
    insertLogEntry: (write: Write, row: LogRow) => {
      write.run(insert, row);
      write.run(head, row.seq, row.hash, toLogBytes(row.data), row.zoneId);
    },
    iterateLog: (zoneId: string, afterSeq: number, limit: number) =>
      page.iterate(zoneId, afterSeq, limit),
    iterateLogSizes: (zoneId: string, afterSeq: number, limit: number) =>
      sizes.iterate(zoneId, afterSeq, limit),
    findLogMessage: (zoneId: string, nodeId: string, messageId: string) =>
      message.get(zoneId, nodeId, messageId),
  };
}
