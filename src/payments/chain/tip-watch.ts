import {
  type Block,
  type RpcCaller,
  readGasPrice,
  readPriorityFee,
  readTipsPaid,
} from "./reads.ts";
import { RpcError } from "./rpc-endpoint.ts";

/** What a node demanded once is offered for so long. */
const DEMAND_MS = 600_000;
/** A tip above so many times what others pay is no advice. */
const PAID_TIMES = 10n;
/** A tip below this part of the fee limit is never worth an argument. */
const SMALL_PART = 100n;
/** No more than this part of the fee limit is taken on one node's word alone. */
const WORD_PART = 10n;
const FIRST_TIP = 1_000_000n;

/** Knows what tip a transaction offers: what nodes advise or demand, as far as others pay it too. */
export class TipWatch {
  /** What a node advised in vain, in wei, while it is more than is offered. */
  excess: bigint | undefined;
  private readonly feeMax: bigint;
  private advised = FIRST_TIP;
  private demanded = 0n;
  private demandedUntilMs = 0;
  private isOverdemanded = false;
  /** The median of the tips in the last blocks; undefined where no node says. */
  private paid: bigint | undefined;

  constructor(feeMax: bigint) {
    this.feeMax = feeMax;
  }

  /** What to offer now, in wei per unit of gas. */
  get tip(): bigint {
    const { advised, demanded } = this;
    return performance.now() < this.demandedUntilMs && demanded > advised ? demanded : advised;
  }

  /** Whether a node demands more than its word is good for: another offer at once would be in vain. */
  get overdemanded(): boolean {
    return this.isOverdemanded && performance.now() < this.demandedUntilMs;
  }

  /** Takes a node's refusal of a fee: the tip that it names is offered from now on, else twice as much. */
  demand(words: string): void {
    // `max fee below base fee` and `replacement underpriced` are no demands for a tip: a higher one
    // would not help.
    if (/base ?fee|replace/i.test(words)) return;
    const named = /(?:minimum|at least|needed|required)\D{0,40}?(\d{1,30})/i.exec(words)?.[1];
    const wanted = named === undefined ? 2n * this.tip : BigInt(named);
    const most = larger(this.ceiling, this.feeMax / WORD_PART);
    this.demanded = smaller(wanted, most);
    this.isOverdemanded = wanted > most;
    this.demandedUntilMs = performance.now() + DEMAND_MS;
  }

  /** Reads advice, and what others pay, again. @throws RpcError where no node answers */
  async refresh(rpc: RpcCaller, head: Block | undefined): Promise<void> {
    const advised = await this.readAdvice(rpc, head?.baseFeePerGas ?? 0n);
    // Without a base fee the price is all tip, and there is no history of tips.
    if (head?.baseFeePerGas === undefined) this.paid = undefined;
    else await this.readPaid(rpc);
    const { ceiling } = this;
    this.advised = smaller(advised, ceiling);
    this.excess = advised > ceiling ? advised : undefined;
  }

  private get ceiling(): bigint {
    const { feeMax, paid } = this;
    if (paid === undefined) return feeMax / WORD_PART;
    return smaller(feeMax, larger(PAID_TIMES * paid, feeMax / SMALL_PART));
  }

  private async readPaid(rpc: RpcCaller): Promise<void> {
    try {
      const tips = await readTipsPaid(rpc);
      tips.sort((a, b) => (a < b ? -1 : Number(a > b)));
      this.paid = tips[tips.length >> 1];
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      // A node that has the method and fails now does not change what is known.
      if (error.fault === "refused") this.paid = undefined;
    }
  }

  /** Nodes that advise no tip advise a price, which is the base fee and a tip; else the last one will do. */
  private async readAdvice(rpc: RpcCaller, baseFee: bigint): Promise<bigint> {
    try {
      return await readPriorityFee(rpc);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (error.fault !== "refused") return this.advised;
    }
    const price = await readGasPrice(rpc).catch(() => undefined);
    if (price === undefined) return this.advised;
    return price > baseFee ? price - baseFee : this.advised;
  }
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
