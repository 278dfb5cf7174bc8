import { KEYS, KnownTexts } from "./known-texts.ts";
import {
  assertBodyNumber,
  assertBodyText,
  BODY_LIMITS,
  FIELDS_LIMITS,
  LINK_LIMITS,
  refuse,
  StructureCount,
  type StructureLimits,
} from "./structure-limits.ts";

const TWO_32 = 2 ** 32;
const UNSAFE_INTEGER = "The body holds an integer beyond 2^53-1.";
/**
 * Longer strings go to TextDecoder. Put together piece by piece, V8 would keep them as a tree of
 * their pieces, of up to forty times their size.
 */
const ASCII_LOOP_BYTES_MAX = 12;

/** As long as a node id. */
const ADDRESSES = new KnownTexts(1024, 70);

/** Stands for an extension value outside the body; it fits no schema. */
const EXTENSION = Symbol("MessagePack extension");

export interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  offset: number;
  /** Of what is being read: the payload or, inside it, the body. */
  structure: StructureCount;
}

class PayloadCursor implements Cursor {
  readonly bytes: Uint8Array;
  offset: number;
  structure: StructureCount;
  private made: DataView | undefined;

  constructor(bytes: Uint8Array, offset: number, structure: StructureCount) {
    this.bytes = bytes;
    this.offset = offset;
    this.structure = structure;
  }

  /** Made when it is first needed: most of what is read are short texts. */
  get view(): DataView {
    const { buffer, byteOffset, byteLength } = this.bytes;
    this.made ??= new DataView(buffer, byteOffset, byteLength);
    return this.made;
  }
}

export function toCursor(bytes: Uint8Array, offset = 0, limits = FIELDS_LIMITS): Cursor {
  return new PayloadCursor(bytes, offset, new StructureCount(limits));
}

/** How a payload's body is read. */
export interface DecodeOptions {
  /** A member's where they are left out. */
  readonly limits?: StructureLimits;
  /** Reads the body in place of being decoded, where it is no JSON text. Throws 2003. */
  readonly scanBody?: (
    bytes: Uint8Array,
    offset: number,
    structure: StructureCount,
  ) => { readonly endOffset: number };
}

/**
 * Builds one value of bytes that were read with every check before, by limits of their own: the widest
 * of them hold here.
 */
export function decodeValue(bytes: Uint8Array, offset: number): unknown {
  return readValue(toCursor(bytes, offset, LINK_LIMITS), 0, false);
}

/**
 * Decodes a MessagePack payload to its field map. Refuses what must not pass in silence: truncated
 * or trailing bytes, structure over its limits, map keys that are no strings, stand twice or are
 * `__proto__`, broken UTF-8 and, inside the top-level `body`, what no body may hold. Outside it
 * integers beyond ±(2^53-1) become bigints. Byte strings alias the payload; `docs/protocol.md` §2
 * and §5.
 * @throws StewardError 2003
 */
export function decodePayload(
  payload: Uint8Array,
  options: DecodeOptions = {},
): Record<string, unknown> {
  const cursor = toCursor(payload);
  const count = readTopCount(cursor);
  if (count === undefined) throw refuse("The payload is not a map.");
  const fields = readFields(cursor, count, options);
  if (cursor.offset !== payload.length) throw refuse("The payload has bytes after its map.");
  return fields;
}

export function take(cursor: Cursor, count: number): number {
  const start = cursor.offset;
  if (start + count > cursor.bytes.length) throw refuse("The payload ends early.");
  cursor.offset = start + count;
  return start;
}

export function readTopCount(cursor: Cursor): number | undefined {
  const head = cursor.bytes[cursor.offset] ?? 0;
  const isMap = (head & 0xf0) === 0x80 || head === 0xde || head === 0xdf;
  return isMap ? readCount(cursor) : undefined;
}

/** Reads the head of an array or a map; 0 where it is one of anything else. */
export function readCount(cursor: Cursor): number {
  const head = cursor.bytes[take(cursor, 1)] as number;
  if ((head & 0xe0) === 0x80) return head & 0x0f;
  return head >= 0xdc && head <= 0xdf ? readLength(cursor, 1 + (head & 1)) : 0;
}

