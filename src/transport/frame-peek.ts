import { readUint16, readUint32 } from "../wire/big-endian.ts";

/** Bytes of an envelope's header. */
const PEEK_BYTES = 8;
/** Fragments of any size that one message may have. */
const SMALL_FRAGMENTS_MAX = 16;
/** What the fragments after those have on average, or keeping them would cost more than they hold. */
const FRAGMENT_BYTES_MIN = 1024;
/** Reads of any size in which one frame may arrive. */
const SMALL_CHUNKS_MAX = 1024;
/** What the reads after those bring on average; a TCP segment brings at least 536. */
const CHUNK_BYTES_MIN = 256;
/** Bytes of control frames inside a message; each keeps the memory alive that it was read with. */
const CONTROL_BYTES_MAX = 64 * 1024;
/** Of one control frame; RFC 6455 §5.5. */
const CONTROL_PAYLOAD_BYTES_MAX = 125;
/** What the WebSocket library keeps for each fragment and each read, beside their bytes. */
const OVERHEAD_BYTES = 220;

/** What a FramePeek reports. */
export interface FramePeekEvents {
  /** The first eight payload bytes of a binary message. */
  onHeader(header: Uint8Array): void;
  /** A message costs more to hold than it is worth; may be called again. */
  onShreds(): void;
}

/** Fragments that a message of so many bytes may have; `docs/protocol.md` §2. */
export function toFragmentsMax(bytes: number): number {
  return SMALL_FRAGMENTS_MAX + Math.ceil(bytes / FRAGMENT_BYTES_MIN);
}

/** Reads in which a message of so many bytes may arrive; `docs/protocol.md` §2. */
export function toChunksMax(bytes: number): number {
  return SMALL_CHUNKS_MAX + Math.ceil(bytes / CHUNK_BYTES_MIN);
}

/**
 * Follows a client's WebSocket byte stream beside the WebSocket library and reports the first
 * eight payload bytes of each binary message as soon as they arrive, so that an oversized
 * envelope is refused from its header instead of after it was buffered. It bounds what a message
 * costs until it ends: fragments, reads, and control frames in between, each against the bytes
 * received. It reads, never alters: the library remains the judge of the framing.
 */
export class FramePeek {
  /** Messages that have begun so far. */
  messages = 0;
  private readonly events: FramePeekEvents;
  private readonly head = new Uint8Array(14);
  private headFilled = 0;
  private headNeeded = 2;
  private payloadLeft = 0;
  private maskOffset = 0;
  private maskAt = 0;
  private inData = false;
  private isFinal = false;
  /** Of the message that has begun and not ended. */
  private fragments = 0;
  private messageBytes = 0;
  private controlBytes = 0;
  /** Of the frame that has begun and not ended. */
  private chunks = 0;
  private chunkBytes = 0;
  private readonly peeked = new Uint8Array(PEEK_BYTES);
  private peekFilled = PEEK_BYTES;

  constructor(events: FramePeekEvents) {
    this.events = events;
  }

  /** What a message that has begun and not ended costs in memory. */
  get heldBytes(): number {
    const overhead = (this.fragments + this.chunks) * OVERHEAD_BYTES;
    return this.messageBytes + this.controlBytes + overhead;
  }

  /** Takes the next bytes of the stream, as they were read. */
  push(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      offset =
        this.payloadLeft > 0 ? this.readPayload(chunk, offset) : this.readHead(chunk, offset);
    }
    if (this.payloadLeft === 0 && this.headFilled === 0) return;
    this.chunks++;
    this.chunkBytes += chunk.length;
    const small = this.chunks - SMALL_CHUNKS_MAX;
    if (this.chunkBytes < small * CHUNK_BYTES_MIN) this.events.onShreds();
  }

  private readHead(chunk: Uint8Array, start: number): number {
    let offset = start;
    while (offset < chunk.length && this.headFilled < this.headNeeded) {
      this.head[this.headFilled++] = chunk[offset++] as number;
      if (this.headFilled === 2) this.headNeeded = this.toHeadBytes();
    }
    if (this.headFilled === this.headNeeded) this.startPayload();
    return offset;
  }

  private toHeadBytes(): number {
    const second = this.head[1] as number;
    const length = second & 0x7f;
    const extended = length === 127 ? 8 : length === 126 ? 2 : 0;
    return 2 + extended + (second & 0x80 ? 4 : 0);
  }

  private startPayload(): void {
    const { head } = this;
    const second = head[1] as number;
    const length = second & 0x7f;
    if (length === 127) this.payloadLeft = readUint32(head, 2) * 2 ** 32 + readUint32(head, 6);
    else this.payloadLeft = length === 126 ? readUint16(head, 2) : length;
    this.maskAt = second & 0x80 ? this.headFilled - 4 : -1;
    this.maskOffset = 0;
    this.startFrame((this.head[0] as number) & 0x0f, this.headFilled);
    this.isFinal = ((this.head[0] as number) & 0x80) !== 0;
    this.headFilled = 0;
    this.headNeeded = 2;
    if (this.payloadLeft === 0) this.endFrame();
  }

  private startFrame(opcode: number, headBytes: number): void {
    this.inData = opcode <= 2;
    if (!this.inData) {
      if (this.fragments === 0) return;
      // A longer one is no control frame, which is not for us to say.
      this.controlBytes += headBytes + Math.min(this.payloadLeft, CONTROL_PAYLOAD_BYTES_MAX);
      if (this.controlBytes > CONTROL_BYTES_MAX + this.messageBytes) this.events.onShreds();
      return;
    }
    if (opcode !== 0) {
      this.messages++;
      // Text has no header to look at, nor have its fragments.
      this.peekFilled = opcode === 2 ? 0 : PEEK_BYTES;
      this.endMessage();
    }
    this.fragments++;
    const small = this.fragments - SMALL_FRAGMENTS_MAX;
    if (this.messageBytes + this.payloadLeft < small * FRAGMENT_BYTES_MIN) this.events.onShreds();
  }

  private endFrame(): void {
    this.chunks = 0;
    this.chunkBytes = 0;
    if (this.inData && this.isFinal) this.endMessage();
  }

  private endMessage(): void {
    this.fragments = 0;
    this.messageBytes = 0;
    this.controlBytes = 0;
  }

  private readPayload(chunk: Uint8Array, start: number): number {
    const taken = Math.min(chunk.length - start, this.payloadLeft);
    if (this.inData && this.peekFilled < PEEK_BYTES) this.peek(chunk, start, taken);
    this.maskOffset += taken;
    this.payloadLeft -= taken;
    if (this.inData) this.messageBytes += taken;
    if (this.payloadLeft === 0) this.endFrame();
    return start + taken;
  }

  private peek(chunk: Uint8Array, start: number, taken: number): void {
    for (let i = 0; i < taken && this.peekFilled < PEEK_BYTES; i++) {
      const mask =
        this.maskAt < 0 ? 0 : (this.head[this.maskAt + ((this.maskOffset + i) & 3)] as number);
      this.peeked[this.peekFilled++] = (chunk[start + i] as number) ^ mask;
    }
    if (this.peekFilled === PEEK_BYTES) this.events.onHeader(this.peeked);
  }
}
