import { sha256 } from "viem";
import { toHex } from "./hex.ts";

/** SHA-256 of bytes. */
export function toSha256(bytes: Uint8Array): Uint8Array {
  return sha256(bytes, "bytes");
}

/** Derives `atlas_` + hex sha256 of a raw public key; `docs/protocol.md` §1. */
export function toNodeId(publicKey: Uint8Array): string {
  return `atlas_${toHex(toSha256(publicKey))}`;
}