function readFields(
  cursor: Cursor,
  count: number,
  options: DecodeOptions,
): Record<string, unknown> {
  const outer = cursor.structure;
  outer.addValues(1);
  outer.enterMap(count, 1);
  const fields: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const key = readKey(cursor, false);
    if (Object.hasOwn(fields, key)) throw refuse("A map holds the same key twice.");
    if (key === "body") fields.body = readBody(cursor, options);
    else if (key === "from" || key === "to") fields[key] = readAddress(cursor);
    else fields[key] = readValue(cursor, 1, false);
  }
  return fields;
}

function readAddress(cursor: Cursor): unknown {
  const { bytes, offset } = cursor;
  const length = findTextLength(cursor, bytes[take(cursor, 1)] as number);
  if (length !== undefined) return readText(cursor, length, false, ADDRESSES);
  cursor.offset = offset;
  return readValue(cursor, 1, false);
}

function readBody(cursor: Cursor, { limits = BODY_LIMITS, scanBody }: DecodeOptions): unknown {
  const outer = cursor.structure;
  const structure = new StructureCount(limits);
  if (scanBody !== undefined && !isTextHead(cursor.bytes[cursor.offset])) {
    const read = scanBody(cursor.bytes, cursor.offset, structure);
    cursor.offset = read.endOffset;
    return read;
  }
  cursor.structure = structure;
  structure.addValues(1);
  const body = readValue(cursor, 0, true);
  cursor.structure = outer;
  return body;
}

function isTextHead(head = 0): boolean {
  return (head >= 0xa0 && head <= 0xbf) || (head >= 0xd9 && head <= 0xdb);
}

/** The length of a string; undefined where the head is none of a string. */
export function findTextLength(cursor: Cursor, head: number): number | undefined {
  if (head >= 0xa0 && head <= 0xbf) return head & 0x1f;
  return head >= 0xd9 && head <= 0xdb ? readLength(cursor, head - 0xd9) : undefined;
}

/** @param depth containers around the value */
function readValue(cursor: Cursor, depth: number, strict: boolean): unknown {
  const head = cursor.bytes[take(cursor, 1)] as number;
  if (head <= 0x7f) return head;
  if (head <= 0x8f) return readMap(cursor, head & 0x0f, depth, strict);
  if (head <= 0x9f) return readArray(cursor, head & 0x0f, depth, strict);
  if (head <= 0xbf) return readText(cursor, head & 0x1f, strict);
  if (head >= 0xe0) return head - 0x100;
  if (head >= 0xca && head <= 0xd3) return readNumber(cursor, head, strict);
  return readSized(cursor, head, depth, strict);
}

function readSized(cursor: Cursor, head: number, depth: number, strict: boolean): unknown {
  switch (head) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4: // bin 8, 16, 32
    case 0xc5:
    case 0xc6:
      return readBinary(cursor, readLength(cursor, head - 0xc4), strict);
    case 0xc7: // ext 8, 16, 32
    case 0xc8:
    case 0xc9:
      return readExtension(cursor, readLength(cursor, head - 0xc7), strict);
    case 0xd9: // str 8, 16, 32
    case 0xda:
    case 0xdb:
      return readText(cursor, readLength(cursor, head - 0xd9), strict);
    case 0xdc: // array 16, 32
    case 0xdd:
      return readArray(cursor, readLength(cursor, head - 0xdc + 1), depth, strict);
    case 0xde: // map 16, 32
    case 0xdf:
      return readMap(cursor, readLength(cursor, head - 0xde + 1), depth, strict);
    case 0xc1:
      throw refuse("The payload is not valid MessagePack.");
    default: // fixext 1, 2, 4, 8, 16
      return readExtension(cursor, 1 << (head - 0xd4), strict);
  }
}

