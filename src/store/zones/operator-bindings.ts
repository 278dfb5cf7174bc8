import type { Store, Write } from "../database.ts";

/** A node's operator binding as it was first seen; times in Unix seconds. */
export interface StoredBinding {
  readonly nodeId: string;
  /** Hex, of the binding. */
  readonly digest: string;
  readonly firstSeenAt: number;
}

/** Reads and writes when bindings were first seen, one a node. */
export interface OperatorBindingQueries {
  find(nodeId: string): StoredBinding | undefined;
  /** Notes a node's binding in place of the one it had; its signature was right. */
  put(write: Write, binding: StoredBinding): void;
  /** Notes that the account owns the fid. */
  confirm(write: Write, nodeId: string): void;
  /**
   * Forgets some of those first seen before, and some beyond so many, the unconfirmed and then the oldest
   * first; returns how many.
   */
  prune(write: Write, seenBefore: number, max: number): number;
}

const PRUNED_ROWS_MAX = 1000;

/** Prepares the queries. */
export function prepareOperatorBindingQueries({ raw }: Store): OperatorBindingQueries {
  const find = raw.prepare<[string], StoredBinding>(
    `SELECT node_id AS nodeId, digest, first_seen_at AS firstSeenAt
     FROM operator_bindings WHERE node_id = ?`,
  );
  const put = raw.prepare(
    `INSERT INTO operator_bindings (node_id, digest, first_seen_at, confirmed) VALUES (?, ?, ?, 0)
     ON CONFLICT (node_id) DO UPDATE SET digest = excluded.digest,
       first_seen_at = excluded.first_seen_at, confirmed = 0`,
  );
  const confirm = raw.prepare(
    "UPDATE operator_bindings SET confirmed = 1 WHERE node_id = ? AND confirmed = 0",
  );
  const count = raw.prepare<[], number>("SELECT count(*) FROM operator_bindings").pluck();
  const forget = raw.prepare(
    `DELETE FROM operator_bindings WHERE node_id IN
       (SELECT node_id FROM operator_bindings WHERE first_seen_at < ? LIMIT ?)`,
  );
  const trim = raw.prepare(
    `DELETE FROM operator_bindings WHERE node_id IN
       (SELECT node_id FROM operator_bindings ORDER BY confirmed, first_seen_at LIMIT ?)`,
  );
  return {
    find: (nodeId) => find.get(nodeId),
    put: (write, { nodeId, digest, firstSeenAt }) => {
      write.run(put, nodeId, digest, firstSeenAt);
    },
    confirm: (write, nodeId) => {
      write.run(confirm, nodeId);
    },
    prune: (write, seenBefore, max) => {
      const forgotten = write.run(forget, seenBefore, PRUNED_ROWS_MAX).changes;
      const excess = Math.min((count.get() ?? 0) - max, PRUNED_ROWS_MAX);
      return forgotten + (excess > 0 ? write.run(trim, excess).changes : 0);
    },
  };
}
