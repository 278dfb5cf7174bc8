import { Encoder } from "@msgpack/msgpack";
import type { JsonValue } from "../protocol/json.ts";
import { ByteWriter } from "./byte-writer.ts";

/** Deeper than any value that is sent: what holds itself ends here. */
const DEPTH_MAX = 128;
const SHARED_BYTES = 64 * 1024;

/** A value that is MessagePack already, and goes into what is encoded around it as it is. */
export class PackedBytes {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** A text that is not left to the library. */
class LongText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Thrown by the library's writer at a value that it cannot write, and caught here. */
const SPLICED = new Error("a value that is written by hand");

/**
 * The library writes what holds neither packed bytes, which it has no way to put between fields, nor
 * bigints, for which its numbers past 32 bits would become floats.
 */
const library = new Encoder({
  ignoreUndefined: true,
  extensionCodec: {
    tryToEncode: (value) => {
      const isOurs = value instanceof PackedBytes || value instanceof LongText;
      if (isOurs || typeof value === "bigint") throw SPLICED;
      return null;
    },
    decode: () => undefined,
  },
});

/** One for all: memory of its own for each envelope would cost more than the encoding itself. */
let shared = new ByteWriter(SHARED_BYTES);

/**
 * Encodes a value as MessagePack, each part in its shortest form; members that are undefined are
 * left out; `docs/protocol.md` §2.
 * @param before bytes that are left free in front of it
 * @throws Error on what MessagePack's maps, arrays and JSON's values cannot say
 */
export function encodeMessagePack(value: unknown, before = 0): Uint8Array<ArrayBuffer> {
  try {
    const payload = library.encodeSharedRef(value);
    const bytes = new Uint8Array(before + payload.length);
    bytes.set(payload, before);
    return bytes;
  } catch (error) {
    if (error !== SPLICED) throw error;
    return encodeSpliced(value, before);
  }
}

/** The same bytes, with packed values and bigints among them. */
function encodeSpliced(value: unknown, before: number): Uint8Array<ArrayBuffer> {
  const writer = shared;
  writer.at = before;
  writeValue(writer, value, 1);
  if (writer.at <= SHARED_BYTES) return writer.toBytes().slice();
  // What has grown for one large envelope is not kept for small ones.
  shared = new ByteWriter(SHARED_BYTES);
  return writer.isFull ? writer.toBytes() : writer.toBytes().slice();
}

function writeValue(writer: ByteWriter, value: unknown, depth: number): void {
  switch (typeof value) {
    case "string":
      return writer.writeText(value);
    case "number":
      return writer.writeNumber(value);
    case "bigint":
      return writer.writeBigInt(value);
    case "boolean":
      return writer.writeByte(value ? 0xc3 : 0xc2);
    case "undefined":
      return writer.writeByte(0xc0);
    case "object":
      return writeObject(writer, value, depth);
    default:
      throw new Error(`A ${typeof value} has no MessagePack form.`);
  }
}

function writeObject(writer: ByteWriter, value: object | null, depth: number): void {
  if (value === null) return writer.writeByte(0xc0);
  if (value instanceof PackedBytes) return writer.writeBytes(value.bytes);
  if (value instanceof LongText) return writer.writeText(value.text);
  if (depth > DEPTH_MAX) throw new Error("The value is nested too deeply.");
  if (Array.isArray(value)) {
    writer.writeHead("array", value.length);
    for (const item of value) writeValue(writer, item, depth + 1);
    return;
  }
  if (value instanceof Uint8Array) {
    writer.writeHead("bytes", value.length);
    return writer.writeBytes(value);
  }
  writeMap(writer, value as Record<string, unknown>, depth);
}

function writeMap(writer: ByteWriter, map: Record<string, unknown>, depth: number): void {
  const keys = Object.keys(map);
  let count = 0;
  for (const key of keys) if (map[key] !== undefined) count++;
  writer.writeHead("map", count);
  for (const key of keys) {
    const value = map[key];
    if (value === undefined) continue;
    writer.writeText(key);
    writeValue(writer, value, depth + 1);
  }
}

/** Has a long text written without the library, which would look at each of its characters. */
export function asLongText(text: string): JsonValue {
  return new LongText(text) as unknown as JsonValue;
}

/** Lets packed bytes stand for the value they hold, in a body that is only going to be encoded. */
export function asValue(packed: PackedBytes): JsonValue {
  return packed as unknown as JsonValue;
}
