import type { Hex } from "viem";
import {
  type Block,
  type RpcCaller,
  readBalance,
  readGasPrice,
  readPriorityFee,
} from "./chain-reads.ts";
import type { PaymentsConfig } from "./config.ts";
import { RpcError } from "./rpc-endpoint.ts";

const READ_MS = 5_000;
/** While it is too low, so that a wallet that was funded is soon used again. */
const READ_LOW_MS = 1_000;
/** What two full batches may use. */
const RESERVE_GAS = 14_000_000n;
/** What a node demanded once is offered for so long. */
const DEMAND_MS = 600_000;

/** Fees of a transaction in wei per unit of gas. */
export interface Fees {
  readonly maxFee: bigint;
  readonly priorityFee: bigint;
}

/** Knows what gas costs and whether the wallet can pay for it. */
export class GasWatch {
  /** The most a transaction may offer per unit of gas, in wei. */
  readonly feeMax: bigint;
  /** Wei of the wallet; undefined until it was read. */
  balance: bigint | undefined;
  private readonly reserve: bigint | undefined;
  private readonly wallet: Hex;
  private readonly findHead: () => Block | undefined;
  private advised = 1_000_000n;
  private demanded = 0n;
  private demandedUntilMs = 0;
  private readAtMs = Number.NEGATIVE_INFINITY;

  constructor(payments: PaymentsConfig, wallet: Hex, findHead: () => Block | undefined) {
    this.feeMax = payments.fee_max_wei;
    this.reserve = payments.gas_low_wei;
    this.wallet = wallet;
    this.findHead = findHead;
  }

  /** What to offer now: twice the base fee and the advised or demanded tip, within the limit. */
  fees(): Fees {
    const { tip } = this;
    const wanted = 2n * (this.findHead()?.baseFeePerGas ?? 0n) + tip;
    const maxFee = wanted < this.feeMax ? wanted : this.feeMax;
    return { maxFee, priorityFee: tip < maxFee ? tip : maxFee };
  }

  /** Takes a node's refusal of a fee: the tip that it names is offered from now on, else twice as much. */
  demand(words: string): void {
    // A base fee that rose, or a former form of the same transaction, asks for no tip.
    if (/base ?fee|replace/i.test(words)) return;
    const named = /(?:minimum|at least|needed|required)\D{0,40}?(\d{1,30})/i.exec(words)?.[1];
    const wanted = named === undefined ? 2n * this.tip : BigInt(named);
    this.demanded = wanted < this.feeMax ? wanted : this.feeMax;
    this.demandedUntilMs = performance.now() + DEMAND_MS;
  }

  /** Whether the wallet had enough for so much gas when it was last looked at. */
  canPay(gas: bigint): boolean {
    return (this.balance ?? 0n) >= gas * this.fees().maxFee;
  }

  /** Wei below which no new payment is quoted. */
  get wanted(): bigint {
    return this.reserve ?? RESERVE_GAS * this.fees().maxFee;
  }

  /** Whether new payments can be quoted. */
  get enough(): boolean {
    return this.balance !== undefined && this.balance >= this.wanted;
  }

  /** Reads balance and tip again where that is due. @throws RpcError */
  async refresh(rpc: RpcCaller): Promise<void> {
    const everyMs = this.enough ? READ_MS : READ_LOW_MS;
    if (performance.now() - this.readAtMs < everyMs) return;
    this.balance = await readBalance(rpc, this.wallet);
    this.advised = await this.readTip(rpc);
    this.readAtMs = performance.now();
  }

  private get tip(): bigint {
    const { advised, demanded } = this;
    return performance.now() < this.demandedUntilMs && demanded > advised ? demanded : advised;
  }

  /** Nodes that advise no tip advise a price, which is the base fee and a tip; else the last one will do. */
  private async readTip(rpc: RpcCaller): Promise<bigint> {
    try {
      return await readPriorityFee(rpc);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (error.fault !== "refused") return this.advised;
    }
    const price = await readGasPrice(rpc).catch(() => undefined);
    if (price === undefined) return this.advised;
    const tip = price - (this.findHead()?.baseFeePerGas ?? 0n);
    return tip > 0n ? tip : this.advised;
  }
}
