import { keccakHex } from "./keccak.ts";

/** Encodes static ABI values, each as one 32-byte word: integers and 0x-hex of at most 32 bytes, left-padded. */
export function encodeWords(values: readonly (bigint | string)[]): Uint8Array {
  const words = values.map((value) =>
    (typeof value === "bigint" ? value.toString(16) : value.slice(2))
      .toLowerCase()
      .padStart(64, "0"),
  );
  return Buffer.from(words.join(""), "hex");
}

/** keccak256(abi.encode(values)). */
export function hashWords(values: readonly (bigint | string)[]): string {
  return keccakHex(encodeWords(values));
}
