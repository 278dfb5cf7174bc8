import { StewardError, toErrorMessage, toZoneError, withoutDetail } from "../errors.ts";
import { encodeEnvelope } from "../wire/envelope.ts";

/**
 * Encodes what stands in for a message that fits no envelope: `zone.error` `internal` where it was
 * an answer to a zone message, else Error 5001; `docs/protocol.md` §7.
 * @param fields of the message
 * @param withDetail whether the peer listed `error_detail`
 */
export function encodeFailure(
  fields: Readonly<Record<string, unknown>>,
  withDetail: boolean,
): Uint8Array {
  const body = findZoneFailure(fields.body, withDetail);
  if (body !== undefined) return encodeEnvelope("message", { ...fields, body });
  const refMsgId = typeof fields.reply_to === "string" ? fields.reply_to : undefined;
  return encodeEnvelope("error", {
    ...toErrorMessage(new StewardError(5001), { refMsgId, withDetail }),
  });
}

function findZoneFailure(body: unknown, withDetail: boolean): object | undefined {
  const { type, request_id } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof type !== "string" || !type.startsWith("zone.")) return undefined;
  const reason = type === "zone.response" ? { reason: "RESULT_TOO_LARGE" as const } : {};
  const requestId = typeof request_id === "string" ? request_id : undefined;
  const error = toZoneError(new StewardError("internal", reason), requestId);
  return withDetail ? error : withoutDetail(error);
}
