/** Questions that were answered before a larger one is tried again. */
const GROW_AFTER = 100;

/** How many blocks a node takes in one question for events: halved when it refuses, and grown slowly. */
export class LogSpan {
  /** Infinite until a node refused. */
  blocks = Number.POSITIVE_INFINITY;
  private answered = 0;

  /** A question of so many blocks was refused. */
  refused(blocks: number): void {
    this.blocks = Math.max(1, Math.floor(blocks / 2));
    this.answered = 0;
  }

  /** A question of so many blocks was answered. */
  took(blocks: number): void {
    if (blocks < this.blocks) return;
    this.answered += 1;
    if (this.answered < GROW_AFTER) return;
    this.answered = 0;
    this.blocks *= 2;
  }
}
