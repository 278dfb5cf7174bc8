import { recover } from "tiny-secp256k1";
import { type Hex, hexToBytes, keccak256 } from "viem";

/** Tells whether a key's signature (`r ‖ s ‖ v`, low s, v 27 or 28) over a digest is by this address. */
export async function isSignedByKey(digest: Hex, signature: Hex, address: Hex): Promise<boolean> {
  const bytes = hexToBytes(signature);
  const v = bytes[64];
  if (v !== 27 && v !== 28) return false;
  try {
    const point = recover(hexToBytes(digest), bytes.subarray(0, 64), v === 28 ? 1 : 0, false);
    return (
      point !== null && `0x${keccak256(point.subarray(1)).slice(26)}` === address.toLowerCase()
    );
  } catch {
    // It throws where r or s is out of range.
    return false;
  }
}
