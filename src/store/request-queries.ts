import type { Store } from "./database.ts";

export type RequestState =
  | "quoted"
  | "paying"
  | "paid"
  | "running"
  | "undelivered"
  | "answered"
  | "failed"
  | "refunded";

/** A request for an action as stored; times are Unix seconds. */
export interface RequestRow {
  readonly nodeId: string;
  readonly requestId: string;
  readonly zoneId: string;
  readonly action: string;
  /** Canonical JSON text. */
  readonly params: string;
  readonly contentHash: string;
  readonly state: RequestState;
  readonly paid: boolean;
  readonly invokeId: string;
  readonly idempotent: boolean;
  readonly messageId: string;
  /** JSON text of the result. */
  readonly result: string | null;
  /** JSON text {code, reason?, message}. */
  readonly failure: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number | null;
}

type Stored = Omit<RequestRow, "paid" | "idempotent"> & { paid: number; idempotent: number };
/** What a transition may change. */
export type RequestChange = Partial<
  Pick<
    RequestRow,
    "paid" | "idempotent" | "messageId" | "result" | "failure" | "expiresAt" | "updatedAt"
  >
>;

const COLUMNS = `node_id AS nodeId, request_id AS requestId, zone_id AS zoneId, action, params,
  content_hash AS contentHash, state, paid, invoke_id AS invokeId, idempotent,
  message_id AS messageId, result, failure, created_at AS createdAt, updated_at AS updatedAt,
  expires_at AS expiresAt`;

/** Prepares the queries on requests. */
export function createRequestQueries({ raw }: Store) {
  const find = raw.prepare<[string, string], Stored>(
    `SELECT ${COLUMNS} FROM requests WHERE node_id = ? AND request_id = ?`,
  );
  const insert = raw.prepare<[Stored]>(
    `INSERT INTO requests VALUES (@nodeId, @requestId, @zoneId, @action, @params, @contentHash,
       @state, @paid, @invokeId, @idempotent, @messageId, @result, @failure, @createdAt,
       @updatedAt, @expiresAt)`,
  );
  const move = raw.prepare<[Record<string, unknown>]>(
    `UPDATE requests SET state = @to, paid = @paid, idempotent = @idempotent,
       message_id = @messageId, result = @result, failure = @failure, updated_at = @updatedAt,
       expires_at = @expiresAt
     WHERE node_id = @nodeId AND request_id = @requestId AND state = @from`,
  );
  const byState = raw.prepare<[string], Stored>(
    `SELECT ${COLUMNS} FROM requests WHERE state = ? ORDER BY created_at`,
  );
  const prune = raw.prepare("DELETE FROM requests WHERE expires_at <= ?");
  return {
    findRequest: (nodeId: string, requestId: string) => toRow(find.get(nodeId, requestId)),
    insertRequest: (row: RequestRow) => insert.run(toStored(row)),
    /**
     * Moves a row from the state it was read in to another; compare-and-set.
     * @throws Error when the row has moved meanwhile
     */
    moveRequest: (row: RequestRow, to: RequestState, change: RequestChange): RequestRow => {
      const next = { ...row, ...change, state: to };
      if (move.run({ ...toStored(next), to, from: row.state }).changes !== 1) {
        throw new Error(`Request ${row.requestId} is no longer ${row.state}.`);
      }
      return next;
    },
    listRequests: (state: RequestState) =>
      byState.all(state).map((row) => toRow(row) as RequestRow),
    /** Forgets requests whose answers need no longer be kept. */
    pruneRequests: (now: number) => prune.run(now),
  };
}

export type RequestQueries = ReturnType<typeof createRequestQueries>;

function toRow(stored: Stored | undefined): RequestRow | undefined {
  return stored && { ...stored, paid: stored.paid === 1, idempotent: stored.idempotent === 1 };
}

function toStored(row: RequestRow): Stored {
  return { ...row, paid: row.paid ? 1 : 0, idempotent: row.idempotent ? 1 : 0 };
}
