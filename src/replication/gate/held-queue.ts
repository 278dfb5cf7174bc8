import type { HeldOptions } from "../../zones/zone-gate.ts";

/** An effect that waits for acknowledgements. */
export interface Held {
  /** The number of the commit it depends on. */
  readonly n: number;
  readonly run: () => void;
  readonly options: HeldOptions;
  /** About how much memory it keeps. */
  readonly bytes: number;
  /** When it is given up on, where it can be; of the monotonic clock. */
  readonly deadlineMs: number;
  isDone: boolean;
}

/** Entries that are done and still in their array. */
const SLACK_MAX = 1024;

/** The effects of one zone and class, in their order. */
export class HeldQueue {
  private held: Held[] = [];
  private first = 0;
  /** Those that can be given up on, by deadline. */
  private timed: Held[] = [];
  private firstTimed = 0;
  private frameCount = 0;
  private byteCount = 0;

  /** How many wait. */
  get frames(): number {
    return this.frameCount;
  }

  /** About how much memory they keep. */
  get bytes(): number {
    return this.byteCount;
  }

  add(held: Held): void {
    this.held.push(held);
    if (held.options.late !== undefined) this.timed.push(held);
    this.frameCount++;
    this.byteCount += held.bytes;
  }

  /** Takes the next effect whose commit has a number up to `n`. */
  takeReleased(n: number): Held | undefined {
    while (this.held[this.first]?.isDone) this.first++;
    const held = this.held[this.first];
    return held !== undefined && held.n <= n ? this.take(held) : undefined;
  }

  /** Takes the next effect whose time is over. */
  takeLate(nowMs: number): Held | undefined {
    const held = this.findTimed();
    return held !== undefined && held.deadlineMs <= nowMs ? this.take(held) : undefined;
  }

  /** When the next one's time is over. */
  get nextDeadlineMs(): number | undefined {
    return this.findTimed()?.deadlineMs;
  }

  private findTimed(): Held | undefined {
    while (this.timed[this.firstTimed]?.isDone) this.firstTimed++;
    return this.timed[this.firstTimed];
  }

  private take(held: Held): Held {
    held.isDone = true;
    this.frameCount--;
    this.byteCount -= held.bytes;
    if (this.held.length > 2 * this.frameCount + SLACK_MAX) this.forgetDone();
    return held;
  }

  private forgetDone(): void {
    const isWaiting = ({ isDone }: Held) => !isDone;
    this.held = this.held.filter(isWaiting);
    this.timed = this.timed.filter(isWaiting);
    this.first = 0;
    this.firstTimed = 0;
  }
}
