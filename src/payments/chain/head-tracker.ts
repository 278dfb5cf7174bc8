import type { Block } from "./reads.ts";

const BLOCKS_KEPT = 256;
const INTERVAL_MS_MIN = 5;
const INTERVAL_MS_MAX = 250;
/** A block that is early, or was not the one expected, is noticed after so long at the latest. */
const REST_MS_MAX = 1_000;

/** What a newly read block means. */
export type HeadNews = "same" | "behind" | "new" | "reorg";

/** Remembers the last blocks' hashes, to notice when the chain took some of them back. */
export class HeadTracker {
  head: Block | undefined;
  private readonly hashes = new Map<number, string>();
  private arrivedAtMs = 0;
  private blockMs = 2_000;

  /**
   * When to look for a new block while one is waited for, in milliseconds from now: seldom before it
   * can be expected, often about then, ever less often when it does not come.
   */
  pollMs(nowMs: number): number {
    const dueMs = this.arrivedAtMs + this.blockMs - nowMs;
    const restMs = dueMs - this.blockMs / 5;
    if (restMs > INTERVAL_MS_MIN) return Math.min(restMs, REST_MS_MAX);
    const wantedMs = Math.max(this.blockMs / 20, -dueMs / 10);
    return Math.min(Math.max(wantedMs, INTERVAL_MS_MIN), INTERVAL_MS_MAX);
  }

  /** The number of the last block known before, where its successors were not read. */
  findGap(block: Block): number | undefined {
    if (!this.head || block.number <= this.head.number + 1) return undefined;
    return this.head.number;
  }

  /**
   * Takes a block that a node calls its latest.
   * @param before the block at `findGap`'s number as the same node has it now
   */
  take(block: Block, before: Block | undefined, atMs: number): HeadNews {
    const known = this.hashes.get(block.number);
    if (known === block.hash) return this.head?.hash === block.hash ? "same" : "behind";
    const parent = this.hashes.get(block.number - 1);
    const reorg =
      known !== undefined ||
      (parent !== undefined && parent !== block.parentHash) ||
      (before !== undefined && this.hashes.get(before.number) !== before.hash) ||
      (this.head !== undefined && block.number < this.head.number && parent === undefined);
    if (reorg) this.hashes.clear();
    else this.measure(block, atMs);
    this.remember(block);
    this.arrivedAtMs = atMs;
    return reorg ? "reorg" : "new";
  }

  private measure(block: Block, atMs: number): void {
    if (!this.head) return;
    const blocks = block.number - this.head.number;
    const sample = Math.min((atMs - this.arrivedAtMs) / Math.max(blocks, 1), 15_000);
    // A shorter interval is believed at once, a longer one slowly: too early costs a call, too late
    // delays payments by a block.
    this.blockMs = Math.min(sample, this.blockMs * 0.8 + sample * 0.2);
  }

  private remember(block: Block): void {
    this.head = block;
    this.hashes.set(block.number, block.hash);
    this.hashes.delete(block.number - BLOCKS_KEPT);
    if (this.hashes.size > 2 * BLOCKS_KEPT) this.hashes.clear();
  }
}
