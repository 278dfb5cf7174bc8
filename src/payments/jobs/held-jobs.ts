import type { TxKind } from "../../store/payments/schema.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";

/** So many are asked about in one block; what comes after them waits. */
const HELD_MAX = 16;

/** What of one kind no node can judge now: each is left alone until the next block, and keeps no other waiting. */
export class HeldJobs<Id> {
  private readonly kind: TxKind;
  private readonly onUnjudged: (kind: TxKind, words: string) => void;
  /** With the block at which each was asked about. */
  private readonly blocks = new Map<Id, number>();

  /** @param onUnjudged hears of each that waits, with a node's words */
  constructor(kind: TxKind, onUnjudged: (kind: TxKind, words: string) => void) {
    this.kind = kind;
    this.onUnjudged = onUnjudged;
  }

  get ids(): Id[] {
    return [...this.blocks.keys()];
  }

  get size(): number {
    return this.blocks.size;
  }

  /** Whether nothing more is to be asked about at this block. */
  get isFull(): boolean {
    return this.blocks.size >= HELD_MAX;
  }

  /** Lets those go that were held at an earlier block. */
  enter(head: number): void {
    for (const [id, block] of this.blocks) if (block < head) this.blocks.delete(id);
  }

  /**
   * Asks about one, and holds it where nodes answer but do not execute it.
   * @returns whether it is held, and else what was found
   * @throws RpcError where no node answers
   */
  async ask<T>(
    id: Id,
    head: number,
    find: () => Promise<T>,
  ): Promise<{ readonly isHeld: true } | { readonly isHeld: false; readonly found: T }> {
    try {
      return { isHeld: false, found: await find() };
    } catch (error) {
      if (!(error instanceof RpcError) || error.fault === "unavailable") throw error;
      this.blocks.set(id, head);
      this.onUnjudged(this.kind, error.words);
      return { isHeld: true };
    }
  }
}
