/** Below it what a connection holds does not count. */
const COUNTED_BYTES_MIN = 256 * 1024;

/** A connection as far as the budget cares. */
export interface Holder {
  /** What a message that has begun and not ended costs in memory. */
  readonly heldBytes: number;
  /** Closes it. */
  refuseHeld(): void;
}

/**
 * Bounds what all connections together hold of messages that have yet to end: whoever begins many
 * and ends none would otherwise take the memory of the others. Over it the one with the most goes.
 */
export class InboundBudget {
  private readonly bytesMax: number;
  /** What each held when it last received bytes; it changes at no other time. */
  private readonly holders = new Map<Holder, number>();
  private bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** What they hold now, without what is small. */
  get heldBytes(): number {
    return this.bytes;
  }

  /** Notes that a connection has received bytes. */
  update(holder: Holder): void {
    const { heldBytes } = holder;
    if (heldBytes < COUNTED_BYTES_MIN) return this.remove(holder);
    this.bytes += heldBytes - (this.holders.get(holder) ?? 0);
    this.holders.set(holder, heldBytes);
    if (this.bytes > this.bytesMax) this.refuseFullest();
  }

  /** Forgets a connection that is gone. */
  remove(holder: Holder): void {
    this.bytes -= this.holders.get(holder) ?? 0;
    this.holders.delete(holder);
  }

  private refuseFullest(): void {
    let fullest: Holder | undefined;
    for (const [holder, held] of this.holders) {
      if (fullest === undefined || held > (this.holders.get(fullest) ?? 0)) fullest = holder;
    }
    if (fullest === undefined) return;
    this.remove(fullest);
    fullest.refuseHeld();
  }
}
