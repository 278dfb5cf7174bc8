import type { ZoneErrorCode } from "../error-catalogue.ts";
import {
  StewardError,
  type StewardErrorOptions,
  toZoneError,
  type ZoneErrorBody,
} from "../errors.ts";
import type { PaymentRecords } from "../payments/port.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { RequestRow } from "../store/zones/requests.ts";
import { toPacked } from "../wire/json-to-packed.ts";
import { asValue, PackedBytes } from "../wire/messagepack-encode.ts";
import type { StewardBody, ZonePending } from "../wire/zone-replies.ts";
import { toProgress } from "./progress.ts";

const RETRY_PENDING_MS = 1000;
const RETRY_UNDELIVERED_MS = 60_000;

/** How a failure is kept with its request. */
interface StoredFailure {
  readonly code: ZoneErrorCode;
  readonly reason?: NonNullable<StewardErrorOptions["reason"]>;
  readonly message: string;
}

/** Returns a request's final answer; undefined while there is none; `docs/protocol.md` §8. */
export function findFinalAnswer(
  records: PaymentRecords | undefined,
  row: RequestRow,
): StewardBody | undefined {
  if (row.state === "answered") {
    const settlement = row.paid ? records?.findReceipt(row) : undefined;
    const escrow = row.paid ? records?.findEscrow(row) : undefined;
    return {
      type: "zone.response",
      request_id: row.requestId,
      zone_id: row.zoneId,
      action: row.action,
      result: asValue(new PackedBytes(toPacked(row.result ?? "null"))),
      ...(settlement !== undefined && { settlement }),
      ...(escrow !== undefined && { escrow }),
    };
  }
  if (row.state === "failed" || row.state === "refunded") return toFailureAnswer(row);
  return undefined;
}

/** Returns the zone.error of a request's last definite failure. */
export function toFailureAnswer(row: RequestRow): ZoneErrorBody {
  return toZoneError(toFailure(row), row.requestId);
}

/** Returns the JSON under which a failure is kept with its request. */
export function toStoredFailure(error: unknown): string {
  const { code, reason, message } = toZoneError(error);
  const stored: StoredFailure = { code, reason: reason ?? "HANDLER_FAILED", message };
  return JSON.stringify(stored);
}

/** Returns what a request that is under way is answered with. */
export function toPending(records: PaymentRecords | undefined, row: RequestRow): ZonePending {
  const pending = row.state === "paying" ? records?.findPending(row) : undefined;
  const failure = row.state === "undelivered" ? toFailure(row) : undefined;
  return {
    type: "zone.pending",
    request_id: row.requestId,
    state: pending?.state ?? row.state,
    ...(pending?.txHash !== undefined && { tx_hash: pending.txHash }),
    ...(failure?.reason !== undefined && { reason: failure.reason, message: failure.message }),
    retry_after_ms: row.state === "undelivered" ? RETRY_UNDELIVERED_MS : RETRY_PENDING_MS,
  };
}

/** Tells whether a paid request has no result, and only the operator can go on with it. */
export function isWaitingForOperator(row: RequestRow): boolean {
  return row.paid && toProgress(row) === "at_rest";
}

/** Shows an operator how far a paid request is, and why not further. */
export function toRequestView(row: RequestRow): JsonObject {
  const failure = row.failure === null ? null : (JSON.parse(row.failure) as JsonObject);
  return { state: row.state, failure, updated_at: row.updatedAt };
}

function toFailure(row: RequestRow): StewardError {
  const stored = JSON.parse(row.failure ?? "{}") as Partial<StoredFailure>;
  return new StewardError(stored.code ?? "internal", {
    ...(stored.reason !== undefined && { reason: stored.reason }),
    ...(stored.message !== undefined && { message: stored.message }),
  });
}
