import type { Delivery } from "../calls/replies.ts";

/** Deliveries held while what comes before them is being read; past it they come from history. */
export const HELD_DELIVERIES_MAX = 1000;

/** Own messages remembered, so that a session that did not send them does not hand them on either. */
const OWN_REMEMBERED_MAX = 1000;

/** One position: something to hand on, or a message of this agent, which it does not get back. */
type Slot = Delivery | "own";

/**
 * Puts live deliveries, history pages and the agent's own messages of one zone into one sequence:
 * every `seq` once, in order, without gaps; `docs/protocol.md` §6.
 */
export class ZoneFeed {
  #lastSeq: number | undefined;
  /** The highest position known to exist. */
  #knownSeq = 0;
  readonly #held = new Map<number, Slot>();
  readonly #unanswered = new Set<string>();
  readonly #own = new Set<string>();
  readonly #ownNodeId: string;

  /** @param ownNodeId another node may use the id of one of this agent's messages for its own */
  constructor(ownNodeId: string) {
    this.#ownNodeId = ownNodeId;
  }

  /** The last position handed on; undefined until `start`. */
  get lastSeq(): number | undefined {
    return this.#lastSeq;
  }

  /** Whether something after `lastSeq` exists that is not here: only history can bring it. */
  get hasGap(): boolean {
    return this.#lastSeq !== undefined && this.#knownSeq > this.#lastSeq;
  }

  /** Whether a message of this agent still waits for its position, which may be the gap. */
  get hasUnanswered(): boolean {
    return this.#unanswered.size > 0;
  }

  /**
   * Sets the position after which everything is handed on, and the head that is known to exist.
   * @returns what was held and is next in order
   */
  start(lastSeq: number, headSeq: number): Delivery[] {
    this.#lastSeq = lastSeq;
    this.noteHead(headSeq);
    for (const seq of this.#held.keys()) if (seq <= lastSeq) this.#held.delete(seq);
    return this.#drain();
  }

  /** Notes a head that is known to exist. */
  noteHead(headSeq: number): void {
    this.#knownSeq = Math.max(this.#knownSeq, headSeq);
  }

  /** Gives up what lies up to a position, which nobody keeps any more; returns what is next in order. */
  skipTo(seq: number): Delivery[] {
    if (this.#lastSeq === undefined || seq <= this.#lastSeq) return [];
    return this.start(seq, seq);
  }

  /** Goes back: everything from a position on is handed on again, as it is now; `docs/protocol.md` §9.14. */
  rewind(seq: number): void {
    this.#lastSeq = seq - 1;
    this.#knownSeq = seq - 1;
    this.#held.clear();
  }

  /** Takes a live delivery; returns what is next in order, which may be nothing or several. */
  offer(delivery: Delivery): Delivery[] {
    return this.#place(delivery.seq, this.#toSlot(delivery));
  }

  /** Notes that a message of this agent leaves. */
  expectOwn(id: string): void {
    this.#unanswered.add(id);
    this.#own.add(id);
    const oldest = this.#own.values().next().value;
    if (this.#own.size > OWN_REMEMBERED_MAX && oldest !== undefined) this.#own.delete(oldest);
  }

  /** Ends the wait for an own message, with its position where the steward told it. */
  settleOwn(id: string, seq?: number): Delivery[] {
    this.#unanswered.delete(id);
    return seq === undefined ? [] : this.#place(seq, "own");
  }

  /**
   * Takes a page of history and the head it names.
   * @returns what is next in order
   */
  takePage(deliveries: readonly Delivery[], headSeq: number): Delivery[] {
    this.noteHead(headSeq);
    return deliveries.flatMap((delivery) => this.#place(delivery.seq, this.#toSlot(delivery)));
  }

  #toSlot(delivery: Delivery): Slot {
    if (delivery.type !== "zone.message" || delivery.from !== this.#ownNodeId) return delivery;
    return this.#own.has(delivery.id) ? "own" : delivery;
  }

  #place(seq: number, slot: Slot): Delivery[] {
    if (this.#lastSeq !== undefined && seq <= this.#lastSeq) return [];
    this.#knownSeq = Math.max(this.#knownSeq, seq);
    if (this.#lastSeq !== undefined && seq === this.#lastSeq + 1) {
      this.#held.set(seq, this.#held.get(seq) ?? slot);
    } else if (!this.#held.has(seq) && (slot === "own" || this.#held.size < HELD_DELIVERIES_MAX)) {
      this.#held.set(seq, slot);
    }
    return this.#drain();
  }

  #drain(): Delivery[] {
    const ready: Delivery[] = [];
    if (this.#lastSeq === undefined) return ready;
    for (;;) {
      const next: number = this.#lastSeq + 1;
      const slot = this.#held.get(next);
      if (slot === undefined) return ready;
      this.#held.delete(next);
      this.#lastSeq = next;
      if (slot !== "own") ready.push(slot);
    }
  }
}
