import type { Hex } from "viem";
import { type Block, type RpcCaller, readBalance } from "./chain-reads.ts";
import type { ChainConfig, PaymentsConfig } from "./config.ts";
import { toFeeMax } from "./fee-limit.ts";
import { TipWatch } from "./tip-watch.ts";

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

/** What watching a wallet's gas needs. */
export interface GasWatchDeps {
  readonly chain: Pick<ChainConfig, "chain_id" | "fee_max_wei">;
  readonly payments: PaymentsConfig;
  readonly wallet: Hex;
  readonly findHead: () => Block | undefined;
}

/** Knows what gas costs and whether the wallet can pay for it. */
export class GasWatch {
  /** The most a transaction may offer per unit of gas, in wei. */
  readonly feeMax: bigint;
  /** Wei of the wallet; undefined until it was read. */
  balance: bigint | undefined;
  readonly tips: TipWatch;
  private readonly reserve: bigint | undefined;
  private readonly wallet: Hex;
  private readonly findHead: () => Block | undefined;
  private readAtMs = Number.NEGATIVE_INFINITY;

  constructor({ chain, payments, wallet, findHead }: GasWatchDeps) {
    this.feeMax = toFeeMax(chain, payments);
    this.tips = new TipWatch(this.feeMax);
    this.reserve = payments.gas_low_wei;
    this.wallet = wallet;
    this.findHead = findHead;
  }

  /** What to offer now: twice the base fee and the advised or demanded tip, within the limit. */
  fees(): Fees {
    const { tip } = this.tips;
    const wanted = 2n * (this.findHead()?.baseFeePerGas ?? 0n) + tip;
    const maxFee = wanted < this.feeMax ? wanted : this.feeMax;
    return { maxFee, priorityFee: tip < maxFee ? tip : maxFee };
  }

  /** Whether the wallet had enough for so much gas when it was last looked at. */
  canPay(gas: bigint): boolean {
    return (this.balance ?? 0n) >= gas * this.fees().maxFee;
  }

  /** Wei below which no new payment is quoted. */
  get wanted(): bigint {
    return this.reserve ?? RESERVE_GAS * this.fees().maxFee;
  }

  /** Whether the next block asks for more than the wallet may offer. */
  get tooDear(): boolean {
    return (this.findHead()?.baseFeePerGas ?? 0n) + this.tips.tip > this.feeMax;
  }

  /** Whether the wallet holds what new payments need. */
  get enough(): boolean {
    return this.balance !== undefined && this.balance >= this.wanted;
  }

  /** Reads balance and tip again where that is due. @throws RpcError */
  async refresh(rpc: RpcCaller): Promise<void> {
    const everyMs = this.enough ? READ_MS : READ_LOW_MS;
    if (performance.now() - this.readAtMs < everyMs) return;
    this.balance = await readBalance(rpc, this.wallet);
    await this.tips.refresh(rpc, this.findHead());
    this.readAtMs = performance.now();
  }
}
