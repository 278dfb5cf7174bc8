import type { AckKind } from "../../../src/replication/core/state.ts";

interface Held {
  readonly kind: AckKind;
  readonly n: number;
  readonly sinceMs: number;
  readonly run: () => void;
  /** Leaves in its place when L has passed, or the steward is deposed. */
  readonly abort: (why: "REPLICATION_TIMEOUT" | "DEPOSED") => void;
  /** It still happens when acknowledgements come. */
  readonly isLasting: boolean;
}

/** What waits for acknowledgements at a steward. */
export class SimGate {
  private held: Held[] = [];

  get size(): number {
    return this.held.length;
  }

  clear(): void {
    this.held = [];
  }

  add(held: Held): void {
    this.held.push(held);
  }

  /** Lets go what is released. */
  release(released: Readonly<Record<AckKind, number>>): void {
    const free = this.held.filter(({ kind, n }) => n <= released[kind]);
    if (free.length === 0) return;
    this.held = this.held.filter((held) => !free.includes(held));
    for (const { run } of free) run();
  }

  /** Gives up what waited too long. */
  expire(beforeMs: number): void {
    const late = this.held.filter(({ sinceMs, isLasting }) => sinceMs < beforeMs && !isLasting);
    this.held = this.held.filter((held) => !late.includes(held));
    for (const { abort } of late) abort("REPLICATION_TIMEOUT");
  }

  /** Gives everything up: another steward is primary. */
  depose(): void {
    const { held } = this;
    this.held = [];
    for (const { abort } of held) abort("DEPOSED");
  }
}
