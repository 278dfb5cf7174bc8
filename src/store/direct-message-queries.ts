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

/** Prepares the queries on direct messages. */
export function createDirectMessageQueries({ raw }: Store) {
  const insert = raw.prepare<[DirectMessageRow]>(
    `INSERT INTO direct_messages (sender, receiver, message_id, message, created_at)
     VALUES (@sender, @receiver, @messageId, @message, @createdAt) ON CONFLICT DO NOTHING`,
  );
  const list = raw.prepare<[string], DirectMessageRow>(
    `SELECT sender, receiver, message_id AS messageId, message, created_at AS createdAt
     FROM direct_messages WHERE receiver = ? ORDER BY id`,
  );
  const count = raw.prepare<[string, string], { total: number; bySender: number }>(
    `SELECT count(*) AS total, count(CASE WHEN sender = ? THEN 1 END) AS bySender
     FROM direct_messages WHERE receiver = ?`,
  );
  const remove = raw.prepare("DELETE FROM direct_messages WHERE receiver = ? AND message_id = ?");
  const prune = raw.prepare("DELETE FROM direct_messages WHERE created_at < ?");
  const share = raw.prepare<[string, string], number>(
    `SELECT 1 FROM members AS a JOIN members AS b ON a.zone_id = b.zone_id
     WHERE a.node_id = ? AND b.node_id = ? LIMIT 1`,
  );
  return {
    insertDirect: (row: DirectMessageRow) => insert.run(row),
    /** Messages that wait for a receiver, in the order in which they were accepted. */
    listDirect: (receiver: string) => list.all(receiver),
    countDirect: (sender: string, receiver: string) =>
      count.get(sender, receiver) ?? { total: 0, bySender: 0 },
    deleteDirect: (receiver: string, messageId: string) => remove.run(receiver, messageId),
    pruneDirect: (before: number) => prune.run(before),
    /** Tells whether two nodes are members of one zone. */
    shareZone: (a: string, b: string) => share.get(a, b) !== undefined,
  };
}

export type DirectMessageQueries = ReturnType<typeof createDirectMessageQueries>;
