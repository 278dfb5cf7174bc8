import {
  type Cursor,
  findTextLength,
  readKey,
  readLength,
  readText,
  readTopCount,
  take,
  toCursor,
} from "./messagepack-decode.ts";

/**
 * Finds the string field `id` of a payload that may be refused further on, so that the refusal can
 * name the message it is about; `docs/protocol.md` §2.
 */
export function findPayloadId(payload: Uint8Array): string | undefined {
  try {
    const cursor = toCursor(payload);
    if (skipToKey(cursor, "id")) return readIfText(cursor);
  } catch {
    // Not readable up to the id.
  }
  return undefined;
}

/**
 * Finds the `type` of a payload's body before anything else of it is read; undefined where it is not
 * readable, or the body is no map.
 */
export function findPayloadBodyType(payload: Uint8Array): string | undefined {
  try {
    const cursor = toCursor(payload);
    if (!skipToKey(cursor, "body") || !skipToKey(cursor, "type")) return undefined;
    return readIfText(cursor);
  } catch {
    // Not readable up to the type.
    return undefined;
  }
}

/** Enters the map at the cursor and passes over what stands before a key's value; tells whether it is there. */
function skipToKey(cursor: Cursor, key: string): boolean {
  for (let left = readTopCount(cursor) ?? 0; left > 0; left--) {
    if (readKey(cursor, false) === key) return true;
    skipValue(cursor);
  }
  return false;
}

/** Passes over one value, however deep it is, without building anything. */
export function skipValue(cursor: Cursor): void {
  for (let left = 1; left > 0; left--) {
    const head = cursor.bytes[take(cursor, 1)] as number;
    if (head >= 0x80 && head <= 0x8f) left += 2 * (head & 0x0f);
    else if (head >= 0x90 && head <= 0x9f) left += head & 0x0f;
    else if (head >= 0xa0 && head <= 0xbf) take(cursor, head & 0x1f);
    else if (head >= 0xc4 && head <= 0xdf) left += skipSized(cursor, head);
  }
}

/** Bytes after the heads ca to d3, those of numbers. */
const NUMBER_BYTES = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

/** Passes over what a head announces; returns how many values are inside. */
function skipSized(cursor: Cursor, head: number): number {
  if (head <= 0xc6) take(cursor, readLength(cursor, head - 0xc4));
  else if (head <= 0xc9) take(cursor, readLength(cursor, head - 0xc7) + 1);
  else if (head <= 0xd3) take(cursor, NUMBER_BYTES[head - 0xca] as number);
  else if (head <= 0xd8) take(cursor, (1 << (head - 0xd4)) + 1);
  else if (head <= 0xdb) take(cursor, readLength(cursor, head - 0xd9));
  else if (head <= 0xdd) return readLength(cursor, head - 0xdc + 1);
  else return 2 * readLength(cursor, head - 0xde + 1);
  return 0;
}

function readIfText(cursor: Cursor): string | undefined {
  const head = cursor.bytes[take(cursor, 1)] as number;
  const length = findTextLength(cursor, head);
  return length === undefined ? undefined : readText(cursor, length, false);
}
