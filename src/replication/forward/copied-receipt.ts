import { isErrorReason, isZoneErrorCode, StewardError, toZoneError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import type { SettlementReceipt, StewardBody } from "../../wire/zone-replies.ts";

const RETRY_MS = 1000;
const RETRY_UNDELIVERED_MS = 60_000;
const UNDER_WAY: readonly JsonValue[] = ["paying", "paid", "running", "undelivered"];

/** What a copied request record has to say to its sender. */
export interface CopiedReceipt {
  readonly body: StewardBody;
  readonly isFinal: boolean;
}

/**
 * Reads a receipt from a request's record, which another steward is in charge of; undefined where only that
 * one can answer; `docs/protocol.md` §9.10.
 */
export function toCopiedReceipt(
  { zoneId, requestId }: { readonly zoneId: string; readonly requestId: string },
  value: JsonObject,
): CopiedReceipt | undefined {
  const { state } = value;
  if (state === "answered") return toAnswer(zoneId, requestId, value);
  if (state === "failed" || state === "refunded") {
    return { body: toFailure(requestId, value), isFinal: true };
  }
  if (!UNDER_WAY.includes(state ?? null)) return undefined;
  const retry_after_ms = state === "undelivered" ? RETRY_UNDELIVERED_MS : RETRY_MS;
  const pending = { type: "zone.pending", request_id: requestId, state: String(state) } as const;
  return { body: { ...pending, retry_after_ms }, isFinal: false };
}

function toAnswer(
  zone_id: string,
  request_id: string,
  value: JsonObject,
): CopiedReceipt | undefined {
  const settlement = value.paid ? toSettlement(value) : undefined;
  // An escrow's state is its primary's to tell.
  if (value.paid && settlement === undefined) return undefined;
  const body: StewardBody = {
    ...{ type: "zone.response", request_id, zone_id, action: String(value.action) },
    result: JSON.parse(String(value.result ?? "null")) as JsonValue,
    ...(settlement !== undefined && { settlement }),
  };
  return { body, isFinal: true };
}

function toSettlement({ payments }: JsonObject): SettlementReceipt | undefined {
  const all = (payments ?? []) as readonly JsonObject[];
  const row = all.find(({ current, settled_at }) => current && settled_at != null);
  if (row === undefined || row.mode !== "direct" || row.tx_hash == null) return undefined;
  const text = (key: string) => String(row[key] ?? "0");
  return {
    ...{ tx_hash: text("tx_hash"), block_number: Number(row.block_number) },
    ...{ chain_id: Number(row.chain_id), token: text("token"), amount: text("amount") },
    ...{ protocol_fee: text("protocol_fee"), creator_fee: text("creator_fee") },
    ...{ recipient_amount: text("recipient_amount"), recipient: text("recipient") },
    settled_at: Number(row.settled_at),
  };
}

function toFailure(requestId: string, { failure }: JsonObject): StewardBody {
  const { code, reason, message } = JSON.parse(String(failure ?? "{}")) as JsonObject;
  const error = new StewardError(isZoneErrorCode(code) ? code : "internal", {
    ...(isErrorReason(reason) && { reason }),
    ...(typeof message === "string" && { message }),
  });
  return toZoneError(error, requestId);
}
