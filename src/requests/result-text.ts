import { toFailure } from "../outbound/failure.ts";
import type { JsonValue } from "../protocol/json.ts";
import { assertBodyValue } from "../wire/body.ts";
import { fitsEnvelope } from "../wire/envelope.ts";

/**
 * Returns a result as it is kept: one that its answer carries, receipt included;
 * `docs/protocol.md` §8.
 * @throws a definite failure, RESULT_INVALID or RESULT_TOO_LARGE
 */
export function toResultText(result: JsonValue): string {
  try {
    assertBodyValue({ result });
  } catch (cause) {
    throw toFailure({
      reason: "RESULT_INVALID",
      message: "The action's result is nothing a message can carry.",
      cause,
    });
  }
  const text = JSON.stringify(result ?? null);
  if (fitsEnvelope(result, text.length)) return text;
  throw toFailure({
    reason: "RESULT_TOO_LARGE",
    message: "The action's result is larger than one message carries.",
  });
}
