import { StewardError } from "../errors.ts";
import type { JsonValue } from "../protocol/json.ts";
import type { UnbuiltMessage } from "./unbuilt-message.ts";

/** A message as its signature covers it. */
export interface SealedFields {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly timestamp: number;
  readonly reply_to?: string | undefined;
  readonly topic?: string | undefined;
  readonly body: JsonValue;
  readonly public_key: string;
  readonly sig: string;
}

/** Tells whether a message is signed by whom it is from; `docs/protocol.md` §5. */
export type MessageVerifier = (message: SealedFields) => boolean;

/**
 * Checks a message's signature, where it has or needs one.
 * @returns whether it is signed
 * @throws StewardError 2001 SIGNATURE_REQUIRED, SIGNATURE_INVALID
 */
export function assertSignature(
  verify: MessageVerifier,
  message: UnbuiltMessage,
  isRequired: boolean,
): boolean {
  const { public_key, sig, body, ...fields } = message;
  if (public_key === undefined || sig === undefined) {
    if (!isRequired) return false;
    throw new StewardError(2001, {
      reason: "SIGNATURE_REQUIRED",
      message: "Through a replica this message needs your signature.",
    });
  }
  const signed = { ...fields, body: JSON.parse(body.value.canonical) as JsonValue };
  if (verify({ ...signed, public_key, sig })) return true;
  throw new StewardError(2001, {
    reason: "SIGNATURE_INVALID",
    message: "The message's signature is not its sender's.",
  });
}
