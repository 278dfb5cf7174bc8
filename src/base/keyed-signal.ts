/** Lets callers wait until something about a key changed; lost on restart, as its callers are. */
export class KeyedSignal {
  /** Set when nothing will change any more. */
  ended = false;
  private readonly waiting = new Map<string, Set<() => void>>();

  /** Wakes whoever waits for a key. */
  tell(key: string): void {
    const waiting = this.waiting.get(key);
    this.waiting.delete(key);
    for (const wake of waiting ?? []) wake();
  }

  /** Resolves when something about a key changed, or after `ms`. */
  async wait(key: string, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.waiting.get(key) ?? new Set();
    this.waiting.set(key, waiting.add(resolve));
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0 && this.waiting.get(key) === waiting) this.waiting.delete(key);
  }

  /** Wakes everybody, as nothing will change any more. */
  end(): void {
    this.ended = true;
    for (const key of [...this.waiting.keys()]) this.tell(key);
  }
}
