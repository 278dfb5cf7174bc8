import { assertBodyValue } from "../../wire/body.ts";
import type { JsonValue } from "../../wire/json.ts";
import { toUnknownOutcome } from "../actions/handler.ts";

/** A result stays under one envelope in its MessagePack form, whatever it holds. */
const RESULT_CHARS_MAX = 1_500_000;

/**
 * Returns a result as it is kept.
 * @throws an unknown outcome: the action has run, and a result that cannot be delivered is lost, not
 *   undone
 */
export function toResultText(result: JsonValue): string {
  const refuse = (message: string, cause?: unknown) =>
    toUnknownOutcome({ reason: "HANDLER_FAILED", message, cause });
  try {
    assertBodyValue({ result });
  } catch (cause) {
    throw refuse("The action's result is nothing a message can carry.", cause);
  }
  const text = JSON.stringify(result ?? null);
  if (text.length > RESULT_CHARS_MAX) throw refuse("The action's result is too large.");
  return text;
}
