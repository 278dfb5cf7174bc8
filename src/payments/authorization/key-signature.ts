import { createRequire } from "node:module";
import { recover } from "tiny-secp256k1";
import { type Hex, hexToBytes } from "viem";
import { keccak } from "./keccak.ts";

/** Recovers the 64 bytes of the public key, or throws; `compact` is `r ‖ s`. */
type Recover = (digest: Uint8Array, compact: Uint8Array, recovery: 0 | 1) => Uint8Array;

/** What can recover here: native code is five times as fast, and not built for every platform. */
export const RECOVERERS: { readonly native?: Recover | undefined; readonly wasm: Recover } = {
  native: loadNative(),
  wasm: recoverInWasm,
};
/** Which of them is used. */
export const SIGNATURE_CODE = RECOVERERS.native ? "native" : "wasm";
const recoverKey = RECOVERERS.native ?? RECOVERERS.wasm;

/** Tells whether a key's signature (`r ‖ s ‖ v`, low s, v 27 or 28) over a digest is by this address. */
export function isSignedByKey(digest: Hex, signature: Hex, address: Hex): boolean {
  const bytes = hexToBytes(signature);
  const v = bytes[64];
  if (v !== 27 && v !== 28) return false;
  try {
    const key = recoverKey(hexToBytes(digest), bytes.subarray(0, 64), v === 28 ? 1 : 0);
    return `0x${keccak(key).slice(26)}` === address.toLowerCase();
  } catch {
    // It throws where r or s is out of range, or where no key has such a signature.
    return false;
  }
}

function loadNative(): Recover | undefined {
  try {
    // Its main module would silently take an implementation that is slower than the wasm one.
    const native = createRequire(import.meta.url)("secp256k1/bindings") as {
      ecdsaRecover(sig: Uint8Array, id: number, msg: Uint8Array, compressed: boolean): Uint8Array;
    };
    return (digest, compact, recovery) =>
      native.ecdsaRecover(compact, recovery, digest, false).subarray(1);
  } catch {
    return undefined;
  }
}

function recoverInWasm(digest: Uint8Array, compact: Uint8Array, recovery: 0 | 1): Uint8Array {
  const point = recover(digest, compact, recovery, false);
  if (!point) throw new Error("no key has this signature");
  return point.subarray(1);
}
