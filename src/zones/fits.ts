import { StewardError } from "../errors.ts";
import { CanonicalTooLarge } from "../wire/canonical-writer.ts";
import { CONTENT_BYTES_MAX } from "../wire/envelope.ts";
import type { PackedValue } from "../wire/packed-value.ts";

/**
 * Tells whether a value fits every message that may carry it on, and has a canonical JSON that is
 * kept; `docs/protocol.md` §5.
 */
export function fitsMessages(value: PackedValue): boolean {
  if (value.sentBytesMax > CONTENT_BYTES_MAX) return false;
  try {
    return value.canonical !== "";
  } catch (error) {
    if (error instanceof CanonicalTooLarge) return false;
    throw error;
  }
}

/**
 * Refuses a field of a zone message that could not be carried on.
 * @throws StewardError `invalid_params`
 */
export function assertFits(value: PackedValue, field: string): void {
  if (fitsMessages(value)) return;
  throw new StewardError("invalid_params", {
    message: `${field}: larger than one message carries`,
  });
}
