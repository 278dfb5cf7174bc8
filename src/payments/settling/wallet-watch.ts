import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { readLevelHead } from "../chain/level-head.ts";
import { readNonce } from "../chain/reads.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import { askingChain } from "../chain/unavailable.ts";
import { ASKED_IN_OLD_BOOKS, giveUpRequested } from "../jobs/given-up-refunds.ts";
import type { SubmitterDeps } from "./submitter.ts";

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
    await this.compare();
  }

  /**
   * Whether the next transaction may follow so many mined ones: the books know them all. Where they do
   * not, the wallet is held as at the start, once the chain says so again.
   * @throws RpcError where no node answers
   */
  async mayFollow(mined: number): Promise<boolean> {
    const known = this.findKnown();
    if (known === undefined || mined <= known) return true;
    await this.compare();
    return false;
  }

  private async compare(): Promise<void> {
    const mined = await this.readSent();
    // Read after the answer: transactions may have been signed here meanwhile.
    const known = this.findKnown() ?? 0;
    this.mined = mined;
    if (mined <= known) return this.open();
    this.state = "held";
    this.deps.chain.alarm("wallet-ahead", { known_nonce: known, chain_nonce: mined });
  }

  /**
   * How many transactions of the wallet there are, mined or waiting, by a node that is not behind: one that
   * is would show none of another process's.
   */
  private readSent(): Promise<number> {
    const { chain, wallet } = this.deps;
    return chain.rpc.pinned(async (rpc) => {
      await readLevelHead(chain, rpc);
      const mined = await readNonce(rpc, wallet.address, "latest");
      // Not every node has a count of what waits.
      const sent = await readNonce(rpc, wallet.address, "pending").catch((error) => {
        if (error instanceof RpcError) return mined;
        throw error;
      });
      return Math.max(mined, sent);
    }, true);
  }

  /**
   * Lets the wallet send again. Refunds that were asked for and not sent are given up: they may have
   * been, and nothing on chain tells one from another.
   * @returns the payment ids of those
   * @throws StewardError `conflict` where it is not held, was used since, or is not reconciled yet;
   *   `internal` CHAIN_UNAVAILABLE
   */
  async release({ nonce, by }: WalletRelease): Promise<string[]> {
    if (!this.isHeld) throw new StewardError("conflict", { message: "The wallet is not held." });
    const mined = await askingChain(() => this.readSent());
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
    const { store, txs, now } = this.deps;
    const { chainId } = this.sender;
    const givenUp = store.write((write) => {
      txs.putWalletWord(write, { ...this.sender, nonce, givenBy: by, at: now() });
      return giveUpRequested(write, this.deps, chainId, ASKED_IN_OLD_BOOKS);
    });
    this.open();
    return givenUp;
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
    this.deps.chain.endAlarm("wallet-ahead");
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
}
