import type { JsonValue } from "../protocol/json.ts";
import { toPackedCanonical } from "./canonical-writer.ts";
import { toWireType } from "./issue-text.ts";
import { parseToPacked, toPacked } from "./json-to-packed.ts";
import { type Cursor, decodeValue, readCount, readKey, toCursor } from "./messagepack-decode.ts";
import { encodeMessagePack, PackedBytes } from "./messagepack-encode.ts";
import { type PackedIndex, type PackedMember, scanPacked } from "./packed-scan.ts";
import { skipValue } from "./packed-skip.ts";
import { type VisitText, visitTexts } from "./packed-texts.ts";
import { BODY_LIMITS, StructureCount, type StructureLimits } from "./structure-limits.ts";

/**
 * A value of a body that was read with every check but not built: its canonical JSON and its
 * MessagePack are all that most of its way needs, and take a fraction of the time.
 */
export class PackedValue {
  private readonly bytes: Uint8Array;
  private readonly index: PackedIndex;
  private readonly start: number;
  private readonly end: number;
  private text: string | undefined;

  private constructor(bytes: Uint8Array, index: PackedIndex, start: number, end: number) {
    this.bytes = bytes;
    this.index = index;
    this.start = start;
    this.end = end;
  }

  /**
   * Reads a body's value where it stands.
   * @throws StewardError 2003
   */
  static scan(bytes: Uint8Array, start: number, structure: StructureCount): PackedValue {
    const index = scanPacked(bytes, start, structure);
    return new PackedValue(bytes, index, start, index.end);
  }

  /**
   * Packs a value.
   * @throws StewardError 2003 where no body may hold it
   */
  static from(value: unknown): PackedValue {
    return PackedValue.scan(encodeMessagePack(value), 0, new StructureCount(BODY_LIMITS));
  }

  /**
   * Packs JSON text.
   * @throws StewardError 2003 where it is none, or no body may hold what it says
   */
  static fromJson(text: string): PackedValue {
    return PackedValue.scan(parseToPacked(text), 0, new StructureCount(BODY_LIMITS));
  }

  /**
   * Checks a value that was read inside another one against limits of its own.
   * @throws StewardError 2003
   */
  assertWithin(limits: StructureLimits): void {
    scanPacked(this.bytes, this.start, new StructureCount(limits));
  }

  /** Where the value ends in the bytes it was read from. */
  get endOffset(): number {
    return this.end;
  }

  /** MessagePack bytes, as they came. */
  get byteLength(): number {
    return this.end - this.start;
  }

  get isMap(): boolean {
    return (this.head & 0xf0) === 0x80 || this.head === 0xde || this.head === 0xdf;
  }

  get isText(): boolean {
    return (this.head & 0xe0) === 0xa0 || (this.head >= 0xd9 && this.head <= 0xdb);
  }

  get isArray(): boolean {
    return (this.head & 0xf0) === 0x90 || this.head === 0xdc || this.head === 0xdd;
  }

  /** Absent and nil mean the same; `docs/protocol.md` §2. */
  get isNil(): boolean {
    return this.head === 0xc0;
  }

  /** Bytes of the form this steward writes, at most. */
  get sentBytesMax(): number {
    return this.byteLength + this.index.growth;
  }

  /**
   * The value as it goes into what is sent on: as it came, but for whole floats, which are integers.
   * @throws CanonicalTooLarge
   */
  get packed(): PackedBytes {
    if (this.index.hasWholeFloat) return new PackedBytes(toPacked(this.canonical));
    return new PackedBytes(this.bytes.subarray(this.start, this.end));
  }

  /**
   * The canonical JSON (RFC 8785), written when it is first asked for.
   * @throws CanonicalTooLarge
   */
  get canonical(): string {
    const { bytes, start, index } = this;
    const value = { bytes, offset: start, orders: index.orders };
    this.text ??= toPackedCanonical(value);
    return this.text;
  }

  /** What the wire calls it; `docs/protocol.md` §2. */
  get wireType(): string {
    if (this.isMap) return "map";
    if (this.isArray) return "array";
    return this.isText ? "string" : toWireType(this.decode());
  }

  /** Builds the value. */
  decode(): JsonValue {
    return decodeValue(this.bytes, this.start) as JsonValue;
  }

  /** Shows every text of the value where it stands, keys included; nothing is built. */
  visitTexts(visit: VisitText): void {
    visitTexts(this.bytes, this.start, visit);
  }

  /** The items of an array, one after the other; none of anything else. */
  *items(): Generator<PackedValue> {
    if (!this.isArray) return;
    const cursor = toCursor(this.bytes, this.start);
    for (let left = readCount(cursor); left > 0; left--) yield this.cut(cursor);
  }

  /** The values of a map under the given keys; what stands beside them is passed over. */
  pick(keys: readonly string[]): Map<string, PackedValue> {
    const found = new Map<string, PackedValue>();
    if (!this.isMap) return found;
    const cursor = toCursor(this.bytes, this.start);
    for (let left = readCount(cursor); left > 0; left--) {
      const key = readKey(cursor, false);
      const value = this.cut(cursor);
      if (keys.includes(key)) found.set(key, value);
    }
    return found;
  }

  /** Items of an array or keys of a map; 0 of anything else. */
  get count(): number {
    return readCount(toCursor(this.bytes, this.start));
  }

  private cut(cursor: Cursor): PackedValue {
    const start = cursor.offset;
    skipValue(cursor);
    return new PackedValue(this.bytes, this.index, start, cursor.offset);
  }

  private get head(): number {
    return this.bytes[this.start] as number;
  }

  /** Finds the value under a key of the map that was scanned; undefined of any other value. */
  member(key: string): PackedValue | undefined {
    const found = this.members.find((member) => member.key === key);
    return found && new PackedValue(this.bytes, this.index, found.valueOffset, found.end);
  }

  /** The keys of the map that was scanned; none of any other value. */
  get keys(): readonly string[] {
    return this.members.map(({ key }) => key);
  }

  private get members(): readonly PackedMember[] {
    const { members, start } = this.index;
    return this.start === start ? (members ?? []) : [];
  }
}
