import type { SimClock } from "./clock.ts";
import type { Random } from "./random.ts";

/** The chain: a nonce is used once, before its deadline; transactions wait in the mempool. */
export class SimChain {
  private readonly clock: SimClock;
  private readonly random: Random;
  /** By nonce: the request that it paid. */
  private readonly used = new Map<string, string>();
  /** By request: who refunded it, each time. */
  readonly refunds = new Map<string, string[]>();

  constructor(clock: SimClock, random: Random) {
    this.clock = clock;
    this.random = random;
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  /** Brings an authorization to the mempool; whoever does, it executes once at most. */
  broadcast(request: string, nonce: string, deadlineMs: number): void {
    this.clock.after(this.random.between(20, 800), () => {
      if (this.nowMs <= deadlineMs && !this.used.has(nonce)) this.used.set(nonce, request);
    });
  }

  isUsed(nonce: string): boolean {
    return this.used.has(nonce);
  }

  refund(request: string, steward: string): void {
    this.refunds.set(request, [...(this.refunds.get(request) ?? []), steward]);
  }

  /** How many nonces of a request were used. */
  countCharges(request: string): number {
    return [...this.used.values()].filter((paid) => paid === request).length;
  }
}
