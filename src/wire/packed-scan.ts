import { compareKeys, findKeyOrder, type PackedKeys } from "./key-order.ts";
import { KEYS } from "./known-texts.ts";
import {
  assertBodyNumber,
  assertBodyText,
  refuse,
  type StructureCount,
} from "./structure-limits.ts";

const TWO_32 = 2 ** 32;
/** Longer texts are checked by what the runtime brings, which takes less than looking at each byte. */
const LONG_TEXT_BYTES = 256;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const PROTO = new TextEncoder().encode("__proto__");

/** One key of a map and where its value stands. */
export interface PackedMember {
  readonly key: string;
  readonly valueOffset: number;
  readonly end: number;
}

/** What a scan found beside that everything is as it must be. */
export interface PackedIndex {
  readonly start: number;
  /** Of the outermost map; undefined where it is none. */
  readonly members: readonly PackedMember[] | undefined;
  /** By the offset of its first key: the offsets of the keys of each map out of canonical order. */
  readonly orders: ReadonlyMap<number, readonly number[]>;
  /** Where the value ends. */
  readonly end: number;
  /** Bytes by which it may be longer in the form this steward writes: floats of four bytes. */
  readonly growth: number;
  /** A float in it is whole, and JSON's number an integer. */
  readonly hasWholeFloat: boolean;
}

/**
 * Reads one MessagePack value as a body is read, with every check, and builds nothing of it:
 * `docs/protocol.md` §2 and §5.
 * @throws StewardError 2003
 */
export function scanPacked(
  bytes: Uint8Array,
  start: number,
  structure: StructureCount,
): PackedIndex {
  return new PackedScan(bytes, start, structure).run();
}

const EXACT_KEYS_MAX = 16;

class PackedScan {
  private readonly bytes: Uint8Array;
  private readonly start: number;
  private readonly structure: StructureCount;
  private readonly takesAnyText: boolean;
  private readonly orders = new Map<number, readonly number[]>();
  private offset: number;
  private made: DataView | undefined;
  private members: PackedMember[] | undefined;
  private growth = 0;
  private hasWholeFloat = false;

  constructor(bytes: Uint8Array, start: number, structure: StructureCount) {
    this.bytes = bytes;
    this.start = start;
    this.offset = start;
    this.structure = structure;
    this.takesAnyText = structure.limits.takesAnyText ?? false;
  }

  run(): PackedIndex {
    this.structure.addValues(1);
    this.scanValue(0);
    const { start, members, orders, offset: end, growth, hasWholeFloat } = this;
    return { start, members, orders, end, growth, hasWholeFloat };
  }

  /** Made when it is first needed. */
  private get view(): DataView {
    const { buffer, byteOffset, byteLength } = this.bytes;
    this.made ??= new DataView(buffer, byteOffset, byteLength);
    return this.made;
  }

  private take(count: number): number {
    const start = this.offset;
    if (start + count > this.bytes.length) throw refuse("The payload ends early.");
    this.offset = start + count;
    return start;
  }

  /** @param depth containers around the value */
  private scanValue(depth: number): void {
    const head = this.bytes[this.take(1)] as number;
    if (head <= 0x7f || head >= 0xe0) return;
    if (head <= 0x8f) return this.scanMap(head & 0x0f, depth + 1);
    if (head <= 0x9f) return this.scanArray(head & 0x0f, depth + 1);
    if (head <= 0xbf) return this.scanText(head & 0x1f);
    this.scanSized(head, depth + 1);
  }

  private scanSized(head: number, depth: number): void {
    if (head === 0xc0 || head === 0xc2 || head === 0xc3) return;
    if (head === 0xc1) throw refuse("The payload is not valid MessagePack.");
    if (head <= 0xc6) throw refuse("The body holds binary data.");
    if (head <= 0xc9) throw refuse("The body holds an extension type.");
    if (head <= 0xd3) return this.scanNumber(head);
    if (head <= 0xd8) throw refuse("The body holds an extension type.");
    if (head <= 0xdb) return this.scanText(this.readLength(head - 0xd9));
    if (head <= 0xdd) return this.scanArray(this.readLength(head - 0xdc + 1), depth);
    this.scanMap(this.readLength(head - 0xde + 1), depth);
  }

  private scanNumber(head: number): void {
    switch (head) {
      case 0xca:
        this.growth += 4;
        return this.checkFloat(this.view.getFloat32(this.take(4)));
      case 0xcb:
        return this.checkFloat(this.view.getFloat64(this.take(8)));
      case 0xcf:
      case 0xd3: {
        const at = this.take(8);
        const high = head === 0xcf ? this.view.getUint32(at) : this.view.getInt32(at);
        if (Number.isSafeInteger(high * TWO_32 + this.view.getUint32(at + 4))) return;
        throw refuse("The body holds an integer beyond 2^53-1.");
      }
      default:
        this.take(1 << ((head - 0xcc) & 3));
    }
  }

  private checkFloat(value: number): void {
    assertBodyNumber(value);
    if (Number.isSafeInteger(value)) this.hasWholeFloat = true;
  }

