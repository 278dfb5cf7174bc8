import type { JsonValue } from "../wire/json.ts";
import { toPacked } from "../wire/json-to-packed.ts";
import { asValue, PackedBytes } from "../wire/messagepack-encode.ts";
import type { AtlasMessage } from "../wire/messages.ts";
import type { PackedValue } from "../wire/packed-value.ts";

/** Parts a message's fields from its body; no JSON text holds one that is not escaped. */
const SEPARATOR = "\n";

/** An AtlasMessage whose body is not built. */
export type PackedMessage = Omit<AtlasMessage, "body"> & { readonly body: PackedValue };

/**
 * Returns the text under which a direct message waits: its fields and its body, each as JSON.
 * @throws CanonicalTooLarge
 */
export function toStoredMessage({ body, ...fields }: PackedMessage): string {
  return JSON.stringify(fields) + SEPARATOR + body.canonical;
}

/** Returns a stored message, ready to be encoded. */
export function fromStoredMessage(text: string): AtlasMessage {
  const at = text.indexOf(SEPARATOR);
  // As earlier versions stored it: one object.
  if (at < 0) return JSON.parse(text) as AtlasMessage;
  return { ...(JSON.parse(text.slice(0, at)) as AtlasMessage), body: toBody(text.slice(at + 1)) };
}

/** Returns a message, ready to be encoded. */
export function toSentMessage(message: PackedMessage): AtlasMessage {
  return { ...message, body: asValue(message.body.packed) };
}

function toBody(json: string): JsonValue {
  return asValue(new PackedBytes(toPacked(json)));
}
