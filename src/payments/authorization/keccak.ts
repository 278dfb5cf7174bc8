import { createKeccak } from "hash-wasm";
import { type Hex, hexToBytes } from "viem";

const hasher = await createKeccak(256);

/**
 * Hashes as `keccak256` of viem does, in wasm: a batch's bytes are hashed twice to sign it, and
 * fifteen times as fast this way.
 */
export function keccak(data: Hex | Uint8Array): Hex {
  const bytes = typeof data === "string" ? hexToBytes(data) : data;
  return `0x${hasher.init().update(bytes).digest()}`;
}
