import type { Writable } from "node:stream";
import type { EnvelopePatch } from "./transport.ts";

/** Envelopes up to this length are copied together; of longer ones recipients share the bytes. */
const COPIED_BYTES_MAX = 32 * 1024;
/** Bytes given to a socket in one write, unless one envelope is longer. */
const WRITE_BYTES_MAX = 256 * 1024;

/**
 * Memory in which one connection's next write is put together. All connections share it: the kernel
 * takes most writes at once, and then it is free again.
 */
export class ScratchBuffer {
  private shared = Buffer.allocUnsafeSlow(WRITE_BYTES_MAX);

  /** Writes the parts that `fill` makes of memory of that length. */
  write(socket: Writable, length: number, fill: (memory: Buffer) => Uint8Array[]): void {
    // Behind other bytes it stays needed; then it had better be as long as what it holds.
    const isShared = length <= WRITE_BYTES_MAX && socket.writableLength === 0;
    const parts = fill(isShared ? this.shared : Buffer.allocUnsafe(length));
    if (parts.length > 1) socket.cork();
    for (const part of parts) socket.write(part);
    if (parts.length > 1) socket.uncork();
    if (isShared && socket.writableLength > 0) {
      this.shared = Buffer.allocUnsafeSlow(WRITE_BYTES_MAX);
    }
  }
}

/**
 * The envelopes a connection is still to be sent, as WebSocket frames. What a slow reader has not
 * taken stays here as references to envelopes that all recipients share.
 */
export class OutboundQueue {
  /** Bytes the frames will have. */
  bytes = 0;
  private readonly scratch: ScratchBuffer;
  private envelopes: Uint8Array[] = [];
  private patches: (EnvelopePatch | undefined)[] = [];
  private next = 0;

  constructor(scratch: ScratchBuffer) {
    this.scratch = scratch;
  }

  /** Adds an envelope, which must not change any more. */
  add(envelope: Uint8Array, patch: EnvelopePatch | undefined): void {
    this.envelopes.push(envelope);
    this.patches.push(patch);
    this.bytes += toHeadBytes(envelope.length) + envelope.length;
  }

  /** Drops everything. */
  clear(): void {
    this.envelopes = [];
    this.patches = [];
    this.next = 0;
    this.bytes = 0;
  }

  /** Writes for as long as the socket takes it at once; the rest waits for its `drain`. */
  writeTo(socket: Writable): void {
    while (this.bytes > 0 && !socket.writableNeedDrain && socket.writable) this.writeOnce(socket);
    if (this.bytes === 0) this.clear();
  }

  private writeOnce(socket: Writable): void {
    const first = this.next;
    let bytes = 0;
    let copied = 0;
    while (this.next < this.envelopes.length) {
      const envelope = this.envelopes[this.next] as Uint8Array;
      const head = toHeadBytes(envelope.length);
      const length = head + envelope.length;
      if (bytes > 0 && bytes + length > WRITE_BYTES_MAX) break;
      bytes += length;
      copied += head + toCopiedBytes(envelope, this.patches[this.next]);
      this.next++;
    }
    this.bytes -= bytes;
    this.scratch.write(socket, copied, (memory) => this.fill(memory, first));
  }

  private fill(memory: Buffer, first: number): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let start = 0;
    let at = 0;
    for (let i = first; i < this.next; i++) {
      const envelope = this.envelopes[i] as Uint8Array;
      const patch = this.patches[i];
      at = writeHead(memory, at, envelope.length);
      const copied = toCopiedBytes(envelope, patch);
      memory.set(copied === envelope.length ? envelope : envelope.subarray(0, copied), at);
      if (patch !== undefined) memory.set(patch.bytes, at + patch.offset);
      at += copied;
      if (copied === envelope.length) continue;
      parts.push(memory.subarray(start, at), envelope.subarray(copied));
      start = at;
    }
    if (at > start) parts.push(memory.subarray(start, at));
    return parts;
  }
}

/** How much of an envelope is this connection's own: all of a short one, of others the patch. */
function toCopiedBytes(envelope: Uint8Array, patch: EnvelopePatch | undefined): number {
  if (envelope.length <= COPIED_BYTES_MAX) return envelope.length;
  return patch === undefined ? 0 : patch.offset + patch.bytes.length;
}

function toHeadBytes(payloadBytes: number): number {
  if (payloadBytes < 126) return 2;
  return payloadBytes < 65_536 ? 4 : 10;
}

/** Writes the head of an unmasked, final, binary server frame (RFC 6455 §5.2). */
function writeHead(memory: Buffer, at: number, payloadBytes: number): number {
  memory[at] = 0x82;
  if (payloadBytes < 126) {
    memory[at + 1] = payloadBytes;
  } else if (payloadBytes < 65_536) {
    memory[at + 1] = 126;
    memory[at + 2] = payloadBytes >> 8;
    memory[at + 3] = payloadBytes;
  } else {
    memory[at + 1] = 127;
    memory.writeUInt32BE(0, at + 2);
    memory.writeUInt32BE(payloadBytes, at + 6);
  }
  return at + toHeadBytes(payloadBytes);
}
