import {
  isExpected,
  isZoneErrorCode,
  StewardError,
  toErrorMessage,
  toZoneError,
  withoutDetail,
} from "../../errors.ts";

/** What answers a Message of a link: a body with `reply_to`, or an Error frame. */
export type Refusal =
  | { readonly type: "body"; readonly body: { readonly type: "zone.error" } & object }
  | { readonly type: "error"; readonly fields: Readonly<Record<string, unknown>> };

/**
 * Renders what a Message's handling threw: zone codes as zone.error with the error's details beside the
 * code, anything else as an Error that names the Message; `docs/protocol.md` §9.2 and §9.17.
 * @param withDetail whether the peer listed `error_detail`
 */
export function toRefusal(error: unknown, messageId: string, withDetail: boolean): Refusal {
  if (error instanceof StewardError && isZoneErrorCode(error.code)) {
    const body = { ...toZoneError(error), ...error.details };
    return { type: "body", body: withDetail ? body : withoutDetail(body) };
  }
  return {
    type: "error",
    fields: { ...toErrorMessage(error, { refMsgId: messageId, withDetail }) },
  };
}

/** Tells whether a refusal is one to look into. */
export function isFault(error: unknown): boolean {
  return !isExpected(error);
}
