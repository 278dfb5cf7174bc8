import type { Store } from "./database.ts";

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
  readonly bytesBySender: number;
}

/** Prepares the queries on direct messages. */
export function createDirectMessageQueries({ raw }: Store) {
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
       coalesce(sum(octet_length(message)), 0) AS totalBytes,
       coalesce(sum(CASE WHEN sender = @sender THEN octet_length(message) END), 0) AS bytesBySender
     FROM direct_messages WHERE receiver = @receiver`,
  );
  const remove = raw.prepare("DELETE FROM direct_messages WHERE receiver = ? AND message_id = ?");
  const prune = raw.prepare("DELETE FROM direct_messages WHERE created_at < ?");
  const share = raw.prepare<[string, string], number>(
    `SELECT 1 FROM members AS a JOIN members AS b ON a.zone_id = b.zone_id
     WHERE a.node_id = ? AND b.node_id = ? LIMIT 1`,
  );
  return {
    /** Adds a message; returns its place among those that wait, undefined where it is there already. */
    insertDirect: (row: DirectMessageRow): number | undefined => {
      const { changes, lastInsertRowid } = insert.run(row);
      return changes === 0 ? undefined : Number(lastInsertRowid);
    },
    /** The first message after a place, in the order in which they were accepted. */
    findNextDirect: (receiver: string, after: number) => next.get(receiver, after),
    countDirect: (sender: string, receiver: string) =>
      count.get({ sender, receiver }) ?? { total: 0, bySender: 0, totalBytes: 0, bytesBySender: 0 },
    deleteDirect: (receiver: string, messageId: string) => remove.run(receiver, messageId),
    pruneDirect: (before: number) => prune.run(before),
    /** Tells whether two nodes are members of one zone. */
    shareZone: (a: string, b: string) => share.get(a, b) !== undefined,
  };
}

export type DirectMessageQueries = ReturnType<typeof createDirectMessageQueries>;
