import type { ZoneRecord } from "../../protocol/commit.ts";
import type { JsonObject } from "../../protocol/json.ts";
import {
  BAN_COLUMNS,
  ESCROW_COLUMNS,
  ESCROW_OP_COLUMNS,
  INVITE_COLUMNS,
  MEMBER_COLUMNS,
  PAYMENT_COLUMNS,
  PROVIDER_COLUMNS,
  REFUND_COLUMNS,
  REQUEST_COLUMNS,
  RUN_COLUMNS,
} from "../../store/replication/record-columns.ts";
import type {
  PlainKind,
  preparePlainRows,
  prepareRequestRows,
  RequestRows,
  Row,
} from "../../store/replication/record-rows.ts";
import { toValue } from "./values.ts";

/** The columns of the kinds whose records are one row each. */
export const PLAIN_COLUMNS = {
  ban: BAN_COLUMNS,
  invite: INVITE_COLUMNS,
  member: MEMBER_COLUMNS,
  provider: PROVIDER_COLUMNS,
} as const;

/** What reading records needs. */
export interface ReadDeps {
  readonly plain: ReturnType<typeof preparePlainRows>;
  readonly requests: ReturnType<typeof prepareRequestRows>;
  /** This steward: it runs and refunds what no other one does. */
  readonly ownNodeId: string;
}

/** A record of the rows as they are now; its value null where they are gone; `docs/protocol.md` §9.4. */
export function readRecord(
  deps: ReadDeps,
  zoneId: string,
  kind: ZoneRecord["kind"],
  key: readonly [string, string?],
): ZoneRecord {
  if (kind === "request") {
    const [nodeId, requestId = ""] = key;
    const rows = deps.requests.findRequestRows(zoneId, nodeId, requestId);
    const value = rows === undefined ? null : toRequestValue(rows, deps.ownNodeId);
    return { kind, key: [nodeId, requestId], value };
  }
  const row = deps.plain.findPlain(kind, zoneId, key[0]);
  return { kind, key: [key[0]], value: row === undefined ? null : toPlainValue(kind, row) };
}

/** The value of a record that is one row. */
export function toPlainValue(kind: PlainKind, row: Row): JsonObject {
  return toValue(PLAIN_COLUMNS[kind], row);
}

/** Tells whether a request's record is about money; `docs/protocol.md` §9.1. */
export function isMoney({ kind, value }: ZoneRecord): boolean {
  if (kind !== "request" || value === null) return false;
  return value.paid === true || (Array.isArray(value.payments) && value.payments.length > 0);
}

function toRequestValue(rows: RequestRows, ownNodeId: string): JsonObject {
  const { request, runs, payments, escrow, ops, refund } = rows;
  const isRunning = request.state === "running" && request.runner === null;
  return {
    ...toValue(REQUEST_COLUMNS, request),
    ...(isRunning && { runner: ownNodeId }),
    ...(typeof request.sig === "string" && { sig: JSON.parse(request.sig) as JsonObject }),
    runs: runs.map((row) => toValue(RUN_COLUMNS, row)),
    payments: payments.map((row) => toPaymentValue(row)),
    ...(escrow !== undefined && { escrow: toValue(ESCROW_COLUMNS, escrow) }),
    ops: ops.map((row) => ({ ...toValue(ESCROW_OP_COLUMNS, row), state: "requested" })),
    ...(refund !== undefined && {
      refund: { ...toValue(REFUND_COLUMNS, refund), steward: refund.steward ?? ownNodeId },
    }),
  };
}

/** What this wallet sent is its own affair: to others the authorization is accepted, no more. */
function toPaymentValue(row: Row): JsonObject {
  const value = toValue(PAYMENT_COLUMNS, row);
  const isSent = row.state === "submitting" || row.state === "submitted";
  return isSent ? { ...value, state: "authorized" } : value;
}
