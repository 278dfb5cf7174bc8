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
 * Cuts a snapshot's lines into chunks and hashes them, one after the other; holds what does not fill a
 * chunk yet; `docs/protocol.md` §9.6.
 */
export class SnapshotText {
  private readonly hasher: ChainHash;
  private readonly chunkBytes: number;
  private hash: string;
  private count = 0;
  private lines: string[] = [];
  private chars = 0;
  private slices: string[] = [];

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
    return this.slices.length > 1 || this.chars >= this.chunkBytes;
  }

  /** Adds a line's text, newline included. */
  add(line: string): void {
    this.lines.push(line);
    this.chars += line.length;
  }

  /** Takes the next chunk; undefined where nothing is left. */
  take(): TextChunk | undefined {
    if (this.slices.length < 2 && this.lines.length > 0) {
      const text = (this.slices[0] ?? "") + this.lines.join("");
      this.slices = [...sliceText(text, this.chunkBytes)];
      this.lines = [];
      this.chars = 0;
    }
    const text = this.slices.shift();
    if (text === undefined) return undefined;
    this.hash = toChunkHash(this.hasher, this.hash, text);
    return { index: this.count++, text, hash: this.hash };
  }
}
