/** Below it what a connection holds does not count. */
const COUNTED_BYTES_MIN = 256 * 1024;

/** A connection as far as the budget cares. */
export interface Holder {
  /** Bytes of a message that has begun and not ended. */
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
  private readonly holders = new Set<Holder>();
  /** Not less than what they hold; messages end meanwhile. */
  private bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Notes that a connection has received bytes. */
  add(holder: Holder, received: number): void {
    if (holder.heldBytes < COUNTED_BYTES_MIN) return;
    this.bytes += this.holders.has(holder) ? received : holder.heldBytes;
    this.holders.add(holder);
    if (this.bytes <= this.bytesMax) return;
    const fullest = this.recount();
    if (fullest === undefined || this.bytes <= this.bytesMax) return;
    this.remove(fullest);
    fullest.refuseHeld();
  }

  /** Forgets a connection that is gone. */
  remove(holder: Holder): void {
    this.holders.delete(holder);
  }

  private recount(): Holder | undefined {
    let fullest: Holder | undefined;
    this.bytes = 0;
    for (const holder of this.holders) {
      const { heldBytes } = holder;
      if (heldBytes < COUNTED_BYTES_MIN) this.holders.delete(holder);
      else this.bytes += heldBytes;
      if (heldBytes > (fullest?.heldBytes ?? 0)) fullest = holder;
    }
    return fullest;
  }
}
