const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Remembers short texts that come again and again (keys, node ids), so that neither their text is built anew nor its hash:
 * one text in each of its places, the newest that came to it. What it returns is what the bytes say, whatever came before.
 */
export class KnownTexts {
  private readonly places: (string | undefined)[];
  private readonly mask: number;
  private readonly bytesMax: number;

  /**
   * @param places a power of two
   * @param bytesMax longer texts are not remembered
   */
  constructor(places: number, bytesMax: number) {
    this.places = Array.from({ length: places });
    this.mask = places - 1;
    this.bytesMax = bytesMax;
  }

  /** Reads a text of ASCII; undefined where it is longer than what is remembered, is not ASCII, or has a NUL. */
  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (end - start > this.bytesMax) return undefined;
    let hash = end - start;
    for (let offset = start; offset < end; offset++) {
      const byte = bytes[offset] as number;
      if (byte > 0x7f || byte === 0) return undefined;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const place = (hash ^ (hash >>> 16)) & this.mask;
    const known = this.places[place];
    if (known !== undefined && isSame(known, bytes, start, end)) return known;
    const text = utf8.decode(bytes.subarray(start, end));
    this.places[place] = text;
    return text;
  }
}

/** Of ASCII, a character is a byte. */
function isSame(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}

/** Keys of maps, whoever sent them. */
export const KEYS = new KnownTexts(512, 32);
