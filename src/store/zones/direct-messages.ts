import type { Store, Write } from "../database.ts";

/** Of what one call drops at most, so that it never holds up the loop. */
const PRUNED_ROWS_MAX = 500;
const PRUNED_BYTES_MAX = 8 * 1024 * 1024;

/** A direct message that its receiver has not acknowledged. */
export interface DirectMessageRow {
  readonly sender: string;
  readonly receiver: string;
  readonly messageId: string;
  /** JSON text of the AtlasMessage's fields. */
  readonly message: string;
  readonly createdAt: number;
}

/** What waits for a receiver, and of that what one sender sent. */
export interface DirectMessageCount {
  readonly total: number;
  readonly bySender: number;
  readonly totalBytes: number;
}

interface StoredMessage {
  readonly id: number;
  readonly sender: string;
  readonly bytes: number;
}

/** Prepares the queries on direct messages. */
export function prepareDirectMessageQueries({ raw, usage }: Pick<Store, "raw" | "usage">) {
  const insert = raw.prepare<[DirectMessageRow]>(
    `INSERT INTO direct_messages (sender, receiver, message_id, message, created_at)
     VALUES (@sender, @receiver, @messageId, @message, @createdAt) ON CONFLICT DO NOTHING`,
  );
  const next = raw.prepare<[string, number], { id: number; message: string }>(
    "SELECT id, message FROM direct_messages WHERE receiver = ? AND id > ? ORDER BY id LIMIT 1",
  );
  // octet_length, unlike length, does not read the text.
  const count = raw.prepare<[{ sender: string; receiver: string }], DirectMessageCount>(
    `SELECT count(*) AS total, count(CASE WHEN sender = @sender THEN 1 END) AS bySender,
       coalesce(sum(octet_length(message)), 0) AS totalBytes
     FROM direct_messages WHERE receiver = @receiver`,
  );
  const acknowledged = raw.prepare<[string, string], StoredMessage>(
    `SELECT id, sender, octet_length(message) AS bytes FROM direct_messages
     WHERE receiver = ? AND message_id = ?`,
  );
  const old = raw.prepare<[number, number], StoredMessage>(
    `SELECT id, sender, octet_length(message) AS bytes FROM direct_messages
     WHERE created_at < ? ORDER BY created_at LIMIT ?`,
  );
  const drop = raw.prepare<[number]>("DELETE FROM direct_messages WHERE id = ?");
  const remove = (write: Write, { id, sender, bytes }: StoredMessage): void => {
    write.run(drop, id);
    usage.add(write, "direct", sender, -1, -bytes);
  };
  const share = raw.prepare<[string, string], number>(
    `SELECT 1 FROM members AS a JOIN members AS b ON a.zone_id = b.zone_id
     WHERE a.node_id = ? AND b.node_id = ? LIMIT 1`,
  );
  return {
    /** Adds a message; returns its place among those that wait, undefined where it is there already. */
    insertDirect: (write: Write, row: DirectMessageRow): number | undefined => {
      const { changes, lastInsertRowid } = write.run(insert, row);
      if (changes === 0) return undefined;
      usage.add(write, "direct", row.sender, 1, Buffer.byteLength(row.message));
      return Number(lastInsertRowid);
    },
    /** The first message after a place, in the order in which they were accepted. */
    findNextDirect: (receiver: string, after: number) => next.get(receiver, after),
    countDirect: (sender: string, receiver: string) =>
      count.get({ sender, receiver }) ?? { total: 0, bySender: 0, totalBytes: 0 },
    /** Bytes that wait of one sender's messages, and of all. */
    directBytesOf: (sender: string): number => usage.of("direct", sender).bytes,
    directBytesInAll: (): number => usage.total("direct").bytes,
    /** Removes what a receiver acknowledged, whoever sent it. */
    deleteDirect: (write: Write, receiver: string, messageId: string): void => {
      for (const row of acknowledged.all(receiver, messageId)) remove(write, row);
    },
    /** Drops some of what was accepted before a time; tells whether more is left. */
    pruneDirect: (write: Write, before: number): boolean => {
      const rows = old.all(before, PRUNED_ROWS_MAX);
      let bytes = 0;
      let removed = 0;
      for (const row of rows) {
        if (bytes > PRUNED_BYTES_MAX) break;
        bytes += row.bytes;
        removed++;
        remove(write, row);
      }
      return removed < rows.length || rows.length === PRUNED_ROWS_MAX;
    },
    /** Tells whether two nodes are members of one zone. */
    shareZone: (a: string, b: string) => share.get(a, b) !== undefined,
  };
}

export type DirectMessageQueries = ReturnType<typeof prepareDirectMessageQueries>;
