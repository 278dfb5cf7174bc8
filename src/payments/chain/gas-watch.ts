import type { Hex } from "viem";
import type { ChainConfig, PaymentsConfig } from "../config.ts";
import { toFeeMax } from "./fee-limit.ts";
import { type Block, type RpcCaller, readBalance } from "./reads.ts";
import type { AlarmBell } from "./rpc-watch.ts";
import { TipWatch } from "./tip-watch.ts";

const READ_MS = 5_000;
/** While no payment is on its way. */
const READ_IDLE_MS = 12_000;
const FEES_IDLE_MS = 120_000;
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
  readonly payments: Pick<PaymentsConfig, "fee_max_wei" | "gas_low_wei">;
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
  private feesAtMs = Number.NEGATIVE_INFINITY;

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

  /** Says what is wrong with the fees, or that nothing is any more. */
  tell(bell: AlarmBell): void {
    const { excess, tip } = this.tips;
    if (excess === undefined) bell.endAlarm("tip-capped");
    else bell.alarm("tip-capped", { advised: excess.toString(), offered: tip.toString() });
    if (this.tooDear) bell.alarm("fees-high", { fee_max_wei: this.feeMax.toString() });
    else bell.endAlarm("fees-high");
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

  /**
   * Reads balance and tip again where that is due.
   * @param isIdle while nothing is on its way, which is seldomer
   * @throws RpcError
   */
  async refresh(rpc: RpcCaller, isIdle = false): Promise<void> {
    const usualMs = isIdle ? READ_IDLE_MS : READ_MS;
    if (isDue(this.readAtMs, this.enough ? usualMs : READ_LOW_MS)) {
      this.balance = await readBalance(rpc, this.wallet);
      this.readAtMs = performance.now();
    }
    const isUsual = !this.tooDear && this.tips.excess === undefined;
    if (isDue(this.feesAtMs, isIdle && isUsual ? FEES_IDLE_MS : READ_MS)) {
      await this.tips.refresh(rpc, this.findHead());
      this.feesAtMs = performance.now();
    }
  }
}

function isDue(lastMs: number, everyMs: number): boolean {
  return performance.now() - lastMs >= everyMs;
}
