import type { Writable } from "node:stream";
import type { EnvelopePatch } from "./transport.ts";

/** Envelopes up to this length are copied together; of longer ones recipients share the bytes. */
const COPIED_BYTES_MAX = 32 * 1024;
const SCRATCH_BYTES = 256 * 1024;

/**
 * Memory in which one connection's writes of a turn are put together. All connections share it: the
 * kernel takes most writes at once, and then it is free for the next one.
 */
export class ScratchBuffer {
  private shared = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  /** Writes what `fill` puts into memory of that length. */
  write(socket: Writable, length: number, fill: (memory: Buffer) => Uint8Array[]): void {
    // Behind a backlog the memory stays needed; then it is as long as what it holds.
    const isShared = length <= SCRATCH_BYTES && socket.writableLength === 0;
    const parts = fill(isShared ? this.shared : Buffer.allocUnsafe(length));
    if (parts.length > 1) socket.cork();
    for (const part of parts) socket.write(part);
    if (parts.length > 1) socket.uncork();
    if (isShared && socket.writableLength > 0) this.shared = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  }
}

/** The envelopes one connection is sent within a turn, as WebSocket frames. */
export class OutboundBatch {
  /** Bytes the frames will have. */
  bytes = 0;
  private readonly scratch: ScratchBuffer;
  private envelopes: Uint8Array[] = [];
  private patches: (EnvelopePatch | undefined)[] = [];
  private copiedBytes = 0;

  constructor(scratch: ScratchBuffer) {
    this.scratch = scratch;
  }

  /** Adds an envelope, which must not change any more. */
  add(envelope: Uint8Array, patch: EnvelopePatch | undefined): void {
    const head = toHeadBytes(envelope.length);
    this.envelopes.push(envelope);
    this.patches.push(patch);
    this.bytes += head + envelope.length;
    this.copiedBytes += head + toCopiedBytes(envelope, patch);
  }

  /** Drops everything. */
  clear(): void {
    this.envelopes = [];
    this.patches = [];
    this.bytes = 0;
    this.copiedBytes = 0;
  }

  /** Writes everything in one system call, as far as the kernel takes it. */
  writeTo(socket: Writable): void {
    if (this.bytes === 0) return;
    const { envelopes, patches, copiedBytes } = this;
    this.clear();
    this.scratch.write(socket, copiedBytes, (memory) => fill(memory, envelopes, patches));
  }
}

function fill(
  memory: Buffer,
  envelopes: readonly Uint8Array[],
  patches: readonly (EnvelopePatch | undefined)[],
): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  let at = 0;
  for (let i = 0; i < envelopes.length; i++) {
    const envelope = envelopes[i] as Uint8Array;
    const patch = patches[i];
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
