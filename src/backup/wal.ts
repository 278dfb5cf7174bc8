import { fstatSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { endianness } from "node:os";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;
/** Frames read at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** How far a write-ahead log is known; plain, so that it goes from one thread to another. */
export interface WalPlace {
  /** The log's first 32 bytes, hex: others once it began anew. */
  readonly header: string;
  /** Up to the end of the last transaction that is whole; 0 where there is none. */
  readonly bytes: number;
  /** The running checksum there. */
  readonly sums: readonly [number, number];
}

/** Before anything was read. */
export const WAL_START: WalPlace = { header: "", bytes: 0, sums: [0, 0] };

/** What was read of a log. */
export interface WalRead {
  readonly place: WalPlace;
  /** Nothing whole comes behind it yet. */
  readonly isEnd: boolean;
}

/** A log's format, from its header. */
interface WalFormat {
  readonly frameBytes: number;
  /** Of the checksums' words. */
  readonly isBigEndian: boolean;
  readonly salts: Buffer;
  readonly sums: readonly [number, number];
}

/**
 * Reads an SQLite write-ahead log from a place on, as far as whole transactions go: what is behind them
 * may be half written, or taken back. Each frame's checksum builds on the one before it, so nothing that
 * is torn is taken. The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 * @param take gets the bytes in order, some of which may be behind the last whole transaction
 * @param bytesMax stops after about so many
 * @returns the new place; of another header where the log began anew, then from its beginning
 */
export function readWal(
  file: number,
  place: WalPlace,
  take: (bytes: Buffer, at: number) => void,
  bytesMax = Number.POSITIVE_INFINITY,
): WalRead {
  const head = readBytes(file, 0, HEADER_BYTES);
  const format = parseHeader(head);
  if (format === undefined) return { place: WAL_START, isEnd: true };
  const header = head.toString("hex");
  const isSame = header === place.header;
  let whole: WalPlace = isSame ? place : { header, bytes: 0, sums: format.sums };
  if (whole.bytes === 0) take(head, 0);
  let at = Math.max(whole.bytes, HEADER_BYTES);
  const end = at + bytesMax;
  let { sums } = whole;
  const frames = Math.max(1, Math.floor(CHUNK_BYTES / format.frameBytes));
  for (;;) {
    const chunk = readBytes(file, at, frames * format.frameBytes);
    let read = 0;
    while (read + format.frameBytes <= chunk.length) {
      const frame = chunk.subarray(read, read + format.frameBytes);
      const next = checkFrame(format, frame, sums);
      if (next === undefined) break;
      sums = next;
      read += format.frameBytes;
      // Only the last frame of a transaction tells the database's length.
      if (frame.readUInt32BE(4) !== 0) whole = { header, bytes: at + read, sums };
    }
    if (read > 0) take(chunk.subarray(0, read), at);
    at += read;
    if (read < frames * format.frameBytes) return { place: whole, isEnd: true };
    if (at >= end) return { place: whole, isEnd: false };
  }
}

/**
 * Adds to a copy of a log what has come to it, about `bytesMax` at most.
 * @returns the place up to which the copy is whole and ends
 */
export function copyWal(from: number, to: number, place: WalPlace, bytesMax?: number): WalRead {
  const write = (bytes: Buffer, at: number): void => {
    for (let done = 0; done < bytes.length; )
      done += writeSync(to, bytes, done, bytes.length - done, at + done);
  };
  const read = readWal(from, place, write, bytesMax);
  if (fstatSync(to).size !== read.place.bytes) ftruncateSync(to, read.place.bytes);
  return read;
}

function readBytes(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const more = readSync(file, bytes, read, length - read, at + read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

function parseHeader(head: Buffer): WalFormat | undefined {
  if (head.length < HEADER_BYTES) return undefined;
  const magic = head.readUInt32BE(0);
  if ((magic & ~1) !== MAGIC) return undefined;
  const isBigEndian = (magic & 1) === 1;
  const sums = addUp(head.subarray(0, 24), isBigEndian, [0, 0]);
  if (head.readUInt32BE(24) !== sums[0] || head.readUInt32BE(28) !== sums[1]) return undefined;
  const frameBytes = FRAME_HEADER_BYTES + head.readUInt32BE(8);
  return { frameBytes, isBigEndian, salts: head.subarray(16, 24), sums };
}

/** The running checksum after a frame; undefined where it is not this log's next one. */
function checkFrame(
  { isBigEndian, salts }: WalFormat,
  frame: Buffer,
  before: readonly [number, number],
): readonly [number, number] | undefined {
  if (!frame.subarray(8, 16).equals(salts)) return undefined;
  const sums = addUp(
    frame.subarray(FRAME_HEADER_BYTES),
    isBigEndian,
    addUp(frame.subarray(0, 8), isBigEndian, before),
  );
  return frame.readUInt32BE(16) === sums[0] && frame.readUInt32BE(20) === sums[1]
    ? sums
    : undefined;
}

function addUp(
  bytes: Buffer,
  isBigEndian: boolean,
  [first, second]: readonly [number, number],
): readonly [number, number] {
  const words = toWords(bytes, isBigEndian);
  let a = first;
  let b = second;
  for (let i = 0; i < words.length; i += 2) {
    a = (a + (words[i] as number) + b) >>> 0;
    b = (b + (words[i + 1] as number) + a) >>> 0;
  }
  return [a, b];
}

function toWords(bytes: Buffer, isBigEndian: boolean): Uint32Array {
  // A copy of its own: a frame may begin anywhere in the chunk, and words are aligned.
  const copy = Buffer.from(new Uint8Array(bytes).buffer);
  if (isBigEndian !== (endianness() === "BE")) copy.swap32();
  return new Uint32Array(copy.buffer, copy.byteOffset, copy.length / 4);
}
