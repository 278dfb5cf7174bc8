import { type Cursor, findTextLength, readCount, take, toCursor } from "./messagepack-decode.ts";
import { skipValue } from "./packed-skip.ts";

/** Is given bytes that hold a text's UTF-8, from one offset to another. */
export type VisitText = (bytes: Uint8Array, start: number, end: number) => void;

/** Shows every text of a scanned MessagePack value where it stands, keys included, in their order. */
export function visitTexts(bytes: Uint8Array, start: number, visit: VisitText): void {
  const cursor = toCursor(bytes, start);
  for (let left = 1; left > 0; left--) left += visitOne(cursor, visit);
}

/** Passes over a value but for what is inside a container; returns how many values that is. */
function visitOne(cursor: Cursor, visit: VisitText): number {
  const head = cursor.bytes[cursor.offset] as number;
  if (isMapHead(head)) return 2 * readCount(cursor);
  if (isArrayHead(head)) return readCount(cursor);
  if ((head & 0xe0) === 0xa0 || (head >= 0xd9 && head <= 0xdb)) {
    cursor.offset++;
    const length = findTextLength(cursor, head) ?? 0;
    const start = take(cursor, length);
    visit(cursor.bytes, start, start + length);
  } else skipValue(cursor);
  return 0;
}

function isMapHead(head: number): boolean {
  return (head & 0xf0) === 0x80 || head === 0xde || head === 0xdf;
}

function isArrayHead(head: number): boolean {
  return (head & 0xf0) === 0x90 || head === 0xdc || head === 0xdd;
}
