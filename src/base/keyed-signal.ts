/** Lets callers wait until something about an escrow changed; lost on restart, as its callers are. */
export class EscrowNews {
  /** Set when nothing will change any more. */
  ended = false;
  private readonly waiting = new Map<string, Set<() => void>>();

  /** Wakes whoever waits for an escrow. */
  tell(escrowId: string): void {
    const waiting = this.waiting.get(escrowId);
    this.waiting.delete(escrowId);
    for (const wake of waiting ?? []) wake();
  }

  /** Resolves when something about an escrow changed, or after `ms`. */
  async wait(escrowId: string, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.waiting.get(escrowId) ?? new Set();
    this.waiting.set(escrowId, waiting.add(resolve));
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0 && this.waiting.get(escrowId) === waiting) this.waiting.delete(escrowId);
  }

  /** Wakes everybody, as nothing will change any more. */
  end(): void {
    this.ended = true;
    for (const escrowId of [...this.waiting.keys()]) this.tell(escrowId);
  }
}
