import type { Store, Write } from "../database.ts";
import { prepareDeletedZoneQueries } from "./deleted-zones.ts";
import { prepareLogQueries } from "./log.ts";
import { prepareMemberQueries } from "./members.ts";

export type StoredZoneState = "registered" | "active" | "stopped";

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
/** Prepares the queries on zones, their envelopes, members, bans and logs. */
export function prepareZoneQueries(store: Pick<Store, "raw" | "usage">) {
  return {
    ...prepareZoneRowQueries(store),
    ...prepareMemberQueries(store),
    ...prepareLogQueries(store),
    ...prepareDeletedZoneQueries(store),
  };
}

export type ZoneQueries = ReturnType<typeof prepareZoneQueries>;

function prepareZoneRowQueries({ raw }: Pick<Store, "raw">) {
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
  const removeZone = raw.prepare<[string]>("DELETE FROM zones WHERE zone_id = ?");
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
  const envelopesAfter = raw.prepare<[string, number, number], EnvelopeRow>(
    `SELECT zone_id AS zoneId, epoch, envelope, hash, created_at AS createdAt FROM zone_envelopes
     WHERE zone_id = ? AND epoch > ? AND envelope <> '' ORDER BY epoch LIMIT ?`,
  );
  const fullEnvelopes = raw.prepare<[string], { epoch: number; bytes: number }>(
    `SELECT epoch, octet_length(envelope) AS bytes FROM zone_envelopes
     WHERE zone_id = ? AND envelope <> '' ORDER BY epoch DESC`,
  );
  const removeEnvelopes = raw.prepare<[string, number]>(
    "DELETE FROM zone_envelopes WHERE zone_id = ? AND epoch > ?",
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
    deleteZone: (write: Write, zoneId: string): void => {
      write.run(removeZone, zoneId);
    },
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
    /** Envelopes of which more than the hash is kept, oldest first. */
    listEnvelopes: (zoneId: string, afterEpoch: number, limit: number) =>
      envelopesAfter.all(zoneId, afterEpoch, limit),
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
    /** Removes the envelopes of later epochs, which another branch replaces. */
    deleteEnvelopesAfter: (write: Write, zoneId: string, epoch: number): void => {
      write.run(removeEnvelopes, zoneId, epoch);
    },
    insertFork: (write: Write, row: EnvelopeRow) => write.run(insertFork, row),
  };
}

function toLikePattern(keyword: string): string {
  return `%${keyword.replace(/[!%_]/g, "!$&")}%`;
}
