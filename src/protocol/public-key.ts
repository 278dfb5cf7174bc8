/** Length of a raw Ed25519 public key. */
export const PUBLIC_KEY_BYTES = 32;

/** Encodings of the points of small order, sign bit cleared (RFC 8032 curve, as libsodium lists). */
const SMALL_ORDER_KEYS = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** Tells whether one signature could verify under this key for any message; `docs/protocol.md` §1. */
export function isSmallOrderKey(publicKey: Uint8Array): boolean {
  const copy = Uint8Array.from(publicKey);
  copy[31] = (copy[31] ?? 0) & 0x7f;
  return SMALL_ORDER_KEYS.has(toHex(copy));
}

const HEX_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Returns lower-case hex without a prefix. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX_BYTE[byte];
  return text;
}

/** Parses lower- or upper-case hex without a prefix; undefined where it is none. */
export function findBytesOfHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}
