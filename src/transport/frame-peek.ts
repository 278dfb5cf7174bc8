/** Bytes of an envelope's header. */
const PEEK_BYTES = 8;
/** Fragments of any size that one message may have. */
const SMALL_FRAGMENTS_MAX = 16;
/** What the fragments after those have on average, or keeping them would cost more than they hold. */
const FRAGMENT_BYTES_MIN = 1024;

/** What a FramePeek reports. */
export interface FramePeekEvents {
  /** The first eight payload bytes of a binary message. */
  onHeader(header: Uint8Array): void;
  /** A message comes in many tiny fragments; called once for each further one. */
  onShreds(): void;
}

/**
 * Follows a client's WebSocket byte stream beside the WebSocket library and reports the first
 * eight payload bytes of each binary message as soon as they arrive, so that an oversized
 * envelope is refused from its header instead of after it was buffered. It reads, never alters:
 * the library remains the judge of the framing.
 */
export class FramePeek {
  /** Bytes of a message that has begun and not ended. */
  heldBytes = 0;
  private readonly events: FramePeekEvents;
  private readonly head = new Uint8Array(14);
  private headFilled = 0;
  private headNeeded = 2;
  private payloadLeft = 0;
  private maskOffset = 0;
  private maskAt = 0;
  private inData = false;
  private isFinal = false;
  private fragments = 0;
  private messageBytes = 0;
  private readonly peeked = new Uint8Array(PEEK_BYTES);
  private peekFilled = PEEK_BYTES;

  constructor(events: FramePeekEvents) {
    this.events = events;
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      offset =
        this.payloadLeft > 0 ? this.readPayload(chunk, offset) : this.readHead(chunk, offset);
    }
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
    const view = new DataView(this.head.buffer);
    const second = this.head[1] as number;
    const length = second & 0x7f;
    if (length === 127) this.payloadLeft = Number(view.getBigUint64(2));
    else this.payloadLeft = length === 126 ? view.getUint16(2) : length;
    this.maskAt = second & 0x80 ? this.headFilled - 4 : -1;
    this.maskOffset = 0;
    this.headFilled = 0;
    this.headNeeded = 2;
    this.isFinal = ((this.head[0] as number) & 0x80) !== 0;
    this.startFrame((this.head[0] as number) & 0x0f);
    if (this.payloadLeft === 0) this.endFrame();
  }

  private endFrame(): void {
    if (this.inData && this.isFinal) this.heldBytes = 0;
  }

  private startFrame(opcode: number): void {
    this.inData = opcode <= 2;
    if (!this.inData) return;
    if (opcode !== 0) {
      // Text has no header to look at, nor have its fragments.
      this.peekFilled = opcode === 2 ? 0 : PEEK_BYTES;
      this.fragments = 0;
      this.messageBytes = 0;
    }
    this.fragments++;
    this.messageBytes += this.payloadLeft;
    const shreds = this.fragments - SMALL_FRAGMENTS_MAX;
    if (this.messageBytes < shreds * FRAGMENT_BYTES_MIN) this.events.onShreds();
  }

  private readPayload(chunk: Uint8Array, start: number): number {
    const taken = Math.min(chunk.length - start, this.payloadLeft);
    if (this.inData && this.peekFilled < PEEK_BYTES) this.peek(chunk, start, taken);
    this.maskOffset += taken;
    this.payloadLeft -= taken;
    if (this.inData) this.heldBytes += taken;
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
