import type { TxKind } from "../../store/payments/schema.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";

/** So many that cannot be judged are asked about in one block; what comes after them has its turn at the next. */
const UNJUDGED_MAX = 16;

/** What of one kind no node can judge now: each is left alone until all that waits has had its turn. */
export class HeldJobs<Id> {
  private readonly kind: TxKind;
  private readonly onUnjudged: (kind: TxKind, words: string) => void;
  private readonly held = new Set<Id>();
  private head = 0;
  private unjudged = 0;
  private isOver = false;

  /** @param onUnjudged hears of each that waits, with a node's words */
  constructor(kind: TxKind, onUnjudged: (kind: TxKind, words: string) => void) {
    this.kind = kind;
    this.onUnjudged = onUnjudged;
  }

  get ids(): Id[] {
    return [...this.held];
  }

  get size(): number {
    return this.held.size;
  }

  /** Whether nothing more is to be asked about at this block. */
  get isFull(): boolean {
    return this.unjudged >= UNJUDGED_MAX;
  }

  /** Goes on at a block; where all had their turn, all have it again. */
  enter(head: number): void {
    if (head === this.head) return;
    this.head = head;
    this.unjudged = 0;
    if (this.isOver) this.held.clear();
    this.isOver = false;
  }

  /** All that waits had its turn. */
  end(): void {
    this.isOver = true;
  }

  /**
   * Asks about one, and holds it where nodes answer but do not execute it.
   * @returns whether it is held, and else what was found
   * @throws RpcError where no node answers
   */
  async ask<T>(
    id: Id,
    find: () => Promise<T>,
  ): Promise<{ readonly isHeld: true } | { readonly isHeld: false; readonly found: T }> {
    try {
      return { isHeld: false, found: await find() };
    } catch (error) {
      if (!(error instanceof RpcError) || error.fault === "unavailable") throw error;
      this.held.add(id);
      this.unjudged += 1;
      this.onUnjudged(this.kind, error.words);
      return { isHeld: true };
    }
  }
}
