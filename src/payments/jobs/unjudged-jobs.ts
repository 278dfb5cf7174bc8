import type { TxKind } from "../../store/payments/schema.ts";
import type { Chain } from "../chain/chain.ts";

/** Notices what the wallet was asked to do and no node will execute, and says so where that lasts. */
export class UnjudgedJobs {
  private readonly chain: Chain;
  private readonly alarmAfterMs: number;
  private sinceMs: number | undefined;
  private noted = false;

  constructor(chain: Chain, alarmAfterMs: number) {
    this.chain = chain;
    this.alarmAfterMs = alarmAfterMs;
  }

  /** A job of this kind waits, for what a node said. */
  note(kind: TxKind, words: string): void {
    this.noted = true;
    this.sinceMs ??= performance.now();
    if (performance.now() - this.sinceMs < this.alarmAfterMs) return;
    this.chain.alarm("payout-unjudged", { kind }, words);
  }

  /** Every job was looked at once more; `waiting` where some were left alone for this block. */
  looked(waiting: boolean): void {
    const { noted } = this;
    this.noted = false;
    if (noted || waiting || this.sinceMs === undefined) return;
    this.sinceMs = undefined;
    this.chain.endAlarm("payout-unjudged");
  }
}
