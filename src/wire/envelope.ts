import { StewardError } from "../errors.ts";
import { readUint32, writeUint32 } from "./big-endian.ts";
import { type DecodeOptions, decodePayload } from "./messagepack-decode.ts";
import { encodeMessagePack } from "./messagepack-encode.ts";
import { findPayloadBodyType, findPayloadId } from "./packed-skip.ts";

/** Bytes before the payload: magic, version, type, length; `docs/protocol.md` §2. */
export const HEADER_BYTES = 8;
/** The largest payload of one envelope; `docs/protocol.md` §2. */
export const PAYLOAD_BYTES_MAX = 4_194_304;

/** A longer id fits no message's schema and is not repeated to the peer. */
const MESSAGE_ID_CHARS_MAX = 128;
const MAGIC_0 = 0xac;
const MAGIC_1 = 0x01;
const VERSION = 0x01;

/** Message type numbers; `docs/protocol.md` §2. */
export const MESSAGE_TYPES = {
  hello: 0x01,
  hello_ack: 0x02,
  verify: 0x03,
  verify_ack: 0x04,
  message: 0x10,
  message_ack: 0x11,
  error: 0xe0,
  ping: 0xf0,
  pong: 0xf1,
  disconnect: 0xff,
} as const;

export type MessageType = keyof typeof MESSAGE_TYPES;

const TYPE_BY_NUMBER: ReadonlyMap<number, MessageType> = new Map(
  Object.entries(MESSAGE_TYPES).map(([name, number]) => [number, name as MessageType]),
);

/** Numbers the Atlas protocol defines for roles this steward does not play. */
const FOREIGN_ROLE_TYPES = new Set([0x20, 0x21, 0x22, 0x30, 0x31, 0x32, 0x33]);

/** The parsed first eight bytes of an envelope. */
export interface EnvelopeHeader {
  readonly typeNumber: number;
  /** Announced payload bytes. */
  readonly payloadBytes: number;
}

/** An envelope whose payload decoded to a map; its type's schema is not yet checked. */
export interface DecodedEnvelope {
  readonly type: MessageType;
  /** The payload as received, a message's in the memory it came in; the handshake hashes it. */
  readonly payload: Uint8Array;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Parses the eight header bytes; `docs/protocol.md` §2.
 * @throws StewardError 2003 (short, magic), 1001 (version), 2002 (announced length)
 */
export function parseHeader(bytes: Uint8Array): EnvelopeHeader {
  if (bytes.length < HEADER_BYTES) {
    throw new StewardError(2003, { message: "The envelope is shorter than its 8-byte header." });
  }
  if (bytes[0] !== MAGIC_0 || bytes[1] !== MAGIC_1) {
    throw new StewardError(2003, { message: "The envelope does not start with AC 01." });
  }
  if (bytes[2] !== VERSION) {
    throw new StewardError(1001, { message: "The envelope version is not 1." });
  }
  const payloadBytes = readUint32(bytes, 4);
  if (payloadBytes > PAYLOAD_BYTES_MAX) {
    throw new StewardError(2002);
  }
  return { typeNumber: bytes[3] as number, payloadBytes };
}

/**
 * Decodes one envelope, in the order of checks of `docs/protocol.md` §2.
 * @throws StewardError 2003, 1001 or 2002
 */
export function decodeEnvelope(bytes: Uint8Array, options: DecodeOptions = {}): DecodedEnvelope {
  const header = parseHeader(bytes);
  if (bytes.length !== HEADER_BYTES + header.payloadBytes) {
    throw new StewardError(2003, { message: "The payload length differs from the header's." });
  }
  const type = TYPE_BY_NUMBER.get(header.typeNumber);
  if (type === undefined) {
    throw new StewardError(2003, {
      message: FOREIGN_ROLE_TYPES.has(header.typeNumber)
        ? "This steward is neither a bootstrap node nor a relay."
        : "The message type is unknown.",
    });
  }
  const aliased = bytes.subarray(HEADER_BYTES);
  // Not bytes.slice: where the transport hands over a Buffer, that aliases its memory.
  const payload = type === "message" ? aliased : new Uint8Array(aliased);
  return { type, payload, fields: decodePayload(payload, options) };
}

/**
 * Finds the id of an AtlasMessage whose envelope was refused, for `ref_msg_id`; undefined where it
 * is not readable or the envelope is of another type; `docs/protocol.md` §2.
 */
export function findMessageId(bytes: Uint8Array): string | undefined {
  if (bytes.length < HEADER_BYTES || bytes[3] !== MESSAGE_TYPES.message) return undefined;
  const id = findPayloadId(bytes.subarray(HEADER_BYTES));
  return id !== undefined && id.length <= MESSAGE_ID_CHARS_MAX ? id : undefined;
}

/** Finds the type of an AtlasMessage's body before the rest is read; undefined where it has none. */
export function findMessageBodyType(bytes: Uint8Array): string | undefined {
  if (bytes.length < HEADER_BYTES || bytes[3] !== MESSAGE_TYPES.message) return undefined;
  return findPayloadBodyType(bytes.subarray(HEADER_BYTES));
}

/**
 * What a value from outside may take of an envelope as sent: what stands around it in any of our
 * messages (ids, a receipt, a signed head) has the rest.
 */
export const CONTENT_BYTES_MAX = PAYLOAD_BYTES_MAX - 8192;
/** JSON text shorter than this is MessagePack of at most three times as many bytes, which fit. */
const CHARS_THAT_FIT = 1_000_000;

/**
 * Tells whether a value fits every message that may carry it on, by its bytes as sent: read and
 * encoded again, numbers may have grown.
 * @param chars of its JSON text
 */
export function fitsEnvelope(value: unknown, chars: number): boolean {
  return chars < CHARS_THAT_FIT || encodeMessagePack(value).length <= CONTENT_BYTES_MAX;
}

/** Fields that travel as arrays of integers, which is all a plain Rust `Vec<u8>` reads. */
const BYTE_FIELDS: Partial<Record<MessageType, readonly string[]>> = {
  hello: ["public_key", "challenge"],
  hello_ack: ["public_key", "challenge", "signature"],
  verify: ["signature", "challenge"],
};

/**
 * Encodes one envelope; absent (undefined) fields are left out, a bigint may stand for an integer
 * in any field but the body; `docs/protocol.md` §2.
 * @throws StewardError 2002 when the payload is larger than 4 MiB
 */
export function encodeEnvelope(
  type: MessageType,
  fields: Readonly<Record<string, unknown>>,
): Uint8Array {
  const bytes = encodeMessagePack(toWireFields(type, fields), HEADER_BYTES);
  const payloadBytes = bytes.length - HEADER_BYTES;
  if (payloadBytes > PAYLOAD_BYTES_MAX) throw new StewardError(2002);
  bytes[0] = MAGIC_0;
  bytes[1] = MAGIC_1;
  bytes[2] = VERSION;
  bytes[3] = MESSAGE_TYPES[type];
  writeUint32(bytes, 4, payloadBytes);
  return bytes;
}

type Fields = Readonly<Record<string, unknown>>;

function toWireFields(type: MessageType, fields: Fields): Fields {
  const byteFields = BYTE_FIELDS[type];
  if (byteFields === undefined) return fields;
  const copy: Record<string, unknown> = { ...fields };
  for (const name of byteFields) {
    const value = copy[name];
    if (value instanceof Uint8Array) copy[name] = Array.from(value);
  }
  return copy;
}
