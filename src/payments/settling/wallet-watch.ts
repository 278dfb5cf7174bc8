import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Write } from "../../store/database.ts";
import { askingChain } from "../chain/unavailable.ts";
import { readMined, type SubmitterDeps } from "./submitter.ts";

const REFUNDS_PER_READ = 100;
const GIVEN_UP =
  "Asked for in a database that was behind the wallet, so it may have been paid already: look at the payer's account, then ask again.";

/** The operator's word that the wallet is this steward's alone again. */
export interface WalletRelease {
  /** How many transactions of the wallet he saw on chain; others must not have come since. */
  readonly nonce: number;
  readonly by: string;
}

/**
 * Holds the wallet where the chain has more transactions of it than the books know of: the database is an
 * older copy's, and what was sent since is not in it, or the original still runs. What the chain shows is
 * taken in meanwhile, and nothing is sent before the operator's word; `docs/operations.md`, A copy beside
 * the original.
 */
export class WalletWatch {
  private readonly deps: SubmitterDeps;
  private state: "unchecked" | "open" | "held" = "unchecked";
  private mined: number | undefined;

  constructor(deps: SubmitterDeps) {
    this.deps = deps;
  }

  /** Whether transactions may be sent: not before the chain was looked at. */
  get isOpen(): boolean {
    return this.state === "open";
  }

  get isHeld(): boolean {
    return this.state === "held";
  }

  /**
   * Compares the books with the chain, until they agree once.
   * @throws RpcError where no node answers
   */
  async look(): Promise<void> {
    if (this.isOpen) return;
    const known = this.findKnown();
    // Books that begin have sent nothing that they could send again.
    if (known === undefined) return this.open();
    const mined = await readMined(this.deps);
    if (this.isOpen) return;
    this.mined = mined;
    if (mined <= known) return this.open();
    this.state = "held";
    this.deps.chain.alarm("wallet-ahead", { known_nonce: known, chain_nonce: mined });
  }

  /**
   * Lets the wallet send again. Refunds that were asked for and not sent are given up: they may have
   * been, and nothing on chain tells one from another.
   * @throws StewardError `conflict` where it is not held, was used since, or is not reconciled yet;
   *   `internal` CHAIN_UNAVAILABLE
   */
  async release({ nonce, by }: WalletRelease): Promise<void> {
    if (!this.isHeld) throw new StewardError("conflict", { message: "The wallet is not held." });
    const mined = await askingChain(() => readMined(this.deps));
    if (mined !== nonce) {
      throw new StewardError("conflict", {
        message: `The chain has ${mined} transactions of the wallet, not ${nonce}: it is used meanwhile. End the other steward that has it first.`,
        details: { chain_nonce: mined },
      });
    }
    if (this.listUnresolved().length > 0) {
      throw new StewardError("conflict", {
        message: "What became of some of its transactions is still being found out.",
        retryAfterMs: 5_000,
      });
    }
    const { store, txs, now, chain } = this.deps;
    store.write((write) => {
      txs.putWalletWord(write, { ...this.sender, nonce, givenBy: by, at: now() });
      this.giveUpRefunds(write);
    });
    chain.endAlarm("wallet-ahead");
    this.open();
  }

  /** How the wallet stands on this chain, as the admin API shows it. */
  view(): JsonObject {
    const { chain, wallet } = this.deps;
    const known = this.findKnown();
    return {
      chain_id: chain.config.chain_id,
      address: wallet.address,
      state: this.state,
      ...(known !== undefined && { known_nonce: known }),
      ...(this.mined !== undefined && { chain_nonce: this.mined }),
      ...(this.isHeld && { unresolved: this.listUnresolved().length }),
    };
  }

  private get sender() {
    const { chain, wallet } = this.deps;
    return { chainId: chain.config.chain_id, sender: wallet.address };
  }

  private open(): void {
    this.state = "open";
  }

  /** How many transactions of the wallet the books account for; undefined where they have none. */
  private findKnown(): number | undefined {
    const { txs } = this.deps;
    const last = txs.findLastNonce(this.sender);
    const word = txs.findWalletWord(this.sender);
    if (last === undefined) return word;
    return Math.max(last + 1, word ?? 0);
  }

  private listUnresolved() {
    return this.deps.txs.listOpen(this.sender).filter(({ state }) => state === "signed");
  }

  private giveUpRefunds(write: Write): void {
    const { jobs, queries, now, chain } = this.deps;
    for (;;) {
      const rows = jobs.listRequestedRefunds(chain.config.chain_id, REFUNDS_PER_READ);
      for (const { paymentId } of rows) {
        const at = now();
        const failed = { state: "failed", failure: GIVEN_UP, updatedAt: at } as const;
        jobs.moveRefund(write, paymentId, ["requested"], failed);
        const state = queries.find(paymentId)?.state;
        const detail = { refund: "failed", why: GIVEN_UP };
        if (state) queries.addHistory(write, paymentId, state, at, detail);
      }
      if (rows.length < REFUNDS_PER_READ) return;
    }
  }
}
