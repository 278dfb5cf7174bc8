import { findBytesOfHex } from "../../protocol/hex.ts";
import { toNodeId } from "../../protocol/node-id.ts";
import { type PrimaryHead, toPrimaryHeadContent } from "../../protocol/primary-head.ts";

/** Tells whether an Ed25519 signature is by a raw key over the content; `docs/protocol.md` §1. */
export type SignatureCheck = (
  publicKey: Uint8Array,
  content: Uint8Array,
  signature: Uint8Array,
) => boolean;

/** What is signed in a replicated zone, with its signer. */
interface Signed {
  /** Hex. */
  readonly public_key: string;
  /** Hex. */
  readonly signature: string;
}

/** Tells whether a signature is by the node and over the content; `docs/protocol.md` §1. */
export function isSignedBy(
  check: SignatureCheck,
  nodeId: string,
  content: Uint8Array,
  signed: Signed,
): boolean {
  const publicKey = findBytesOfHex(signed.public_key);
  const signature = findBytesOfHex(signed.signature);
  if (publicKey?.length !== 32 || signature === undefined) return false;
  return toNodeId(publicKey) === nodeId && check(publicKey, content, signature);
}

/** Tells whether a head is by the steward that it names; `docs/protocol.md` §9.4. */
export function isHeadSigned(check: SignatureCheck, head: PrimaryHead): boolean {
  return isSignedBy(check, head.steward, toPrimaryHeadContent(head), head);
}
