import { toCanonicalBytes } from "./json.ts";

/** What a node-key signature is for; each signature covers its tag; `docs/protocol.md` §1. */
export type SignatureTag =
  | "atlas-bound-verify-v1"
  | "atlas-responder-v1"
  | "atlas-zone-manifest-v1"
  | "atlas-message-v1"
  | "atlas-quote-v1"
  | "atlas-head-v1"
  | "atlas-head-v2"
  | "atlas-snapshot-v1"
  | "atlas-vote-v1";

const encoder = new TextEncoder();

/** Joins byte strings. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Returns `tag ‖ 0x00 ‖ content`, the bytes a node key signs; `docs/protocol.md` §1. */
export function toSignedContent(tag: SignatureTag, ...content: readonly Uint8Array[]): Uint8Array {
  return concatBytes([encoder.encode(tag), Uint8Array.of(0), ...content]);
}

/** Returns the signed bytes for a value that is signed as canonical JSON. */
export function toSignedJson(tag: SignatureTag, value: unknown): Uint8Array {
  return toSignedContent(tag, toCanonicalBytes(value));
}

/** Content of the bound Verify; both hashes are sha256 of payload bytes; `docs/protocol.md` §3. */
export function toBoundVerifyContent(helloHash: Uint8Array, helloAckHash: Uint8Array): Uint8Array {
  return toSignedContent("atlas-bound-verify-v1", helloHash, helloAckHash);
}

/** Content of the responder proof; `docs/protocol.md` §3. */
export function toResponderContent(
  helloHash: Uint8Array,
  challenge: Uint8Array,
  nodeId: string,
): Uint8Array {
  return toSignedContent("atlas-responder-v1", helloHash, challenge, encoder.encode(nodeId));
}

/** The fields of an AtlasMessage that its `sig` covers; `docs/protocol.md` §5. */
export interface SignedMessageFields {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly timestamp: number;
  readonly reply_to?: string | undefined;
  readonly topic?: string | undefined;
  readonly body: unknown;
}

/** Content of an AtlasMessage's `sig`; absent members are left out; `docs/protocol.md` §5. */
export function toMessageContent(message: SignedMessageFields): Uint8Array {
  const { id, from, to, timestamp, reply_to, topic, body } = message;
  return toSignedJson("atlas-message-v1", { id, from, to, timestamp, reply_to, topic, body });
}
