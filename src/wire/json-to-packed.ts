import { ByteWriter } from "./byte-writer.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const PLAIN_TEXT = /[^"\\]*/y;
const NUMBER = /[^,\]}]*/y;

/**
 * Returns the MessagePack of a value as the store keeps it, without building the value.
 * @param text JSON that this steward wrote, without blanks
 */
export function toPacked(text: string): Uint8Array {
  const writer = new ByteWriter(Math.min(text.length, 1 << 22) + 64);
  new JsonReader(text, writer).readValue();
  return writer.toBytes();
}

class JsonReader {
  private readonly text: string;
  private readonly writer: ByteWriter;
  private offset = 0;

  constructor(text: string, writer: ByteWriter) {
    this.text = text;
    this.writer = writer;
  }

  readValue(): void {
    const { writer } = this;
    switch (this.text.charCodeAt(this.offset)) {
      case QUOTE:
        return writer.writeText(this.readText());
      case 0x5b:
        return this.readContainer("array");
      case 0x7b:
        return this.readContainer("map");
      case 0x6e:
        this.offset += 4;
        return writer.writeByte(0xc0);
      case 0x74:
        this.offset += 4;
        return writer.writeByte(0xc3);
      case 0x66:
        this.offset += 5;
        return writer.writeByte(0xc2);
      default:
        return this.readNumber();
    }
  }

  private readNumber(): void {
    const { text } = this;
    const digit = text.charCodeAt(this.offset) - 0x30;
    const next = text.charCodeAt(this.offset + 1);
    // Most are one digit: , ] } or the end follows.
    if (digit >= 0 && (next === 0x2c || next === 0x5d || next === 0x7d)) {
      this.offset++;
      return this.writer.writeByte(digit);
    }
    NUMBER.lastIndex = this.offset;
    NUMBER.test(text);
    const end = NUMBER.lastIndex;
    this.writer.writeNumber(Number(text.slice(this.offset, end)));
    this.offset = end;
  }

  /** The number of members stands before them, and is known only after them. */
  private readContainer(kind: "array" | "map"): void {
    const { text, writer } = this;
    const start = writer.at;
    const close = kind === "array" ? 0x5d : 0x7d;
    writer.writeByte(0);
    let count = 0;
    this.offset++;
    while (text.charCodeAt(this.offset) !== close) {
      if (count > 0) this.offset++;
      if (kind === "map") {
        writer.writeText(this.readText());
        this.offset++;
      }
      this.readValue();
      count++;
    }
    this.offset++;
    writer.growHead(kind, start, count);
  }

  private readText(): string {
    const { text } = this;
    const start = this.offset;
    PLAIN_TEXT.lastIndex = start + 1;
    PLAIN_TEXT.test(text);
    let end = PLAIN_TEXT.lastIndex;
    const isPlain = text.charCodeAt(end) === QUOTE;
    if (!isPlain) end = this.findEnd(end);
    this.offset = end + 1;
    return isPlain ? text.slice(start + 1, end) : JSON.parse(text.slice(start, end + 1));
  }

  private findEnd(start: number): number {
    const { text } = this;
    for (let offset = start; offset < text.length; offset++) {
      const code = text.charCodeAt(offset);
      if (code === QUOTE) return offset;
      if (code === BACKSLASH) offset++;
    }
    throw new Error("What is stored is not JSON.");
  }
}
