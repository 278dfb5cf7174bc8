import type { Store, Write } from "../database.ts";
import { ENVELOPE_EVENTS } from "./schema.ts";

/** An entry of a zone's log; `timestamp` in Unix seconds, `hash` hex. */
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

const LOG = `zone_id AS zoneId, seq, timestamp, kind, node_id AS nodeId, data, hash,
  message_id AS messageId`;

/** What an entry costs beside its text: ids, hash, two indexes. */
const ENTRY_OVERHEAD_BYTES = 400;

/** What an entry of a log counts as: its text and what it costs beside. */
export function toLogBytes(data: string): number {
  return Buffer.byteLength(data) + ENTRY_OVERHEAD_BYTES;
}

/** Prepares the queries on zones' logs and their checkpoints. */
export function prepareLogQueries({ raw }: Pick<Store, "raw">) {
  let heard: (row: LogRow) => void = () => {};
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
  const bytesBetween = raw.prepare<[string, number, number], number>(
    `SELECT coalesce(sum(octet_length(data) + ${ENTRY_OVERHEAD_BYTES}), 0) FROM zone_log
     WHERE zone_id = ? AND seq > ? AND seq <= ?`,
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
  const envelopeEvent = raw.prepare<[string, number, number], number>(
    `SELECT seq FROM zone_log INDEXED BY zone_log_envelopes
     WHERE zone_id = ? AND seq > ? AND seq <= ? AND ${ENVELOPE_EVENTS} ORDER BY seq DESC LIMIT 1`,
  );
  const lastSeq = raw.prepare<[string], number | null>(
    "SELECT max(seq) FROM zone_log WHERE zone_id = ?",
  );
  const remove = raw.prepare("DELETE FROM zone_log WHERE zone_id = ? AND seq <= ?");
  const cutBytes = raw.prepare<[string, number], number>(
    `SELECT coalesce(sum(octet_length(data) + ${ENTRY_OVERHEAD_BYTES}), 0) FROM zone_log
     WHERE zone_id = ? AND seq > ?`,
  );
  const cut = raw.prepare("DELETE FROM zone_log WHERE zone_id = ? AND seq > ?");
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
    /** The newest entry that tells of an envelope, after one seq and up to another. */
    findEnvelopeEvent: (zoneId: string, after: number, upTo: number): number | undefined =>
      envelopeEvent.pluck().get(zoneId, after, upTo),
    deleteLogUpTo: (write: Write, zoneId: string, seq: number) => {
      write.run(shrink, { zoneId, seq });
      write.run(remove, zoneId, seq);
    },
    /** Removes what is after an entry, which is the zone's head then. */
    cutLog: (write: Write, zoneId: string, after: { seq: number; hash: string }) => {
      const bytes = cutBytes.pluck().get(zoneId, after.seq) ?? 0;
      write.run(cut, zoneId, after.seq);
      write.run(head, after.seq, after.hash, -bytes, zoneId);
    },
    /** What the entries after one, up to another, count as. */
    sumLogBytesOf: (zoneId: string, after: number, upTo: number): number =>
      bytesBetween.pluck().get(zoneId, after, upTo) ?? 0,
    sumLogBytes: () => total.pluck().get() ?? 0,
    findCheckpoint: (zoneId: string) => checkpoint.get(zoneId),
    putCheckpoint: (write: Write, row: CheckpointRow) => write.run(putCheckpoint, row),
    /** Adds the next entry and moves the zone's head to it. */
    insertLogEntry: (write: Write, row: LogRow) => {
      write.run(insert, row);
      write.run(head, row.seq, row.hash, toLogBytes(row.data), row.zoneId);
      heard(row);
    },
    /** Has somebody hear of the entries that are added one by one, inside their operations. */
    hearEntries: (listener: (row: LogRow) => void): void => {
      heard = listener;
    },
    /** Adds the next entries of one zone and moves its head to the last. */
    insertLogEntries: (write: Write, rows: readonly LogRow[]) => {
      const last = rows.at(-1);
      if (last === undefined) return;
      let bytes = 0;
      for (const row of rows) {
        write.run(insert, row);
        bytes += toLogBytes(row.data);
      }
      write.run(head, last.seq, last.hash, bytes, last.zoneId);
    },
    iterateLog: (zoneId: string, afterSeq: number, limit: number) =>
      page.iterate(zoneId, afterSeq, limit),
    iterateLogSizes: (zoneId: string, afterSeq: number, limit: number) =>
      sizes.iterate(zoneId, afterSeq, limit),
    findLogMessage: (zoneId: string, nodeId: string, messageId: string) =>
      message.get(zoneId, nodeId, messageId),
  };
}
