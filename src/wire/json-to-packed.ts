import { ByteWriter } from "./byte-writer.ts";
import { assertWellFormed, BODY_LIMITS, refuse, StructureCount } from "./structure-limits.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const CLOSE_ARRAY = 0x5d;
const CLOSE_MAP = 0x7d;
const SPACE = 0x20;
const BUFFER_BYTES_MAX = 1 << 22;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON text may not hold as it is
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const BLANKS = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LONG_INTEGER = /^-?[0-9]{16,}$/;

/**
 * Returns the MessagePack of an agent's JSON text, without building its value. As strict as MessagePack
 * is read, but for what a scan of the bytes finds: `docs/protocol.md` §5.
 * @throws StewardError 2003 where it is no JSON, more than a body may be, or loses an integer
 */
export function parseToPacked(text: string): Uint8Array {
  return pack(text, new StructureCount(BODY_LIMITS));
}

/**
 * Returns the MessagePack of canonical JSON that this steward wrote. Floats from 2^64 on, which a body
 * may hold, stand in it as integers.
 * @throws StewardError 2003 where it is no JSON
 */
export function toPacked(text: string): Uint8Array {
  return pack(text, undefined);
}

function pack(text: string, structure: StructureCount | undefined): Uint8Array {
  const writer = new ByteWriter(Math.min(text.length, BUFFER_BYTES_MAX) + 64);
  new JsonReader(text, writer, structure).run();
  return writer.toBytes();
}

class JsonReader {
  private readonly text: string;
  private readonly writer: ByteWriter;
  /** What an agent's text is held to; undefined for what was held to it already. */
  private readonly structure: StructureCount | undefined;
  private offset = 0;
  private depth = 0;

  constructor(text: string, writer: ByteWriter, structure: StructureCount | undefined) {
    this.text = text;
    this.writer = writer;
    this.structure = structure;
  }

  run(): void {
    this.structure?.addValues(1);
    this.skipBlanks();
    this.readValue();
    this.skipBlanks();
    if (this.offset < this.text.length) throw noJson();
  }

  private readValue(): void {
    const { writer } = this;
    switch (this.text.charCodeAt(this.offset)) {
      case QUOTE:
        return writer.writeText(this.readText());
      case 0x5b:
        return this.readContainer("array", CLOSE_ARRAY);
      case 0x7b:
        return this.readContainer("map", CLOSE_MAP);
      case 0x6e:
        return this.readWord("null", 0xc0);
      case 0x74:
        return this.readWord("true", 0xc3);
      case 0x66:
        return this.readWord("false", 0xc2);
      default:
        return this.readNumber();
    }
  }

  private readWord(word: string, byte: number): void {
    if (!this.text.startsWith(word, this.offset)) throw noJson();
    this.offset += word.length;
    this.writer.writeByte(byte);
  }

  private readNumber(): void {
    const { text } = this;
    const digit = text.charCodeAt(this.offset) - 0x30;
    const next = text.charCodeAt(this.offset + 1);
    // Most are one digit: , ] } follows.
    if (
      digit >= 0 &&
      digit <= 9 &&
      (next === COMMA || next === CLOSE_ARRAY || next === CLOSE_MAP)
    ) {
      this.offset++;
      return this.writer.writeByte(digit);
    }
    NUMBER.lastIndex = this.offset;
    if (!NUMBER.test(text)) throw noJson();
    const token = text.slice(this.offset, NUMBER.lastIndex);
    const value = Number(token);
    if (this.structure && LONG_INTEGER.test(token) && !Number.isSafeInteger(value)) {
      throw refuse("The body holds an integer beyond 2^53-1.");
    }
    this.writer.writeNumber(value);
    this.offset = NUMBER.lastIndex;
  }

  /** The number of members stands before them, and is known only after them. */
  private readContainer(kind: "array" | "map", close: number): void {
    const { text, writer } = this;
    this.structure?.assertDepth(++this.depth);
    const start = writer.at;
    writer.writeByte(0);
    let count = 0;
    this.offset++;
    this.skipBlanks();
    while (text.charCodeAt(this.offset) !== close) {
      if (count > 0) this.skip(COMMA);
      if (kind === "map") {
        if (text.charCodeAt(this.offset) !== QUOTE) throw noJson();
        writer.writeText(this.readText());
        this.skipBlanks();
        this.skip(COLON);
      }
      this.readValue();
      this.skipBlanks();
      this.countMember(kind, ++count);
    }
    this.offset++;
    this.depth--;
    writer.growHead(kind, start, count);
  }

  /** Ends what no body may hold before the rest of it is read. */
  private countMember(kind: "array" | "map", count: number): void {
    const { structure } = this;
    if (structure === undefined) return;
    structure.addValues(1);
    if (kind === "array") structure.assertItems(count);
    else structure.assertKeys(count);
  }

  /** Passes a mark and the blanks after it. */
  private skip(mark: number): void {
    if (this.text.charCodeAt(this.offset) !== mark) throw noJson();
    this.offset++;
    this.skipBlanks();
  }

  private skipBlanks(): void {
    if (!(this.text.charCodeAt(this.offset) <= SPACE)) return;
    BLANKS.lastIndex = this.offset;
    BLANKS.test(this.text);
    this.offset = BLANKS.lastIndex;
  }

  private readText(): string {
    const { text } = this;
    const start = this.offset;
    PLAIN_TEXT.lastIndex = start + 1;
    PLAIN_TEXT.test(text);
    const end = PLAIN_TEXT.lastIndex;
    if (text.charCodeAt(end) === QUOTE) {
      this.offset = end + 1;
      return text.slice(start + 1, end);
    }
    this.offset = this.findEnd(end) + 1;
    return toUnescaped(text.slice(start, this.offset));
  }

  private findEnd(start: number): number {
    const { text } = this;
    for (let offset = start; offset < text.length; offset++) {
      const code = text.charCodeAt(offset);
      if (code === QUOTE) return offset;
      if (code === BACKSLASH) offset++;
    }
    throw noJson();
  }
}

/** Returns what a JSON string with escapes stands for. */
function toUnescaped(token: string): string {
  let text: string;
  try {
    text = JSON.parse(token) as string;
  } catch {
    throw noJson();
  }
  assertWellFormed(text);
  return text;
}

function noJson(): Error {
  return refuse("The body is text but not JSON.");
}
