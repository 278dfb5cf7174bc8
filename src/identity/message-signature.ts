import { toNodeId } from "../protocol/node-id.ts";
import { type SignedMessageFields, toMessageContent } from "../protocol/signed-content.ts";
import type { SignatureVerifier } from "./verify.ts";

const HEX = /^[0-9a-f]+$/;

/** A message with its sender's signature; both in lower-case hex. */
export interface SignedMessage extends SignedMessageFields {
  readonly public_key: string;
  readonly sig: string;
}

/** Tells whether a message is signed by the node that it is from; `docs/protocol.md` §5. */
export function isSignedBySender(verifier: SignatureVerifier, message: SignedMessage): boolean {
  const publicKey = toBytes(message.public_key, 32);
  const signature = toBytes(message.sig, 64);
  if (publicKey === undefined || signature === undefined) return false;
  if (toNodeId(publicKey) !== message.from) return false;
  return verifier.verify(publicKey, toMessageContent(message), signature);
}

function toBytes(hex: string, length: number): Uint8Array | undefined {
  if (hex.length !== 2 * length || !HEX.test(hex)) return undefined;
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
