/** Lets one loop sleep until there is something to do; a raise while it works is not lost. */
export class Signal {
  private raised = false;
  private wake: (() => void) | undefined;

  raise(): void {
    this.raised = true;
    this.wake?.();
  }

  /** Raises it later, unless the process ends before. */
  raiseIn(ms: number): void {
    setTimeout(() => this.raise(), ms).unref();
  }

  /** Resolves at the next raise, at once where there was one, or after `timeoutMs`. */
  async wait(timeoutMs?: number): Promise<void> {
    if (!this.raised) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.wake = resolve;
      const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
      await promise;
      clearTimeout(timer);
    }
    this.wake = undefined;
    this.raised = false;
  }
}
