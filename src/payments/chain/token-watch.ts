import { type Hex, parseAbi } from "viem";
import { StewardError, toPeerText } from "../../errors.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { ChainConfig, PaymentsConfig } from "../config.ts";
import { ContractMismatch, readView } from "./contract-views.ts";
import type { RpcCaller } from "./reads.ts";
import { findEscrowError, findWords } from "./revert-words.ts";
import { RpcError } from "./rpc-endpoint.ts";

const VIEWS = parseAbi([
  "function paused() view returns (bool)",
  "function isBlacklisted(address account) view returns (bool)",
]);
/** So many equal refusals in a row make the token suspect. */
const REFUSALS_MIN = 3;
/** Payments of a row that are remembered. */
const REFUSALS_MAX = 100;
const ASK_MS = 2_000;
const TRY_AGAIN_MS = 30_000;

type Refused = Pick<PaymentRow, "paymentId" | "payer" | "byContract">;

/** Refusals in a row with the very same words. */
interface Streak {
  readonly data: Hex;
  readonly payments: Set<string>;
  readonly payers: Set<string>;
  /** Whether one came since the token was asked. */
  isNew: boolean;
}

/** Why the token takes nothing, and from when on a payment may try it where the token does not say. */
interface Stop {
  readonly why: string;
  readonly tryAtMs: number;
}

/**
 * Notices that the token takes no payment at all: it is paused, or blocks one of the contracts. USDC
 * says so when asked; of others that refuse several payers with the very same words it is concluded,
 * and a payment may try after a pause.
 */
export class TokenWatch {
  private readonly config: ChainConfig;
  private readonly pauseMs: number;
  private streak: Streak | undefined;
  private stop: Stop | undefined;
  private asked = false;
  private askAtMs = 0;

  constructor(config: ChainConfig, { token_pause_secs }: Pick<PaymentsConfig, "token_pause_secs">) {
    this.config = config;
    this.pauseMs = token_pause_secs * 1_000;
  }

  /** Why the token takes nothing; undefined where it does as far as is known. */
  get problem(): string | undefined {
    return this.stop?.why;
  }

  /** @throws StewardError `internal` TOKEN_REFUSES while it takes nothing */
  assertTaking(): void {
    if (this.problem === undefined) return;
    throw new StewardError("internal", {
      reason: "TOKEN_REFUSES",
      message: `No payment is taken at present: ${this.problem}.`,
      retryAfterMs: TRY_AGAIN_MS,
    });
  }

  /**
   * Takes a refused payment whose payer has the money, with the revert's data. What a payer's own
   * code or our contracts refuse says nothing about the token.
   */
  noteRefusal({ paymentId, payer, byContract }: Refused, data: Hex): void {
    if (byContract || payer === null || findEscrowError(data) !== undefined) return;
    if (this.streak?.data !== data) {
      this.streak = { data, payments: new Set(), payers: new Set(), isNew: false };
    }
    const { payments, payers } = this.streak;
    if (payments.has(paymentId)) return;
    this.streak.isNew = true;
    if (payments.size >= REFUSALS_MAX) return;
    payments.add(paymentId);
    payers.add(payer);
  }

  /** A payment was taken. */
  noteTaken(): void {
    this.streak = undefined;
  }

  /** Asks the token where something is suspect, and at the start. */
  async refresh(rpc: RpcCaller): Promise<void> {
    if (this.asked && !this.isSuspect && !this.stop) return;
    if (performance.now() < this.askAtMs) return;
    this.askAtMs = performance.now() + ASK_MS;
    try {
      const said = await this.ask(rpc);
      this.asked = true;
      if (said.why !== undefined) this.stop = { why: said.why, tryAtMs: 0 };
      else if (said.isAll) this.clear();
      else this.conclude();
    } catch (error) {
      // Whether the chain can be reached is found out by whoever follows it.
      if (!(error instanceof RpcError)) throw error;
    }
  }

  private get isSuspect(): boolean {
    return this.streak?.isNew === true && this.streak.payments.size >= REFUSALS_MIN;
  }

  /** The token takes payments: what it refused was of those payers. */
  private clear(): void {
    this.stop = undefined;
    this.streak = undefined;
  }

  private conclude(): void {
    const { streak } = this;
    if (this.stop) {
      if (performance.now() >= this.stop.tryAtMs) this.stop = undefined;
      return;
    }
    if (!streak || !this.isSuspect) return;
    // After a pause one more refusal stops again, where the first time it takes several.
    streak.isNew = false;
    if (streak.payers.size < REFUSALS_MIN) return;
    const words = findWords(streak.data);
    const why = `the token refuses every payment${words === undefined ? "" : `: ${toPeerText(words)}`}`;
    this.stop = { why, tryAtMs: performance.now() + this.pauseMs };
  }

  /** What the token says of itself, and whether it was able to say everything. */
  private async ask(rpc: RpcCaller): Promise<{ why?: string; isAll: boolean }> {
    const { usdc: address, settlement, escrow } = this.config;
    let isAll = true;
    const read = async (run: () => Promise<boolean>): Promise<boolean> => {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof ContractMismatch)) throw error;
        isAll = false;
        return false;
      }
    };
    const view = { address, abi: VIEWS } as const;
    if (await read(() => readView(rpc, { ...view, functionName: "paused" }))) {
      return { why: "the token is paused", isAll };
    }
    for (const contract of escrow === undefined ? [settlement] : [settlement, escrow]) {
      const call = { ...view, functionName: "isBlacklisted", args: [contract] } as const;
      if (await read(() => readView(rpc, call))) {
        return { why: `the token blocks the contract ${contract}`, isAll };
      }
    }
    return { isAll };
  }
}
