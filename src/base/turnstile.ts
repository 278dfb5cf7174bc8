/** Lets some run at once, has some more wait in their order, and turns the rest away. */
export class Turnstile {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly runningMax: number;
  private readonly waitingMax: number;

  constructor(runningMax: number, waitingMax: number) {
    this.runningMax = runningMax;
    this.waitingMax = waitingMax;
  }

  /** Runs it in its turn; undefined, and nothing run, where too many wait already. */
  async pass<T>(run: () => Promise<T>): Promise<{ readonly result: T } | undefined> {
    if (this.running >= this.runningMax) {
      if (this.waiting.length >= this.waitingMax) return undefined;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return { result: await run() };
    } finally {
      // The next one takes over the place.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
