import type { JsonObject } from "../../protocol/json.ts";
import {
  type Columns,
  ESCROW_COLUMNS,
  ESCROW_OP_COLUMNS,
  PAYMENT_COLUMNS,
  REFUND_COLUMNS,
  REQUEST_COLUMNS,
  RUN_COLUMNS,
} from "../../store/replication/record-columns.ts";
import type { RequestRows, Row } from "../../store/replication/record-rows.ts";
import { parseValue, refuse } from "./values.ts";

const STATES: Readonly<Record<string, readonly string[]>> = {
  request: ["quoted", "paying", "paid", "running", "undelivered", "answered", "failed", "refunded"],
  payment: [
    "quoted",
    "authorized",
    "confirmed",
    "delivered",
    "expired",
    "rejected",
    "failed",
    "refunded",
  ],
  escrow: ["pending_deposit", "deposited", "released", "refunded", "disputed", "failed"],
  op: ["requested"],
  refund: ["requested", "submitted", "confirmed", "failed"],
};

/** What names a request. */
export interface RequestName {
  readonly zoneId: string;
  readonly nodeId: string;
  readonly requestId: string;
}

/**
 * The rows that a request's record describes; `docs/protocol.md` §9.4.
 * @throws StewardError `invalid_params` where a part does not fit its table, or is another request's
 */
export function parseRequestValue(name: RequestName, value: JsonObject): RequestRows {
  const request = parseValue(REQUEST_COLUMNS, value, "request");
  assertState("request", request.state);
  assertJson(request.params, "request.params");
  for (const column of ["result", "failure"]) {
    if (request[column] !== null) assertJson(request[column], `request.${column}`);
  }
  const list = (field: string, columns: Columns) => {
    const items = value[field] ?? [];
    if (!Array.isArray(items)) throw refuse(`request.${field}: expected a list`);
    return items.map((item, index) => parseValue(columns, item, `${field}[${index}]`));
  };
  const one = (field: string, columns: Columns) =>
    value[field] === undefined ? undefined : parseValue(columns, value[field], field);
  const rows = {
    request: { ...request, sig: parseSealed(value.sig) },
    runs: list("runs", RUN_COLUMNS),
    payments: list("payments", PAYMENT_COLUMNS),
    escrow: one("escrow", ESCROW_COLUMNS),
    ops: list("ops", ESCROW_OP_COLUMNS),
    refund: one("refund", REFUND_COLUMNS),
  };
  assertParts(name, rows);
  return rows;
}

function assertParts(name: RequestName, { payments, escrow, ops, refund }: RequestRows): void {
  for (const row of payments) {
    assertState("payment", row.state);
    assertOwn(name, row, "payments");
    for (const column of ["amount", "valid_after", "protocol_fee", "creator_fee"]) {
      assertAmount(row[column], column);
    }
    assertAmount(row.recipient_amount, "recipient_amount");
  }
  if (payments.filter(({ current }) => current === 1).length > 1) {
    throw refuse("payments: more than one is current");
  }
  const ids = payments.map(({ payment_id }) => payment_id);
  if (escrow !== undefined) {
    assertState("escrow", escrow.status);
    assertOwn(name, escrow, "escrow");
    if (!ids.includes(escrow.payment_id as string)) throw refuse("escrow: of no payment of it");
    for (const column of ["amount", "protocol_fee", "creator_fee", "recipient_amount"]) {
      assertAmount(escrow[column], column);
    }
  }
  for (const op of ops) {
    assertState("op", op.state);
    const isOfEscrow =
      op.escrow_id === escrow?.escrow_id &&
      op.contract === escrow?.contract &&
      op.chain_id === escrow?.chain_id;
    if (!isOfEscrow || !["release", "refund", "dispute"].includes(String(op.op))) {
      throw refuse("ops: of no escrow of it");
    }
  }
  if (refund === undefined) return;
  assertState("refund", refund.state);
  assertAmount(refund.amount, "refund.amount");
  if (refund.steward === null) throw refuse("refund.steward: missing");
  if (!ids.includes(refund.payment_id as string)) throw refuse("refund: of no payment of it");
}

function assertOwn({ zoneId, nodeId, requestId }: RequestName, row: Row, where: string): void {
  const isOwn = row.zone_id === zoneId && row.node_id === nodeId && row.request_id === requestId;
  if (!isOwn) throw refuse(`${where}: of another request`);
}

function assertState(kind: string, state: unknown): void {
  if (!STATES[kind]?.includes(String(state))) throw refuse(`${kind}: unknown state`);
}

/** Decimal, of at most a uint256's digits. */
function assertAmount(amount: unknown, where: string): void {
  if (amount === null || /^(0|[1-9]\d{0,77})$/.test(String(amount))) return;
  throw refuse(`${where}: expected a decimal integer`);
}

function assertJson(text: unknown, where: string): void {
  try {
    JSON.parse(String(text));
  } catch {
    throw refuse(`${where}: expected JSON`);
  }
}

function parseSealed(sig: unknown): string | null {
  if (sig === undefined) return null;
  const message = (sig as { message?: unknown } | null)?.message;
  if (typeof message === "object" && message !== null) return JSON.stringify(sig);
  throw refuse("request.sig: expected {message}");
}
