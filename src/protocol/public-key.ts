import { findBytesOfHex, toHex } from "./hex.ts";

/** Length of a raw Ed25519 public key. */
export const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Encodings of the points of small order, sign bit cleared (RFC 8032 curve, as libsodium lists). */
const SMALL_ORDER_POINTS = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);
const SMALL_ORDER_STARTS = new Set(
  [...SMALL_ORDER_POINTS].map((hex) => Number.parseInt(hex.slice(0, 2), 16)),
);

/** L, the order of the base point, little-endian. */
const ORDER = findBytesOfHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
/** The lowest byte of p = 2^255 - 19; the others are all ones. */
const P_LOWEST = 0xed;

/**
 * Tells whether 32 bytes may stand for a key or for a signature's R: y below p, and not of small
 * order, where one signature could verify for any message. That it is a point is not checked;
 * `docs/protocol.md` §1.
 */
export function isUsablePoint(encoding: Uint8Array): boolean {
  if (encoding.length !== PUBLIC_KEY_BYTES) return false;
  return !isPastField(encoding) && !isSmallOrder(encoding);
}

/**
 * Tells whether bytes have the form of a signature that may verify: R usable, S below L. Engines
 * differ on both; `docs/protocol.md` §1.
 */
export function isUsableSignature(signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  return isUsablePoint(signature.subarray(0, 32)) && isBelowOrder(signature.subarray(32));
}

function isPastField(encoding: Uint8Array): boolean {
  if (((encoding[31] ?? 0) & 0x7f) !== 0x7f || (encoding[0] ?? 0) < P_LOWEST) return false;
  return encoding.subarray(1, 31).every((byte) => byte === 0xff);
}

function isSmallOrder(encoding: Uint8Array): boolean {
  if (!SMALL_ORDER_STARTS.has(encoding[0] ?? 0)) return false;
  const copy = Uint8Array.from(encoding);
  copy[31] = (copy[31] ?? 0) & 0x7f;
  return SMALL_ORDER_POINTS.has(toHex(copy));
}

function isBelowOrder(scalar: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = (scalar[i] ?? 0) - (ORDER?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
