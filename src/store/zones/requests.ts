import type { Store, Write } from "../database.ts";
import { OPEN_REQUESTS } from "../waiting-requests.ts";

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
  /** Node id of the steward that runs it; null: this one. */
  readonly runner: string | null;
  /** JSON text {message} of a sealed zone.request as received. */
  readonly sig: string | null;
}

/** What names a request. */
type RequestName = Pick<RequestRow, "zoneId" | "nodeId" | "requestId">;
type SqlValue = string | number | null;
type Stored = Omit<RequestRow, "paid" | "idempotent"> & { paid: number; idempotent: number };
/** What a transition may change. */
export type RequestChange = Partial<
  Pick<
    RequestRow,
    | "paid"
    | "idempotent"
    | "messageId"
    | "result"
    | "failure"
    | "expiresAt"
    | "updatedAt"
    | "runner"
  >
>;

const COLUMNS = `node_id AS nodeId, request_id AS requestId, zone_id AS zoneId, action, params,
  content_hash AS contentHash, state, paid, invoke_id AS invokeId, idempotent,
  message_id AS messageId, result, failure, created_at AS createdAt, updated_at AS updatedAt,
  expires_at AS expiresAt, runner, sig`;

/** Stands for a steward of which only is known that it may have run a request. */
const UNKNOWN_RUNNER = `atlas_${"0".repeat(64)}`;

/** What a row takes beside its texts, roughly. */
const ROW_BYTES = 512;
/** Of what one call forgets at most, so that it never holds up the loop. */
const PRUNED_ROWS_MAX = 500;
const PRUNED_BYTES_MAX = 8 * 1024 * 1024;

/** A request that may be forgotten. */
interface OldRequest {
  readonly id: number;
  readonly nodeId: string;
  readonly unpaid: number;
  readonly bytes: number;
}

