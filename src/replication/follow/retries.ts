/** How soon it is asked again after what was of no use; doubled up to the last. */
const RETRY_MS = 250;
const RETRY_MS_MAX = 5_000;

/** Has something done again, later and later until it was of use. */
export class Retries {
  private readonly again: () => void;
  private timer: NodeJS.Timeout | undefined;
  private ms = RETRY_MS;

  constructor(again: () => void) {
    this.again = again;
  }

  /** Has it done again, unless that is to be already. */
  schedule(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.again();
    }, this.ms).unref();
    this.ms = Math.min(RETRY_MS_MAX, this.ms * 2);
  }

  /** It was of use. */
  reset(): void {
    this.ms = RETRY_MS;
  }

  /** Does nothing again of what was to be. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
