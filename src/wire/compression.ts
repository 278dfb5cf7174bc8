import { StewardError } from "../errors.ts";
import { writeUint32 } from "./big-endian.ts";
import { HEADER_BYTES, PAYLOAD_BYTES_MAX, parseHeader } from "./envelope.ts";
import type { FanOutFrame } from "./fan-out-frame.ts";

/** The capability that both sides list; `docs/protocol.md` §2. */
export const BROTLI_CAPABILITY = "brotli";
/** Precedes compressed data; begins no MessagePack value. */
const MARK = 0xc1;

/** Compresses payloads with brotli (RFC 7932); its methods neither keep nor alter what they are given. */
export interface PayloadCodec {
  compress(payload: Uint8Array): Uint8Array;
  /**
   * Decompresses exactly one stream.
   * @returns undefined where more than `bytesMax` would come out
   * @throws Error where the data is none, ends early, or is followed by something
   */
  decompress(data: Uint8Array, bytesMax: number): Uint8Array | undefined;
}

/** A codec that can leave a stream open. */
export interface StreamCodec extends PayloadCodec {
  /** Compresses the beginning of a stream, up to a byte's boundary. */
  begin(bytes: Uint8Array): Uint8Array;
}

/** Tells whether an envelope's payload is compressed. */
export function isCompressed(envelope: Uint8Array): boolean {
  return envelope[HEADER_BYTES] === MARK;
}

/**
 * Returns an envelope with its payload as it was before it was compressed; what is wrong with its header is
 * left to the decoder.
 * @throws StewardError 2002 where more than 4 MiB come out, 2003 where it is no brotli
 */
export function expandEnvelope(envelope: Uint8Array, codec: PayloadCodec): Uint8Array {
  if (!isCompressed(envelope)) return envelope;
  if (parseHeader(envelope).payloadBytes !== envelope.length - HEADER_BYTES) return envelope;
  let payload: Uint8Array | undefined;
  try {
    payload = codec.decompress(envelope.subarray(HEADER_BYTES + 1), PAYLOAD_BYTES_MAX);
  } catch (cause) {
    throw new StewardError(2003, { message: "The compressed payload is no brotli stream.", cause });
  }
  if (payload === undefined) {
    throw new StewardError(2002, {
      message: "More than 4 MiB come out of the compressed payload.",
    });
  }
  // Compressed twice it would be no map either way.
  return toEnvelope(envelope, [payload]);
}

/** Compresses an envelope's payload; where that gains nothing it is returned as it is. */
export function shrinkEnvelope(envelope: Uint8Array, codec: PayloadCodec): Uint8Array {
  const data = codec.compress(envelope.subarray(HEADER_BYTES));
  const isShorter = data.length + 1 < envelope.length - HEADER_BYTES;
  return isShorter ? toEnvelope(envelope, [Uint8Array.of(MARK), data]) : envelope;
}

/** A FanOutFrame compressed once for many recipients. */
export interface ShrunkFrame {
  readonly envelope: Uint8Array;
  /** Where the recipient's 70 bytes stand in it. */
  readonly toOffset: number;
}

/**
 * Compresses a frame for many recipients: `to` goes to the end of the map, into a stored block of its own
 * behind the compressed ones, where each recipient's bytes can stand in place of the others'.
 * @returns undefined where that gains nothing
 */
export function shrinkFanOut(
  { envelope, to }: FanOutFrame,
  codec: StreamCodec,
): ShrunkFrame | undefined {
  const { keyOffset, offset, length } = to;
  const end = offset + length;
  const rest = concatenate([envelope.subarray(HEADER_BYTES, keyOffset), envelope.subarray(end)]);
  const stored = toStoredEnd(envelope.subarray(keyOffset, end));
  const shrunk = toEnvelope(envelope, [Uint8Array.of(MARK), codec.begin(rest), stored]);
  if (shrunk.length >= envelope.length) return undefined;
  return { envelope: shrunk, toOffset: shrunk.length - 1 - length };
}

/** Bytes as a stored meta-block (RFC 7932 §9.2) of up to 65,536 bytes, and the stream's empty last one. */
function toStoredEnd(bytes: Uint8Array): Uint8Array {
  // From the lowest bit: not last, length in 4 nibbles, length less 1 (16 bits), stored.
  const head = ((bytes.length - 1) << 3) | (1 << 19);
  const ends = [Uint8Array.of(head, head >> 8, head >> 16), bytes, Uint8Array.of(0b11)];
  return concatenate(ends);
}

function toEnvelope(like: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const envelope = concatenate([like.subarray(0, HEADER_BYTES), ...parts]);
  writeUint32(envelope, 4, envelope.length - HEADER_BYTES);
  return envelope;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
