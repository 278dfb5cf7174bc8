/** What was read is shown again for so many times as long as reading it took: at most 1 % of the time. */
const REST = 100;
const REST_MS_MIN = 1000;

/** Reads something that may take long, and shows what it read to everybody for a while in proportion. */
export class Remembered<T> {
  private known: { readonly value: T; readonly untilMs: number } | undefined;

  /** What was read a while ago, or now by `read`. */
  async get(read: () => Promise<T>): Promise<T> {
    const beganMs = performance.now();
    if (this.known !== undefined && beganMs < this.known.untilMs) return this.known.value;
    const value = await read();
    const endMs = performance.now();
    this.known = { value, untilMs: endMs + Math.max(REST_MS_MIN, REST * (endMs - beganMs)) };
    return value;
  }
}