function readNumber(cursor: Cursor, head: number, strict: boolean): number | bigint {
  const { view } = cursor;
  switch (head) {
    case 0xca:
      return toFloat(view.getFloat32(take(cursor, 4)), strict);
    case 0xcb:
      return toFloat(view.getFloat64(take(cursor, 8)), strict);
    case 0xcc:
      return view.getUint8(take(cursor, 1));
    case 0xcd:
      return view.getUint16(take(cursor, 2));
    case 0xce:
      return view.getUint32(take(cursor, 4));
    case 0xcf: {
      const start = take(cursor, 8);
      const value = view.getUint32(start) * TWO_32 + view.getUint32(start + 4);
      if (Number.isSafeInteger(value)) return value;
      if (strict) throw refuse(UNSAFE_INTEGER);
      return view.getBigUint64(start);
    }
    case 0xd0:
      return view.getInt8(take(cursor, 1));
    case 0xd1:
      return view.getInt16(take(cursor, 2));
    case 0xd2:
      return view.getInt32(take(cursor, 4));
    default: {
      const start = take(cursor, 8);
      // Rounding cannot hide an unsafe one: 2^53 is exact and everything past it stays past it.
      const value = view.getInt32(start) * TWO_32 + view.getUint32(start + 4);
      if (Number.isSafeInteger(value)) return value;
      if (strict) throw refuse(UNSAFE_INTEGER);
      return view.getBigInt64(start);
    }
  }
}

function toFloat(value: number, strict: boolean): number {
  if (strict) assertBodyNumber(value);
  return value;
}

/** Reads a big-endian length of 1, 2 or 4 bytes (`power` 0, 1, 2). */
export function readLength(cursor: Cursor, power: number): number {
  const start = take(cursor, 1 << power);
  if (power === 0) return cursor.bytes[start] as number;
  return power === 1 ? cursor.view.getUint16(start) : cursor.view.getUint32(start);
}

function readBinary(cursor: Cursor, length: number, strict: boolean): Uint8Array {
  if (strict) throw refuse("The body holds binary data.");
  const start = take(cursor, length);
  return cursor.bytes.subarray(start, start + length);
}

function readExtension(cursor: Cursor, length: number, strict: boolean): symbol {
  if (strict) throw refuse("The body holds an extension type.");
  take(cursor, length + 1);
  return EXTENSION;
}

function readArray(cursor: Cursor, count: number, depth: number, strict: boolean): unknown[] {
  cursor.structure.enterArray(count, depth + 1);
  const items: unknown[] = [];
  for (let i = 0; i < count; i++) items.push(readValue(cursor, depth + 1, strict));
  return items;
}

function readMap(
  cursor: Cursor,
  count: number,
  depth: number,
  strict: boolean,
): Record<string, unknown> {
  cursor.structure.enterMap(count, depth + 1);
  const map: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const key = readKey(cursor, strict);
    if (Object.hasOwn(map, key)) throw refuse("A map holds the same key twice.");
    map[key] = readValue(cursor, depth + 1, strict);
  }
  return map;
}

export function readKey(cursor: Cursor, strict: boolean): string {
  const head = cursor.bytes[take(cursor, 1)] as number;
  const length = findTextLength(cursor, head);
  if (length === undefined) throw refuse("A map key is not a string.");
  const key = readText(cursor, length, strict, KEYS);
  if (key === "__proto__") throw refuse("A map holds the key __proto__.");
  return key;
}

// Keeps a leading byte order mark: dropping it would change what was signed and hashed.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param known of texts of its kind, which come again and again */
export function readText(
  cursor: Cursor,
  length: number,
  strict: boolean,
  known?: KnownTexts,
): string {
  const { bytes } = cursor;
  const start = take(cursor, length);
  const end = start + length;
  const repeated = known?.read(bytes, start, end);
  if (repeated !== undefined) return repeated;
  if (length <= ASCII_LOOP_BYTES_MAX) {
    let text = "";
    let offset = start;
    for (; offset < end; offset++) {
      const byte = bytes[offset] as number;
      if (byte > 0x7f || byte === 0) break;
      text += String.fromCharCode(byte);
    }
    if (offset === end) return text;
  }
  const text = decodeUtf8(bytes.subarray(start, end));
  if (strict) assertBodyText(text);
  return text;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse("A string is not valid UTF-8.");
  }
}
