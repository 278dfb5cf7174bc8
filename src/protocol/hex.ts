const DIGITS = new TextEncoder().encode("0123456789abcdef");
const decoder = new TextDecoder();

/** Writes a byte's two lower-case digits into ASCII text. */
export function writeHex(text: Uint8Array, at: number, byte: number): void {
  text[at] = DIGITS[byte >> 4] as number;
  text[at + 1] = DIGITS[byte & 0x0f] as number;
}

/** Makes a text of ASCII. Put together piece by piece, V8 would keep it as a tree of its pieces. */
export function toAsciiText(text: Uint8Array): string {
  return decoder.decode(text);
}

/** Lower-case hex without a prefix. */
export function toHex(bytes: Uint8Array): string {
  const text = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) writeHex(text, 2 * i, bytes[i] as number);
  return toAsciiText(text);
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
