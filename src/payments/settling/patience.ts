/** Entries that nobody asked about for so many blocks are forgotten. */
const KEPT_BLOCKS = 64;

interface Wait {
  readonly firstBlock: number;
  readonly firstMs: number;
  lastBlock: number;
}

/** Remembers since when something has been waited for. */
export class Patience {
  private readonly waits = new Map<string, Wait>();

  /** Notes that it is waited for still, at this block; gives for how long already. */
  note(id: string, block: number): { readonly blocks: number; readonly ms: number } {
    const nowMs = performance.now();
    const wait = this.waits.get(id) ?? { firstBlock: block, firstMs: nowMs, lastBlock: block };
    wait.lastBlock = block;
    this.waits.set(id, wait);
    return { blocks: block - wait.firstBlock, ms: nowMs - wait.firstMs };
  }

  forget(id: string): void {
    this.waits.delete(id);
  }

  get empty(): boolean {
    return this.waits.size === 0;
  }

  /** Forgets what has not been noted for long. */
  prune(block: number): void {
    for (const [id, { lastBlock }] of this.waits) {
      if (block - lastBlock > KEPT_BLOCKS) this.waits.delete(id);
    }
  }
}
