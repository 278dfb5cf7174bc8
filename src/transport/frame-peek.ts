/** Bytes of an envelope's header. */
const PEEK_BYTES = 8;

/**
 * Follows a client's WebSocket byte stream beside the WebSocket library and reports the first
 * eight payload bytes of each binary message as soon as they arrive, so that an oversized
 * envelope is refused from its header instead of after it was buffered. It reads, never alters:
 * the library remains the judge of the framing.
 */
export class FramePeek {
  private readonly onHeader: (header: Uint8Array) => void;
  private readonly head = new Uint8Array(14);
  private headFilled = 0;
  private headNeeded = 2;
  private payloadLeft = 0;
  private maskOffset = 0;
  private maskAt = 0;
  private inData = false;
  private readonly peeked = new Uint8Array(PEEK_BYTES);
  private peekFilled = PEEK_BYTES;
  private frames = 0;

  constructor(onHeader: (header: Uint8Array) => void) {
    this.onHeader = onHeader;
  }

  /** Takes the next bytes of the stream; returns how many frames, of any kind, began in them. */
  push(chunk: Uint8Array): number {
    this.frames = 0;
    let offset = 0;
    while (offset < chunk.length) {
      offset =
        this.payloadLeft > 0 ? this.readPayload(chunk, offset) : this.readHead(chunk, offset);
    }
    return this.frames;
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
    const opcode = (this.head[0] as number) & 0x0f;
    if (opcode === 2) this.peekFilled = 0;
    if (opcode === 1) this.peekFilled = PEEK_BYTES; // text has no header, nor have its fragments
    this.frames++;
    this.inData = opcode === 2 || opcode === 0;
    this.maskOffset = 0;
    this.headFilled = 0;
    this.headNeeded = 2;
  }

  private readPayload(chunk: Uint8Array, start: number): number {
    const taken = Math.min(chunk.length - start, this.payloadLeft);
    if (this.inData && this.peekFilled < PEEK_BYTES) this.peek(chunk, start, taken);
    this.maskOffset += taken;
    this.payloadLeft -= taken;
    return start + taken;
  }

  private peek(chunk: Uint8Array, start: number, taken: number): void {
    for (let i = 0; i < taken && this.peekFilled < PEEK_BYTES; i++) {
      const mask =
        this.maskAt < 0 ? 0 : (this.head[this.maskAt + ((this.maskOffset + i) & 3)] as number);
      this.peeked[this.peekFilled++] = (chunk[start + i] as number) ^ mask;
    }
    if (this.peekFilled === PEEK_BYTES) this.onHeader(this.peeked);
  }
}
