interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Simulated time: what is to happen, in order. */
export class SimClock {
  nowMs = 0;
  private order = 0;
  private readonly heap: Timer[] = [];

  /** Runs something later. */
  after(delayMs: number, run: () => void): void {
    this.order += 1;
    this.push({ atMs: this.nowMs + delayMs, order: this.order, run });
  }

  /** Runs what is due until a time, and `each` after each of it. */
  runUntil(endMs: number, each: () => void): void {
    for (let next = this.heap[0]; next !== undefined && next.atMs <= endMs; next = this.heap[0]) {
      this.pop();
      this.nowMs = next.atMs;
      next.run();
      each();
    }
    this.nowMs = endMs;
  }

  private push(timer: Timer): void {
    const { heap } = this;
    heap.push(timer);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.swapIfBefore(at, parent)) break;
      at = parent;
    }
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = right < heap.length && this.isBefore(right, left) ? right : left;
      if (child >= heap.length || !this.swapIfBefore(child, at)) break;
      at = child;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const [first, second] = [this.heap[a], this.heap[b]];
    if (first === undefined || second === undefined) return false;
    return (
      first.atMs - second.atMs < 0 || (first.atMs === second.atMs && first.order < second.order)
    );
  }

  /** Swaps a timer with its parent where it comes first. */
  private swapIfBefore(child: number, parent: number): boolean {
    const { heap } = this;
    const [below, above] = [heap[child], heap[parent]];
    if (below === undefined || above === undefined || !this.isBefore(child, parent)) return false;
    heap[child] = above;
    heap[parent] = below;
    return true;
  }
}
