import { StewardError } from "../errors.ts";

/** Containers inside containers that any payload may have; bodies have a tighter limit. */
const DEPTH_MAX = 64;
const SAFE_HIGH = 0x1fffff; // the upper 32 bits of 2^53 - 1

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  offset: number;
}

/**
 * Walks a MessagePack payload without building values and refuses what must not reach a decoder:
 * truncated or trailing bytes, nesting over 64, map keys that are no strings or stand twice,
 * broken UTF-8 and, inside the top-level `body`, integers beyond ±(2^53-1), floats that are not
 * finite, bin and ext; `docs/protocol.md` §2.
 * @throws StewardError 2003
 */
export function scanMessagePack(bytes: Uint8Array): void {
  const cursor: Cursor = {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    offset: 0,
  };
  const head = bytes[0];
  if (head === undefined || !((head & 0xf0) === 0x80 || head === 0xde || head === 0xdf)) {
    throw refuse("The payload is not a map.");
  }
  scanValue(cursor, 0, false);
  if (cursor.offset !== bytes.length) throw refuse("The payload has bytes after its map.");
}

function refuse(message: string): StewardError {
  return new StewardError(2003, { message });
}

function take(cursor: Cursor, count: number): number {
  const start = cursor.offset;
  if (start + count > cursor.bytes.length) throw refuse("The payload ends early.");
  cursor.offset = start + count;
  return start;
}

function scanValue(cursor: Cursor, depth: number, strict: boolean): void {
  const head = cursor.bytes[take(cursor, 1)] as number;
  if (head <= 0x7f || head >= 0xe0 || head === 0xc0 || head === 0xc2 || head === 0xc3) return;
  if (head <= 0x8f) return scanMap(cursor, head & 0x0f, depth, strict);
  if (head <= 0x9f) return scanArray(cursor, head & 0x0f, depth, strict);
  if (head <= 0xbf) return scanString(cursor, head & 0x1f);
  scanSized(cursor, head, depth, strict);
}

function scanSized(cursor: Cursor, head: number, depth: number, strict: boolean): void {
  const { view } = cursor;
  switch (head) {
    case 0xc4: // bin 8, 16, 32
    case 0xc5:
    case 0xc6:
      if (strict) throw refuse("The body holds binary data.");
      take(cursor, takeLength(cursor, head - 0xc4));
      return;
    case 0xc7: // ext 8, 16, 32
    case 0xc8:
    case 0xc9:
      if (strict) throw refuse("The body holds an extension type.");
      take(cursor, takeLength(cursor, head - 0xc7) + 1);
      return;
    case 0xca:
      return assertFinite(view.getFloat32(take(cursor, 4)), strict);
    case 0xcb:
      return assertFinite(view.getFloat64(take(cursor, 8)), strict);
    case 0xcc:
    case 0xd0:
      take(cursor, 1);
      return;
    case 0xcd:
    case 0xd1:
      take(cursor, 2);
      return;
    case 0xce:
    case 0xd2:
      take(cursor, 4);
      return;
    case 0xcf:
      return assertSafe(view.getUint32(take(cursor, 8)), strict);
    case 0xd3:
      return scanInt64(cursor, strict);
    case 0xd9: // str 8, 16, 32
    case 0xda:
    case 0xdb:
      return scanString(cursor, takeLength(cursor, head - 0xd9));
    case 0xdc: // array 16, 32
    case 0xdd:
      return scanArray(cursor, takeLength(cursor, head - 0xdc + 1), depth, strict);
    case 0xde: // map 16, 32
    case 0xdf:
      return scanMap(cursor, takeLength(cursor, head - 0xde + 1), depth, strict);
    default:
      scanFixExt(cursor, head, strict);
  }
}

function scanFixExt(cursor: Cursor, head: number, strict: boolean): void {
  if (head < 0xd4 || head > 0xd8) throw refuse("The payload is not valid MessagePack.");
  if (strict) throw refuse("The body holds an extension type.");
  take(cursor, 1 + (1 << (head - 0xd4)));
}

function scanInt64(cursor: Cursor, strict: boolean): void {
  const start = take(cursor, 8);
  const high = cursor.view.getInt32(start);
  if (high >= 0) return assertSafe(high, strict);
  const low = cursor.view.getUint32(start + 4);
  const safe = high > -SAFE_HIGH - 1 || (high === -SAFE_HIGH - 1 && low > 0);
  if (!safe) assertSafe(Number.POSITIVE_INFINITY, strict);
}

function assertSafe(high: number, strict: boolean): void {
  if (strict && high > SAFE_HIGH) throw refuse("The body holds an integer beyond 2^53-1.");
}

function assertFinite(value: number, strict: boolean): void {
  if (strict && !Number.isFinite(value))
    throw refuse("The body holds a number that is not finite.");
}

/** Reads a big-endian length of 1, 2 or 4 bytes (`power` 0, 1, 2). */
function takeLength(cursor: Cursor, power: number): number {
  const start = take(cursor, 1 << power);
  if (power === 0) return cursor.view.getUint8(start);
  return power === 1 ? cursor.view.getUint16(start) : cursor.view.getUint32(start);
}

function assertDepth(depth: number): void {
  if (depth >= DEPTH_MAX) throw refuse("The payload is nested too deeply.");
}

function scanArray(cursor: Cursor, count: number, depth: number, strict: boolean): void {
  assertDepth(depth);
  for (let i = 0; i < count; i++) scanValue(cursor, depth + 1, strict);
}

function scanMap(cursor: Cursor, count: number, depth: number, strict: boolean): void {
  assertDepth(depth);
  const keys = new Set<string>();
  for (let i = 0; i < count; i++) {
    const key = readKey(cursor);
    if (keys.has(key)) throw refuse("A map holds the same key twice.");
    keys.add(key);
    scanValue(cursor, depth + 1, strict || (depth === 0 && key === "body"));
  }
}

function readKey(cursor: Cursor): string {
  const head = cursor.bytes[take(cursor, 1)] as number;
  let length: number;
  if (head >= 0xa0 && head <= 0xbf) length = head & 0x1f;
  else if (head >= 0xd9 && head <= 0xdb) length = takeLength(cursor, head - 0xd9);
  else throw refuse("A map key is not a string.");
  return decodeUtf8(cursor.bytes, take(cursor, length), length);
}

function scanString(cursor: Cursor, length: number): void {
  const start = take(cursor, length);
  for (let i = start; i < start + length; i++) {
    if ((cursor.bytes[i] as number) > 0x7f) {
      decodeUtf8(cursor.bytes, start, length);
      return;
    }
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array, start: number, length: number): string {
  try {
    return utf8.decode(bytes.subarray(start, start + length));
  } catch {
    throw refuse("A string is not valid UTF-8.");
  }
}
