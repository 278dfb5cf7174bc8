import type { JsonObject } from "../../protocol/json.ts";
import type { Store, Write } from "../database.ts";
import { UNSEEN_KEPT_SECS } from "../payments/schema.ts";
import { prepareRequestQueries } from "../zones/requests.ts";
import type { RequestName } from "./request-writing.ts";

/** A request record of a zone that another steward is in charge of; times are Unix seconds. */
export interface ReplicaRequestRow {
  readonly zoneId: string;
  readonly nodeId: string;
  readonly requestId: string;
  /** Canonical JSON text of the record's value. */
  readonly value: string;
  /** JSON text of what is not replicated: this wallet's transactions that carry it. */
  readonly wallet: string | null;
  readonly expiresAt: number | null;
  readonly createdAt: number;
}

const COLUMNS = `zone_id AS zoneId, node_id AS nodeId, request_id AS requestId, value, wallet,
  expires_at AS expiresAt, created_at AS createdAt`;
/** What one call forgets at most, so that it never holds up the loop. */
const PRUNED_ROWS_MAX = 500;

/**
 * Until when a record is kept, Unix seconds; null where it does not expire. One with a requirement that may have
 * been paid is kept as long as the steward in charge may look for that: it has to know of it after a take-over.
 */
export function toRecordExpiry({ expires_at, payments }: JsonObject): number | null {
  if (typeof expires_at !== "number") return null;
  let until = expires_at;
  for (const payment of Array.isArray(payments) ? payments : []) {
    const { state, void_at, deadline } = payment as JsonObject;
    const mayBePaid = state === "quoted" && (void_at ?? null) === null;
    if (mayBePaid && typeof deadline === "number") {
      until = Math.max(until, deadline + UNSEEN_KEPT_SECS);
    }
  }
  return until;
}

/** Prepares the queries on request records. */
export function prepareReplicaRequestQueries({ raw, usage }: Pick<Store, "raw" | "usage">) {
  const find = raw.prepare<[string, string, string], ReplicaRequestRow>(
    `SELECT ${COLUMNS} FROM replica_requests WHERE zone_id = ? AND node_id = ? AND request_id = ?`,
  );
  const newest = raw.prepare<[string, string], ReplicaRequestRow>(
    `SELECT ${COLUMNS} FROM replica_requests WHERE node_id = ? AND request_id = ?
     ORDER BY created_at DESC, zone_id DESC LIMIT 1`,
  );
  const list = raw.prepare<[string, string, string, number], ReplicaRequestRow>(
    `SELECT ${COLUMNS} FROM replica_requests WHERE zone_id = ? AND (node_id, request_id) > (?, ?)
     ORDER BY node_id, request_id LIMIT ?`,
  );
  const put = raw.prepare<[ReplicaRequestRow]>(
    `INSERT INTO replica_requests (zone_id, node_id, request_id, value, wallet, expires_at, created_at)
     VALUES (@zoneId, @nodeId, @requestId, @value, @wallet, @expiresAt, @createdAt)
     ON CONFLICT (zone_id, node_id, request_id) DO UPDATE SET value = excluded.value,
       wallet = coalesce(excluded.wallet, wallet), expires_at = excluded.expires_at,
       created_at = excluded.created_at`,
  );
  const setWallet = raw.prepare<[Pick<ReplicaRequestRow, "wallet"> & RequestName]>(
    `UPDATE replica_requests SET wallet = coalesce(wallet, @wallet)
     WHERE zone_id = @zoneId AND node_id = @nodeId AND request_id = @requestId`,
  );
  const remove = raw.prepare<[string, string, string]>(
    "DELETE FROM replica_requests WHERE zone_id = ? AND node_id = ? AND request_id = ?",
  );
  const prune = raw.prepare<[number, number]>(
    `DELETE FROM replica_requests WHERE rowid IN
       (SELECT rowid FROM replica_requests WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
  );
  const requests = prepareRequestQueries({ raw, usage });
  return {
    findReplicaRequest: (zoneId: string, nodeId: string, requestId: string) =>
      find.get(zoneId, nodeId, requestId),
    /** Of several zones' the newest. */
    findNewestReplicaRequest: (nodeId: string, requestId: string) => newest.get(nodeId, requestId),
    /** Records of a zone after a key, in the order of their keys. */
    listReplicaRequests: (
      zoneId: string,
      after: Pick<ReplicaRequestRow, "nodeId" | "requestId">,
      limit: number,
    ) => list.all(zoneId, after.nodeId, after.requestId, limit),
    /** Writes a record over what was there; what the wallet did for it stays where none is given. */
    putReplicaRequest: (write: Write, row: ReplicaRequestRow): void => {
      write.run(put, row);
    },
    /** Notes what the wallet did for a record that is there, where nothing is noted of it. */
    noteWallet: (write: Write, row: Pick<ReplicaRequestRow, "wallet"> & RequestName): void => {
      write.run(setWallet, row);
    },
    deleteReplicaRequest: (
      write: Write,
      zoneId: string,
      nodeId: string,
      requestId: string,
    ): boolean => write.run(remove, zoneId, nodeId, requestId).changes > 0,
    /** Removes a record, and the row that would count in its place; payments stay, for the books. */
    dropRequest: (write: Write, zoneId: string, nodeId: string, requestId: string): void => {
      write.run(remove, zoneId, nodeId, requestId);
      requests.removeRequest(write, { zoneId, nodeId, requestId });
    },
    /** Forgets some records that need no longer be kept; tells whether more are left. */
    pruneReplicaRequests: (write: Write, now: number): boolean =>
      write.run(prune, now, PRUNED_ROWS_MAX).changes === PRUNED_ROWS_MAX,
  };
}
