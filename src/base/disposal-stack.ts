/** Parts to be given up in the reverse order; AsyncDisposableStack is missing in Node 22. */
export class DisposalStack implements AsyncDisposable {
  #disposals: (() => unknown)[] = [];

  /** Gives a part up with the others; returns it. */
  use<T extends AsyncDisposable | Disposable>(part: T): T {
    this.#disposals.push(() =>
      Symbol.asyncDispose in part ? part[Symbol.asyncDispose]() : part[Symbol.dispose](),
    );
    return part;
  }

  /** Calls a function when it is this one's turn. */
  defer(dispose: () => unknown): void {
    this.#disposals.push(dispose);
  }

  /** Hands everything over to a new stack; this one then gives up nothing. */
  move(): DisposalStack {
    const moved = new DisposalStack();
    [moved.#disposals, this.#disposals] = [this.#disposals, []];
    return moved;
  }

  /**
   * Gives every part up, the latest first, also after one that fails.
   * @throws what a part threw; AggregateError where there are several
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let dispose = this.#disposals.pop(); dispose; dispose = this.#disposals.pop()) {
      try {
        await dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 1) throw new AggregateError(errors, "Parts could not be given up.");
    if (errors.length === 1) throw errors[0];
  }
}
