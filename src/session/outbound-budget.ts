/** Below it a connection's backlog does not count: most of it is on its way already. */
const COUNTED_BYTES_MIN = 256 * 1024;

/** A session as far as the budget cares. */
export interface Backlogged {
  readonly connection: { readonly bufferedBytes: number };
  /** Closes it for not reading what it is sent. */
  closeTooSlow(): void;
}

/**
 * Bounds what all sessions together have yet to be sent of answers, which unlike deliveries share no
 * memory. Over it the session with the most goes; `docs/protocol.md` §4.
 */
export class OutboundBudget {
  private readonly bytesMax: number;
  private readonly backlogged = new Set<Backlogged>();
  /** Not less than what they have; they read meanwhile. */
  private bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Counts an answer that is about to be queued; a session, perhaps its own, may be closed for it. */
  add(session: Backlogged, bytes: number): void {
    if (session.connection.bufferedBytes + bytes < COUNTED_BYTES_MIN) return;
    this.backlogged.add(session);
    this.bytes += bytes;
    if (this.bytes <= this.bytesMax) return;
    const fullest = this.recount();
    this.bytes += bytes;
    if (this.bytes > this.bytesMax) fullest?.closeTooSlow();
  }

  /** Forgets a session that is over. */
  remove(session: Backlogged): void {
    this.backlogged.delete(session);
  }

  private recount(): Backlogged | undefined {
    let fullest: Backlogged | undefined;
    this.bytes = 0;
    for (const session of this.backlogged) {
      const { bufferedBytes } = session.connection;
      if (bufferedBytes < COUNTED_BYTES_MIN) this.backlogged.delete(session);
      else this.bytes += bufferedBytes;
      if (bufferedBytes > (fullest?.connection.bufferedBytes ?? -1)) fullest = session;
    }
    return fullest;
  }
}
