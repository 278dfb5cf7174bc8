import type { WireErrorCode } from "../error-catalogue.ts";
import { type ErrorMessageFields, StewardError } from "../errors.ts";
import { toSchemaMessage } from "../protocol/schema-fields.ts";
import type { DecodedEnvelope } from "../wire/envelope.ts";
import { MESSAGE_SCHEMAS, type MessageFields } from "../wire/messages.ts";
import { safeParse } from "../wire/safe-parse.ts";

/** `docs/protocol.md` §2 and §3. */
const CLOSING_CODES: ReadonlySet<WireErrorCode> = new Set([1001, 1002, 1003, 1004, 2002]);

/** Tells whether the steward closes after an ErrorMessage with this code. */
export function closesAfter(code: WireErrorCode): boolean {
  return CLOSING_CODES.has(code);
}

/** Tells whether a Hello's capabilities, checked or not, list `error_detail`. */
export function listsErrorDetail(capabilities: unknown): boolean {
  return Array.isArray(capabilities) && capabilities.includes("error_detail");
}

/** What the transport's own close says. */
export function toEndReason({ code, reason, message }: ErrorMessageFields): string {
  return `${code} ${reason ?? ""}${reason ? ": " : ""}${message}`;
}

/** Tells whether a refusal is a wire ban's. */
export function isBan(error: unknown): error is StewardError {
  return error instanceof StewardError && error.reason === "BANNED";
}

/** Tells whether a frame could not be understood; what its sender may not do, it could. */
export function isMalformed({ code, reason }: StewardError): boolean {
  return code === 2003 && reason !== "NOT_ALLOWED";
}

/**
 * Parses the fields of a message after the handshake.
 * @throws StewardError 2003
 */
export function parseOpenFields<T extends "message_ack" | "ping" | "pong" | "error">(
  type: T,
  envelope: DecodedEnvelope,
): MessageFields<T> {
  const parsed = safeParse(MESSAGE_SCHEMAS[type], envelope.fields);
  if (!parsed.success) throw new StewardError(2003, { message: toSchemaMessage(parsed.error) });
  return parsed.data as MessageFields<T>;
}
