import type { GateMark, ZoneGate } from "../../zones/zone-gate.ts";

/** Of jobs that wait to be sent, at least so many are looked at beside those that are held back. */
const LOOKED_AT = 64;

/** What is to be sent, by name, and the zone whose record says so. */
export interface Sendable {
  readonly id: string;
  readonly zoneId: string;
}

/**
 * Keeps what is to be signed or broadcast waiting until enough of its zone's voters hold the record of it, and
 * while another steward is in charge of the zone; `docs/protocol.md` §9.7, §9.9. What is there after a start
 * waits, too: nobody may hold it yet.
 */
export class SendGate {
  private readonly gate: ZoneGate;
  private readonly wake: () => void;
  private marks = new Map<string, GateMark>();
  private held = 0;

  constructor(gate: ZoneGate, wake: () => void) {
    this.gate = gate;
    this.wake = wake;
    gate.onInCharge(() => {
      if (this.held > 0) wake();
    });
  }

  /** How many of what was seen last were held back. */
  get waiting(): number {
    return this.held;
  }

  /** Picks from everything that waits, which is durable, what may be sent. */
  pick<T>(items: readonly T[], toSendable: (item: T) => Sendable): T[] {
    const marks = new Map<string, GateMark>();
    const picked = items.filter((item) => {
      const { id, zoneId } = toSendable(item);
      // What was noted before another steward took over says nothing of what is committed since.
      if (!this.gate.isInCharge(zoneId, "money")) return false;
      const mark = this.marks.get(id) ?? this.note(zoneId);
      if (mark !== undefined) marks.set(id, mark);
      return this.gate.isReleased(mark);
    });
    this.marks = marks;
    this.held = items.length - picked.length;
    return picked;
  }

  /**
   * Picks the first job that may be sent, however many before it may not.
   * @param list reads the oldest ones, at most so many
   */
  pickFirst<T>(
    list: (limit: number) => readonly T[],
    toSendable: (item: T) => Sendable,
  ): T | undefined {
    for (;;) {
      const limit = LOOKED_AT + 2 * this.held;
      const items = list(limit);
      const [first] = this.pick(items, toSendable);
      if (first !== undefined || items.length < limit) return first;
    }
  }

  private note(zoneId: string): GateMark | undefined {
    const mark = this.gate.mark(zoneId, "money");
    if (!this.gate.isReleased(mark)) this.gate.wait(mark, this.wake);
    return mark;
  }
}
