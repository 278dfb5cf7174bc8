const TWO_32 = 2 ** 32;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** Bytes of a text for which room is made at one time. */
const TEXT_SLICE_BYTES = 4096;
const LITERALS = new Map([
  [0xc0, "null"],
  [0xc2, "false"],
  [0xc3, "true"],
]);
/** By byte, what follows the backslash; 0 where there is no short escape. */
const SHORT_ESCAPES = new Uint8Array(BACKSLASH + 1);
for (const [byte, letter] of [
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
] as const) {
  SHORT_ESCAPES[byte] = letter;
}
const HEX = "0123456789abcdef";

/** A scanned MessagePack value, and the order of keys that its scan found. */
export interface ScannedValue {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly orders: ReadonlyMap<number, readonly number[]>;
}

/** Half as much again as the largest envelope; escapes make text up to six times as long. */
const CANONICAL_BYTES_MAX = 6 * 1_048_576;

/** The canonical JSON would be longer than 6 MiB. */
export class CanonicalTooLarge extends Error {}

/**
 * Returns the canonical JSON (RFC 8785) of a scanned value, without building the value.
 * @throws CanonicalTooLarge
 */
export function toPackedCanonical(value: ScannedValue): string {
  return new CanonicalWriter(value).run();
}

class CanonicalWriter {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly orders: ReadonlyMap<number, readonly number[]>;
  private offset: number;
  private out: Uint8Array;
  private at = 0;

  constructor({ bytes, offset, orders }: ScannedValue) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.orders = orders;
    this.offset = offset;
    this.out = new Uint8Array(bytes.length - offset + 64);
  }

  run(): string {
    this.writeValue();
    if (this.at > CANONICAL_BYTES_MAX) throw new CanonicalTooLarge();
    return utf8.decode(this.out.subarray(0, this.at));
  }

  private reserve(count: number): void {
    if (this.at + count <= this.out.length) return;
    if (this.at > CANONICAL_BYTES_MAX) throw new CanonicalTooLarge();
    const out = new Uint8Array(2 * this.out.length + count);
    out.set(this.out.subarray(0, this.at));
    this.out = out;
  }

  private writeAscii(text: string): void {
    this.reserve(text.length);
    for (let i = 0; i < text.length; i++) this.out[this.at++] = text.charCodeAt(i);
  }

  private writeByte(byte: number): void {
    this.reserve(1);
    this.out[this.at++] = byte;
  }

  private writeValue(): void {
    const head = this.bytes[this.offset++] as number;
    if (head <= 0x7f) this.writeSmall(head);
    else if (head <= 0x8f) this.writeMap(head & 0x0f);
    else if (head <= 0x9f) this.writeArray(head & 0x0f);
    else if (head <= 0xbf) this.writeText(head & 0x1f);
    else if (head >= 0xe0) this.writeAscii(String(head - 0x100));
    else if (head <= 0xc3) this.writeAscii(LITERALS.get(head) as string);
    else if (head <= 0xd3) this.writeAscii(String(this.readNumber(head)));
    else if (head <= 0xdb) this.writeText(this.readLength(head - 0xd9));
    else if (head <= 0xdd) this.writeArray(this.readLength(head - 0xdc + 1));
    else this.writeMap(this.readLength(head - 0xde + 1));
  }

  private writeSmall(value: number): void {
    if (value > 9) return this.writeAscii(String(value));
    this.writeByte(0x30 + value);
  }

  private readNumber(head: number): number {
    const at = this.offset;
    const { view } = this;
    this.offset += head === 0xca ? 4 : head === 0xcb ? 8 : 1 << ((head - 0xcc) & 3);
    switch (head) {
      case 0xca:
        return view.getFloat32(at);
      case 0xcb:
        return view.getFloat64(at);
      case 0xcc:
        return view.getUint8(at);
      case 0xcd:
        return view.getUint16(at);
      case 0xce:
        return view.getUint32(at);
      case 0xcf:
        return view.getUint32(at) * TWO_32 + view.getUint32(at + 4);
      case 0xd0:
        return view.getInt8(at);
      case 0xd1:
        return view.getInt16(at);
      case 0xd2:
        return view.getInt32(at);
      default:
        return view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
    }
  }

  private readLength(power: number): number {
    const at = this.offset;
    this.offset += 1 << power;
    if (power === 0) return this.view.getUint8(at);
    return power === 1 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  private writeArray(count: number): void {
    this.writeByte(0x5b);
    for (let i = 0; i < count; i++) {
      if (i > 0) this.writeByte(COMMA);
      this.writeValue();
    }
    this.writeByte(0x5d);
  }

  private writeMap(count: number): void {
    const order = this.orders.get(this.offset);
    let end = this.offset;
    this.writeByte(0x7b);
    for (let i = 0; i < count; i++) {
      if (order !== undefined) this.offset = order[i] as number;
      if (i > 0) this.writeByte(COMMA);
      this.writeValue();
      this.writeByte(0x3a);
      this.writeValue();
      if (this.offset > end) end = this.offset;
    }
    this.offset = end;
    this.writeByte(0x7d);
  }

  private writeText(length: number): void {
    const end = this.offset + length;
    this.writeByte(QUOTE);
    while (this.offset < end) this.writeEscaped(Math.min(end, this.offset + TEXT_SLICE_BYTES));
    this.writeByte(QUOTE);
  }

  /** Writes a text's bytes up to an offset, a byte's escape where it has one. */
  private writeEscaped(end: number): void {
    this.reserve(6 * (end - this.offset));
    const { bytes, out } = this;
    let { at } = this;
    for (let offset = this.offset; offset < end; offset++) {
      const byte = bytes[offset] as number;
      if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
        out[at++] = byte;
        continue;
      }
      out[at++] = BACKSLASH;
      const short = SHORT_ESCAPES[byte] ?? 0;
      if (short !== 0) {
        out[at++] = short;
        continue;
      }
      out[at++] = 0x75;
      out[at++] = 0x30;
      out[at++] = 0x30;
      out[at++] = 0x30 + (byte >> 4);
      out[at++] = HEX.charCodeAt(byte & 0x0f);
    }
    this.at = at;
    this.offset = end;
  }
}
