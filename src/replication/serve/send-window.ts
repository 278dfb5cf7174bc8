interface Sent {
  readonly mark: number;
  readonly bytes: number;
}

/**
 * Counts what was sent on one subscription and not acknowledged yet; acknowledgements are cumulative;
 * `docs/protocol.md` §9.12.
 */
export class SendWindow {
  private readonly bytesMax: number;
  private sent: Sent[] = [];
  private total = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Bytes sent and not acknowledged. */
  get bytes(): number {
    return this.total;
  }

  /** How much fits beside what is under way; what one message has always does where nothing is. */
  get room(): number {
    return this.total === 0 ? Number.POSITIVE_INFINITY : Math.max(0, this.bytesMax - this.total);
  }

  /** Counts a message. @param mark the number it ends at; numbers go up */
  add(mark: number, bytes: number): void {
    this.sent.push({ mark, bytes });
    this.total += bytes;
  }

  /** Takes off everything up to a number. */
  acknowledge(mark: number): void {
    const left = this.sent.findIndex((message) => message.mark > mark);
    const gone = left < 0 ? this.sent : this.sent.slice(0, left);
    this.sent = left < 0 ? [] : this.sent.slice(left);
    for (const { bytes } of gone) this.total -= bytes;
  }
}
