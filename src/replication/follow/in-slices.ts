/** How long what came keeps the event loop at a time; at least one runs. */
const SLICE_MS = 8;
/** What one costs beside its bytes while it waits. */
const OVERHEAD_BYTES = 1024;

interface Waiting {
  readonly run: () => void;
  readonly bytes: number;
}

/**
 * Runs what comes in its order, a short while of the event loop at a time: what one read of a socket brought
 * may be work for a second. What waits is bounded; beyond that the oldest runs at once.
 */
export class InSlices {
  private readonly bytesMax: number;
  private readonly onError: (error: unknown) => void;
  private readonly waiting: Waiting[] = [];
  private bytes = 0;
  /** When the slice of this turn of the event loop ends; undefined before it has begun. */
  private endMs: number | undefined;

  /** @param onError hears what a run that had to wait throws */
  constructor(bytesMax: number, onError: (error: unknown) => void) {
    this.bytesMax = bytesMax;
    this.onError = onError;
  }

  /** Runs now, or after what waits already. Throws what `run` throws, where that is now. */
  take(bytes: number, run: () => void): void {
    if (this.waiting.length === 0 && !this.isOver()) return run();
    this.waiting.push({ run, bytes: bytes + OVERHEAD_BYTES });
    this.bytes += bytes + OVERHEAD_BYTES;
    while (this.bytes > this.bytesMax) this.runNext();
  }

  private isOver(): boolean {
    if (this.endMs !== undefined) return performance.now() >= this.endMs;
    this.endMs = performance.now() + SLICE_MS;
    setImmediate(() => this.goOn());
    return false;
  }

  private goOn(): void {
    this.endMs = undefined;
    while (this.waiting.length > 0 && !this.isOver()) this.runNext();
  }

  private runNext(): void {
    const next = this.waiting.shift();
    if (next === undefined) return;
    this.bytes -= next.bytes;
    try {
      next.run();
    } catch (error) {
      this.onError(error);
    }
  }
}
