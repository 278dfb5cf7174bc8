/** Texts up to here are tried as ASCII first, which takes less than calling the runtime. */
const SHORT_TEXT_CHARS = 64;
/** Of texts from here on no more room is made than they need. */
const LONG_TEXT_CHARS = 16 * 1024;
/** What usually stands around one long text. */
const SPARE_BYTES = 4096;
const encoder = new TextEncoder();

/** Writes MessagePack into a buffer that grows; `docs/protocol.md` §2. */
export class ByteWriter {
  /** Bytes written. */
  at = 0;
  private out: Uint8Array<ArrayBuffer>;
  private view: DataView;

  constructor(bytes: number) {
    this.out = new Uint8Array(bytes);
    this.view = new DataView(this.out.buffer);
  }

  /** Returns what was written; it aliases the buffer. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.out.subarray(0, this.at);
  }

  /** Whether little of the buffer would be wasted by keeping what was written where it is. */
  get isFull(): boolean {
    return this.at > 0.9 * this.out.length;
  }

  /** Makes room, and returns the buffer as it is until the next call. */
  reserve(count: number): Uint8Array {
    if (this.at + count > this.out.length) {
      const out = new Uint8Array(Math.max(2 * this.out.length, this.at + count + SPARE_BYTES));
      out.set(this.toBytes());
      this.out = out;
      this.view = new DataView(out.buffer);
    }
    return this.out;
  }

  writeByte(byte: number): void {
    this.reserve(1)[this.at++] = byte;
  }

  writeBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Writes an integer in its shortest form, any other number as a double. */
  writeNumber(value: number): void {
    if (!Number.isSafeInteger(value)) return this.writeWide(0xcb, value);
    if (value >= 0) {
      if (value < 0x80) return this.writeByte(value);
      if (value < 0x100) return this.writeInteger(0xcc, value, 1);
      if (value < 0x10000) return this.writeInteger(0xcd, value, 2);
      return value < 2 ** 32 ? this.writeInteger(0xce, value, 4) : this.writeWide(0xcf, value);
    }
    if (value >= -0x20) return this.writeByte(value + 0x100);
    if (value >= -0x80) return this.writeInteger(0xd0, value, 1);
    if (value >= -0x8000) return this.writeInteger(0xd1, value, 2);
    return value >= -(2 ** 31) ? this.writeInteger(0xd2, value, 4) : this.writeWide(0xd3, value);
  }

  /** Writes an integer of up to 64 bits. Throws RangeError past them. */
  writeBigInt(value: bigint): void {
    if (value > -(2n ** 53n) && value <= 2n ** 53n - 1n) return this.writeNumber(Number(value));
    if (value >= 2n ** 64n || value < -(2n ** 63n)) throw new RangeError("Past 64 bits.");
    this.reserve(9)[this.at] = value < 0n ? 0xd3 : 0xcf;
    this.view.setBigUint64(this.at + 1, BigInt.asUintN(64, value));
    this.at += 9;
  }

  writeText(text: string): void {
    const { length } = text;
    if (length <= SHORT_TEXT_CHARS && this.writeAscii(text)) return;
    // In UTF-8 a text is at least as long as its UTF-16 and at most three times. Long ones mostly are as long.
    if (length < LONG_TEXT_CHARS || !this.writeWithin(text, length))
      this.writeWithin(text, 3 * length);
  }

  /** Writes a text of at most so many bytes; tells whether it was one. */
  private writeWithin(text: string, bytesMax: number): boolean {
    const { length } = text;
    const out = this.reserve(bytesMax + 5);
    const start = this.at;
    const guess = start + toTextHeadBytes(length);
    const { read, written } = encoder.encodeInto(text, out.subarray(guess, guess + bytesMax));
    if (read < length) return false;
    const body = start + toTextHeadBytes(written);
    if (body !== guess) out.copyWithin(body, guess, guess + written);
    this.writeHead("text", written);
    this.at += written;
    return true;
  }

  /** Writes what announces a text, an array, a map or bytes of a length. */
  writeHead(kind: "text" | "array" | "map" | "bytes", length: number): void {
    const [fix, fixMax, first] = HEADS[kind];
    if (length <= fixMax) return this.writeByte(fix + length);
    if (first.byte >= 0 && length < 0x100) return this.writeInteger(first.byte, length, 1);
    if (length < 0x10000) return this.writeInteger(first.word, length, 2);
    this.writeInteger(first.word + 1, length, 4);
  }

  /** Makes room for a longer head of what was written since `start`, whose head is one byte. */
  growHead(kind: "array" | "map", start: number, length: number): void {
    if (length <= HEADS[kind][1]) {
      this.out[start] = HEADS[kind][0] + length;
      return;
    }
    const more = length < 0x10000 ? 2 : 4;
    this.reserve(more).copyWithin(start + 1 + more, start + 1, this.at);
    const end = this.at + more;
    this.at = start;
    this.writeHead(kind, length);
    this.at = end;
  }

  private writeAscii(text: string): boolean {
    const { length } = text;
    const out = this.reserve(length + 2);
    const start = this.at;
    this.writeHead("text", length);
    let { at } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.at = start;
        return false;
      }
      out[at++] = code;
    }
    this.at = at;
    return true;
  }

  private writeInteger(head: number, value: number, bytes: 1 | 2 | 4): void {
    const out = this.reserve(bytes + 1);
    out[this.at] = head;
    if (bytes === 1) out[this.at + 1] = value;
    else if (bytes === 2) this.view.setUint16(this.at + 1, value);
    else this.view.setUint32(this.at + 1, value);
    this.at += bytes + 1;
  }

  /** Writes eight bytes: a double, or an integer beyond 32 bits. */
  private writeWide(head: number, value: number): void {
    this.reserve(9)[this.at] = head;
    if (head === 0xcb) {
      this.view.setFloat64(this.at + 1, value);
    } else {
      const high = Math.floor(value / 2 ** 32);
      this.view.setInt32(this.at + 1, high);
      this.view.setUint32(this.at + 5, value - high * 2 ** 32);
    }
    this.at += 9;
  }
}

function toTextHeadBytes(length: number): number {
  if (length <= 31) return 1;
  if (length < 0x100) return 2;
  return length < 0x10000 ? 3 : 5;
}

/** By kind: the head of a short one, what still is short, and the heads of longer ones. */
const HEADS = {
  text: [0xa0, 31, { byte: 0xd9, word: 0xda }],
  bytes: [0xc4, -1, { byte: 0xc4, word: 0xc5 }],
  array: [0x90, 15, { byte: -1, word: 0xdc }],
  map: [0x80, 15, { byte: -1, word: 0xde }],
} as const;
