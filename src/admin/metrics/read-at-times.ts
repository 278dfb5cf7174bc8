/** A reading is repeated until so many times as long as it took have passed: at most 1 % of the time. */
const REST = 100;
const REST_MS_MIN = 1000;

/** Reads something that may take long, and repeats what it read for a while in proportion. */
export class ReadAtTimes<T> {
  private readonly run: () => T;
  private known: { readonly value: T; readonly untilMs: number } | undefined;

  constructor(run: () => T) {
    this.run = run;
  }

  /** What it read now, or a while ago. */
  read(): T {
    const beganMs = performance.now();
    if (this.known !== undefined && beganMs < this.known.untilMs) return this.known.value;
    const value = this.run();
    const endMs = performance.now();
    const restMs = Math.max(REST_MS_MIN, REST * (endMs - beganMs));
    this.known = { value, untilMs: endMs + restMs };
    return value;
  }
}
