import type { StewardError } from "../../errors.ts";
import { assertBodyValue } from "../../wire/body.ts";
import { fitsEnvelope } from "../../wire/envelope.ts";
import { PackedValue } from "../../wire/packed-value.ts";
import { type ActionResult, CarriedJson, toFailure } from "../actions/handler.ts";
import { fitsMessages } from "../fits.ts";

/**
 * Returns a result as it is kept: one that its answer carries, receipt included;
 * `docs/protocol.md` §8.
 * @throws a definite failure, RESULT_INVALID or RESULT_TOO_LARGE
 */
export function toResultText(result: ActionResult): string {
  if (result instanceof CarriedJson) return result.text;
  if (result instanceof PackedValue) {
    if (fitsMessages(result)) return result.canonical;
    throw toOversize();
  }
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
  throw toOversize();
}

function toOversize(): StewardError {
  return toFailure({
    reason: "RESULT_TOO_LARGE",
    message: "The action's result is larger than one message carries.",
  });
}
