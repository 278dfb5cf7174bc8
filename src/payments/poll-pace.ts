const DOWN_POLL_MS = 500;
/** While something on the chain is watched, but not waited for. */
const WATCH_POLL_MS = 2_000;
/** With all else that is asked while nothing is watched, one call in two seconds at most. */
const IDLE_POLL_MS = 4_000;
const VERIFY_MS = 30_000;
const VERIFY_IDLE_MS = 600_000;
/** A payment that has just come does not wait for a verification. */
const VERIFY_BUSY_AFTER_MS = 5_000;

/** Decides how often a chain is asked, by what waits for it. */
export class PollPace {
  /** Whether something waits for a block. */
  busy = false;
  /** Whether what the chain already has could change something: reorgs are looked for. */
  watching = true;
  private busySinceMs = 0;

  /** Whether nothing is waited for or watched. */
  get idle(): boolean {
    return !this.busy && !this.watching;
  }

  /** For how long something has been waiting, in milliseconds. */
  get busyMs(): number {
    return this.busy ? performance.now() - this.busySinceMs : 0;
  }

  /** How old a verification of the contracts may be, in milliseconds. */
  get verifyMs(): number {
    const isNew = this.busy && this.busyMs < VERIFY_BUSY_AFTER_MS;
    return this.idle || isNew ? VERIFY_IDLE_MS : VERIFY_MS;
  }

  /** Takes whether something waits for a block now; true where that is new. */
  setBusy(busy: boolean): boolean {
    const isNew = busy && !this.busy;
    if (isNew) this.busySinceMs = performance.now();
    this.busy = busy;
    return isNew;
  }

  /** When to look for a new block, in milliseconds from now. */
  restMs(isReachable: boolean, busyRestMs: () => number): number {
    if (!isReachable) return DOWN_POLL_MS;
    if (this.busy) return busyRestMs();
    return this.watching ? WATCH_POLL_MS : IDLE_POLL_MS;
  }
}