  private readLength(power: number): number {
    const at = this.take(1 << power);
    if (power === 0) return this.bytes[at] as number;
    return power === 1 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  private scanArray(count: number, depth: number): void {
    this.structure.enterArray(count, depth);
    for (let i = 0; i < count; i++) this.scanValue(depth);
  }

  private scanMap(count: number, depth: number): void {
    this.structure.enterMap(count, depth);
    const first = this.offset;
    const isOutermost = depth === 1;
    // As long as what comes, where that is little: what a map says of itself may be far from true.
    const size = Math.min(count, EXACT_KEYS_MAX);
    const starts = new Array<number>(size);
    const ends = new Array<number>(size);
    const offsets = new Array<number>(size);
    const members = new Array<PackedMember>(isOutermost ? size : 0);
    const keys = { bytes: this.bytes, starts, ends };
    let inOrder = true;
    for (let i = 0; i < count; i++) {
      offsets[i] = this.offset;
      const length = this.scanKey();
      const valueOffset = this.offset;
      starts[i] = valueOffset - length;
      ends[i] = valueOffset;
      if (inOrder && i > 0) inOrder = compareKeys(keys, i - 1, i) < 0;
      this.scanValue(depth);
      if (!isOutermost) continue;
      const keyStart = valueOffset - length;
      const key =
        KEYS.read(this.bytes, keyStart, valueOffset) ??
        utf8.decode(this.bytes.subarray(keyStart, valueOffset));
      members[i] = { key, valueOffset, end: this.offset };
    }
    if (!inOrder) this.orders.set(first, toOrder(keys, offsets));
    if (isOutermost) this.members = members;
  }

  /** Returns how long the key's text is, which ends where the scan stands then. */
  private scanKey(): number {
    const head = this.bytes[this.take(1)] as number;
    let length: number;
    if (head >= 0xa0 && head <= 0xbf) length = head & 0x1f;
    else if (head >= 0xd9 && head <= 0xdb) length = this.readLength(head - 0xd9);
    else throw refuse("A map key is not a string.");
    this.scanText(length);
    if (
      length === PROTO.length &&
      PROTO.every((byte, i) => byte === this.bytes[this.offset - length + i])
    ) {
      throw refuse("A map holds the key __proto__.");
    }
    return length;
  }

  /** Checks a text's UTF-8 and characters. */
  private scanText(length: number): void {
    const { bytes } = this;
    let offset = this.take(length);
    const end = offset + length;
    if (this.takesAnyText || length > LONG_TEXT_BYTES) {
      const text = decodeUtf8(bytes.subarray(offset, end));
      if (!this.takesAnyText) assertBodyText(text);
      return;
    }
    while (offset < end) {
      const byte = bytes[offset] as number;
      if (byte > 0x7f) return this.scanWide(offset, end);
      if (byte === 0) throw refuseText();
      offset++;
    }
  }

  private scanWide(start: number, end: number): void {
    const { bytes } = this;
    let offset = start;
    while (offset < end) {
      const byte = bytes[offset] as number;
      if (byte <= 0x7f) {
        if (byte === 0) throw refuseText();
        offset++;
        continue;
      }
      const more = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      if (byte < 0xc2 || byte > 0xf4 || offset + more >= end) throw refuseUtf8();
      const second = bytes[offset + 1] as number;
      if (second < toSecondMin(byte) || second > toSecondMax(byte)) throw refuseUtf8();
      if (more > 1 && ((bytes[offset + 2] as number) & 0xc0) !== 0x80) throw refuseUtf8();
      if (more > 2 && ((bytes[offset + 3] as number) & 0xc0) !== 0x80) throw refuseUtf8();
      if (byte === 0xe2 && isBidi(second, bytes[offset + 2] as number)) throw refuseText();
      offset += more + 1;
    }
  }
}

/** Neither overlong forms nor surrogates nor what is past U+10FFFF. */
function toSecondMin(byte: number): number {
  if (byte === 0xe0) return 0xa0;
  return byte === 0xf0 ? 0x90 : 0x80;
}

function toSecondMax(byte: number): number {
  if (byte === 0xed) return 0x9f;
  return byte === 0xf4 ? 0x8f : 0xbf;
}

/** U+202A to U+202E, U+2066 to U+2069. */
function isBidi(second: number, third: number): boolean {
  if (second === 0x80) return third >= 0xaa && third <= 0xae;
  return second === 0x81 && third >= 0xa6 && third <= 0xa9;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuseUtf8();
  }
}

function refuseUtf8() {
  return refuse("A string is not valid UTF-8.");
}

function refuseText() {
  return refuse("A string of the body holds NUL or a bidirectional control character.");
}

/** Returns the keys' offsets in canonical order. Throws 2003 where a key stands twice. */
function toOrder(keys: PackedKeys, offsets: readonly number[]): readonly number[] {
  const order = findKeyOrder(keys);
  if (order === undefined) throw refuse("A map holds the same key twice.");
  return Array.from(order, (index) => offsets[index] as number);
}
