import { CircuitBreaker } from "./circuit-breaker.ts";

/** The breakers of everything that the steward posts to, by name. */
export class Breakers {
  private readonly monotonicMs: () => number;
  private readonly breakers = new Map<string, CircuitBreaker>();
  private readonly closeListeners: ((name: string) => void)[] = [];

  /** @param monotonicMs milliseconds of a clock that nobody sets */
  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /** The breaker of a name; one that has not been asked for is closed. */
  get(name: string): CircuitBreaker {
    const known = this.breakers.get(name);
    if (known !== undefined) return known;
    const breaker = new CircuitBreaker(this.monotonicMs);
    this.breakers.set(name, breaker);
    return breaker;
  }

  find(name: string): CircuitBreaker | undefined {
    return this.breakers.get(name);
  }

  /** All of them, by name. */
  list(): readonly (readonly [name: string, breaker: CircuitBreaker])[] {
    return [...this.breakers].sort(([left], [right]) => (left < right ? -1 : 1));
  }

  /** Closes one, on the operator's word. */
  close(name: string): void {
    this.breakers.get(name)?.close();
    for (const listener of this.closeListeners) listener(name);
  }

  /** Has those told that wait for one, when the operator closes it. */
  onClose(listener: (name: string) => void): void {
    this.closeListeners.push(listener);
  }

  /** Forgets the breaker of what is posted to no more. */
  forget(name: string): void {
    this.breakers.delete(name);
  }
}
