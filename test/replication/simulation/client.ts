import type { SimChain } from "./chain.ts";
import type { Call, Reply } from "./desk.ts";
import type { Random } from "./random.ts";

interface Authorization {
  readonly nonce: string;
  readonly deadlineMs: number;
}

/** A paying client: asks until it has a final answer, and never signs a second authorization while one could execute. */
export class SimClient {
  readonly request: string;
  private readonly chain: SimChain;
  private readonly signed: Authorization[] = [];
  final: string | undefined;

  constructor(request: string, chain: SimChain) {
    this.request = request;
    this.chain = chain;
  }

  /** What it asks for next. */
  toCall(random: Random): Call {
    const share = random.next();
    if (share < 0.3) return { type: "say" };
    if (share < 0.4) return { type: "read" };
    return { type: "request", request: this.request, nonce: this.signed.at(-1)?.nonce };
  }

  /** Asks for its request only. */
  toRequest(): Call {
    return { type: "request", request: this.request, nonce: this.signed.at(-1)?.nonce };
  }

  take(reply: Reply): void {
    if (reply.type === "final") this.final = reply.state;
    if (reply.type !== "required") return;
    if (this.signed.some(({ nonce }) => nonce === reply.nonce)) return;
    const mayExecute = this.signed.some(
      ({ nonce, deadlineMs }) => this.chain.nowMs <= deadlineMs || this.chain.isUsed(nonce),
    );
    if (!mayExecute) this.signed.push(reply);
  }

  /** It has an answer, or one that accepted loss took from it. */
  get isSettled(): boolean {
    return this.final !== undefined;
  }

  /** It paid, and the zone knows nothing of it: the stewards' operators must be asked. */
  get isOrphaned(): boolean {
    return this.signed.some(({ nonce }) => this.chain.isUsed(nonce));
  }
}