/** Prepares the queries on requests. */
export function prepareRequestQueries({ raw, usage }: Pick<Store, "raw" | "usage">) {
  const find = raw.prepare<[string, string, string], Stored>(
    `SELECT ${COLUMNS} FROM requests WHERE zone_id = ? AND node_id = ? AND request_id = ?`,
  );
  const newest = raw.prepare<[string, string], Stored>(
    `SELECT ${COLUMNS} FROM requests WHERE node_id = ? AND request_id = ?
     ORDER BY created_at DESC, rowid DESC LIMIT 1`,
  );
  const insert = raw.prepare<[SqlValue[]]>(
    `INSERT INTO requests (zone_id, node_id, request_id, action, params, content_hash, invoke_id, created_at, sig,
       state, paid, idempotent, message_id, result, failure, updated_at, expires_at, runner)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const move = raw.prepare<[SqlValue[]]>(
    `UPDATE requests SET state = ?, paid = ?, idempotent = ?, message_id = ?, result = ?, failure = ?,
       updated_at = ?, expires_at = ?, runner = ?
     WHERE zone_id = ? AND node_id = ? AND request_id = ? AND state = ?`,
  );
  const byState = raw.prepare<[string], Stored>(
    `SELECT ${COLUMNS} FROM requests WHERE ${OPEN_REQUESTS} AND state = ? ORDER BY created_at`,
  );
  const byRun = raw.prepare<[string], Stored>(
    `SELECT ${COLUMNS} FROM requests WHERE invoke_id = ? AND runner IS NOT NULL`,
  );
  const doubt = raw.prepare<[string, string]>(
    `UPDATE requests SET runner = ? WHERE zone_id = ? AND runner IS NULL
       AND ${OPEN_REQUESTS} AND state IN ('quoted', 'paying', 'paid')`,
  );
  const old = raw.prepare<[number, number], OldRequest>(
    `SELECT rowid AS id, node_id AS nodeId, paid = 0 AND state <> 'paying' AS unpaid,
       ${ROW_BYTES} + octet_length(params) + coalesce(octet_length(result), 0)
         + coalesce(octet_length(failure), 0) AS bytes
     FROM requests WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`,
  );
  const remove = raw.prepare<[number]>("DELETE FROM requests WHERE rowid = ?");
  const removeOne = raw.prepare<[string, string, string]>(
    "DELETE FROM requests WHERE zone_id = ? AND node_id = ? AND request_id = ?",
  );
  const note = (write: Write, row: RequestRow, sign: 1 | -1): void => {
    if (isUnpaid(row)) usage.add(write, "request", row.nodeId, sign, sign * toBytes(row));
  };
  const renote = (write: Write, row: RequestRow, next: RequestRow): void => {
    if (isUnpaid(row) && isUnpaid(next)) {
      const grown = toAnswerBytes(next) - toAnswerBytes(row);
      usage.add(write, "request", row.nodeId, 0, grown);
      return;
    }
    note(write, row, -1);
    note(write, next, 1);
  };
  const unfinished = raw.prepare<[], { state: RequestState; count: number }>(
    `SELECT state, count(*) AS count FROM requests
     WHERE ${OPEN_REQUESTS} AND state IN ('paid', 'running', 'undelivered') GROUP BY state`,
  );
  return {
    findRequest: ({ zoneId, nodeId, requestId }: RequestName) =>
      toRow(find.get(zoneId, nodeId, requestId)),
    /** The newest of a node's requests of this id, whichever zone it is for. */
    findNewestRequest: (nodeId: string, requestId: string) => toRow(newest.get(nodeId, requestId)),
    /** The request of a run that another steward began. */
    findOthersRun: (invokeId: string) => toRow(byRun.get(invokeId)),
    insertRequest: (write: Write, row: RequestRow): void => {
      write.run(insert, toValues(row));
      note(write, row, 1);
    },
    /**
     * Moves a row from the state it was read in to another; compare-and-set.
     * @throws Error when the row has moved meanwhile
     */
    moveRequest: (
      write: Write,
      row: RequestRow,
      to: RequestState,
      change: RequestChange,
    ): RequestRow => {
      const next = { ...row, ...change, state: to };
      const { state, zoneId, nodeId, requestId } = row;
      const values = [...toChangeable(next), zoneId, nodeId, requestId, state];
      const { changes } = write.run(move, values);
      if (changes !== 1) {
        throw new Error(`Request ${row.requestId} is no longer ${row.state}.`);
      }
      renote(write, row, next);
      return next;
    },
    /** Removes a request, whatever it is in; its runs go with it. */
    removeRequest: (write: Write, name: RequestName): void => {
      const row = toRow(find.get(name.zoneId, name.nodeId, name.requestId));
      if (row === undefined) return;
      write.run(removeOne, name.zoneId, name.nodeId, name.requestId);
      note(write, row, -1);
    },
    /** Notes that a zone's requests which are paid, or may be, may have been run by a steward nobody knows. */
    doubtRequests: (write: Write, zoneId: string): void => {
      write.run(doubt, UNKNOWN_RUNNER, zoneId);
    },
    /** How many requests wait for a run, its end, or the operator. */
    countUnfinished: () => unfinished.all(),
    listRequests: (state: "paid" | "running") =>
      byState.all(state).map((row) => toRow(row) as RequestRow),
    /** The requests of a node, and of all, that nobody pays or paid for. */
    unpaidOf: (nodeId: string) => usage.of("request", nodeId),
    unpaidInAll: () => usage.total("request"),
    /** Forgets some requests whose answers need no longer be kept; tells whether more are left. */
    pruneRequests: (write: Write, now: number): boolean => {
      let bytes = 0;
      let removed = 0;
      const rows = old.all(now, PRUNED_ROWS_MAX);
      for (const row of rows) {
        if (bytes > PRUNED_BYTES_MAX) break;
        bytes += row.bytes;
        removed++;
        write.run(remove, row.id);
        if (row.unpaid === 1) usage.add(write, "request", row.nodeId, -1, -row.bytes);
      }
      return removed < rows.length || rows.length === PRUNED_ROWS_MAX;
    },
  };
}

export type RequestQueries = ReturnType<typeof prepareRequestQueries>;

function toRow(stored: Stored | undefined): RequestRow | undefined {
  return stored && { ...stored, paid: stored.paid === 1, idempotent: stored.idempotent === 1 };
}

/** Values by place: binding so many by name takes half as long again. */
function toValues(row: RequestRow): SqlValue[] {
  const { zoneId, nodeId, requestId, action, params, contentHash, invokeId, createdAt, sig } = row;
  const fixed = [zoneId, nodeId, requestId, action, params, contentHash, invokeId, createdAt, sig];
  return [...fixed, ...toChangeable(row)];
}

/** What a transition may change, and the state, in the order of both statements. */
function toChangeable(row: RequestRow): SqlValue[] {
  const { state, paid, idempotent, messageId, result, failure, updatedAt, expiresAt, runner } = row;
  return [
    state,
    paid ? 1 : 0,
    idempotent ? 1 : 0,
    messageId,
    result,
    failure,
    updatedAt,
    expiresAt,
    runner,
  ];
}

/** Tells whether nobody pays or paid for a request. */
function isUnpaid({ paid, state }: RequestRow): boolean {
  return !paid && state !== "paying";
}

function toBytes(row: RequestRow): number {
  return ROW_BYTES + Buffer.byteLength(row.params) + toAnswerBytes(row);
}

function toAnswerBytes({ result, failure }: RequestRow): number {
  return Buffer.byteLength(result ?? "") + Buffer.byteLength(failure ?? "");
}
