import type { GateMark, ZoneGate } from "../../zones/zone-gate.ts";

/** What is to be sent, by name, and the zone whose record says so. */
export interface Sendable {
  readonly id: string;
  readonly zoneId: string;
}

/**
 * Keeps what is to be signed or broadcast waiting until enough of its zone's voters hold the record of it;
 * `docs/protocol.md` §9.7, §9.9. What is there after a start waits, too: nobody may hold it yet.
 */
export class SendGate {
  private readonly gate: ZoneGate;
  private readonly wake: () => void;
  private marks = new Map<string, GateMark>();

  constructor(gate: ZoneGate, wake: () => void) {
    this.gate = gate;
    this.wake = wake;
  }

  /** How many of what was seen last still wait. */
  get waiting(): number {
    return [...this.marks.values()].filter((mark) => !this.gate.isReleased(mark)).length;
  }

  /** Picks from everything that waits, which is durable, what may be sent. */
  pick<T>(items: readonly T[], toSendable: (item: T) => Sendable): T[] {
    const marks = new Map<string, GateMark>();
    const picked = items.filter((item) => {
      const { id, zoneId } = toSendable(item);
      const mark = this.marks.get(id) ?? this.note(zoneId);
      if (mark !== undefined) marks.set(id, mark);
      return this.gate.isReleased(mark);
    });
    this.marks = marks;
    return picked;
  }

  private note(zoneId: string): GateMark | undefined {
    const mark = this.gate.mark(zoneId, "money");
    if (!this.gate.isReleased(mark)) this.gate.wait(mark, this.wake);
    return mark;
  }
}
