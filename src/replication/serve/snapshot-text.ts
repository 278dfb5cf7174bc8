import type { ChainHash } from "../../protocol/log-chain.ts";
import { type SnapshotStart, toChunkHash, toSnapshotStartHash } from "../../protocol/snapshot.ts";
import { sliceText } from "./text-slices.ts";

/** One chunk of a snapshot, as it is sent; `docs/protocol.md` §9.6. */
export interface TextChunk {
  readonly index: number;
  readonly text: string;
  /** After it, hex. */
  readonly hash: string;
}

/**
 * Puts a snapshot's lines together to chunks, cut only where they are longer than one, and hashes these one
 * after the other; holds what does not fill a chunk yet; `docs/protocol.md` §9.6.
 */
export class SnapshotText {
  private readonly hasher: ChainHash;
  private readonly chunkBytes: number;
  private hash: string;
  private count = 0;
  /** Chunks that are whole. */
  private readonly ready: string[] = [];
  private lines: string[] = [];
  private bytes = 0;

  /** @param chunkBytes how much UTF-8 a chunk has at most */
  constructor(hasher: ChainHash, start: SnapshotStart, chunkBytes: number) {
    this.hasher = hasher;
    this.chunkBytes = chunkBytes;
    this.hash = toSnapshotStartHash(hasher, start);
  }

  /** How many chunks were taken, and the hash after the last of them. */
  get end(): { readonly chunks: number; readonly hash: string } {
    return { chunks: this.count, hash: this.hash };
  }

  /** Whether a whole chunk can be taken. */
  get isFull(): boolean {
    return this.ready.length > 0;
  }

  /** Adds a line's text, newline included. */
  add(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.bytes + bytes > this.chunkBytes) this.close();
    if (bytes > this.chunkBytes) this.ready.push(...sliceText(line, this.chunkBytes));
    else {
      this.lines.push(line);
      this.bytes += bytes;
    }
  }

  /** Takes the next chunk; undefined where nothing is left. */
  take(): TextChunk | undefined {
    if (this.ready.length === 0) this.close();
    const text = this.ready.shift();
    if (text === undefined) return undefined;
    this.hash = toChunkHash(this.hasher, this.hash, text);
    return { index: this.count++, text, hash: this.hash };
  }

  private close(): void {
    if (this.lines.length > 0) this.ready.push(this.lines.join(""));
    this.lines = [];
    this.bytes = 0;
  }
}
