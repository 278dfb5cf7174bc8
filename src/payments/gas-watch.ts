import type { Hex } from "viem";
import { type Block, type RpcCaller, readBalance, readPriorityFee } from "./chain-reads.ts";
import type { PaymentsConfig } from "./config.ts";

const READ_MS = 5_000;
/** While it is too low, so that a wallet that was funded is soon used again. */
const READ_LOW_MS = 1_000;
/** What two full batches may use. */
const RESERVE_GAS = 14_000_000n;

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
  private tip = 1_000_000n;
  private readAtMs = Number.NEGATIVE_INFINITY;

  constructor(payments: PaymentsConfig, wallet: Hex, findHead: () => Block | undefined) {
    this.feeMax = payments.fee_max_wei;
    this.reserve = payments.gas_low_wei;
    this.wallet = wallet;
    this.findHead = findHead;
  }

  /** What to offer now: twice the base fee and the advised tip, within the limit. */
  fees(): Fees {
    const wanted = 2n * (this.findHead()?.baseFeePerGas ?? 0n) + this.tip;
    const maxFee = wanted < this.feeMax ? wanted : this.feeMax;
    return { maxFee, priorityFee: this.tip < maxFee ? this.tip : maxFee };
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
    // Not every node advises a tip; the last one will do.
    this.tip = await readPriorityFee(rpc).catch(() => this.tip);
    this.readAtMs = performance.now();
  }
}
