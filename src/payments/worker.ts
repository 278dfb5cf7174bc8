import type { PaymentRow } from "../store/payment-queries.ts";
import { Batcher } from "./batcher.ts";
import { EscrowFollower } from "./escrow-follower.ts";
import { Examiner } from "./examiner.ts";
import { LateSettlements } from "./late-settlements.ts";
import { RpcError } from "./rpc-endpoint.ts";
import { Signal } from "./signal.ts";
import type { SubmitterDeps } from "./submitter.ts";
import { track } from "./tracker.ts";
import { UnseenTxs } from "./unseen.ts";

const RETRY_MS = 500;
/** Transactions are looked at this often even where no block comes. */
const TRACK_MS = 2_000;
/** Payments with an end to find out that are looked at per block. */
const LEFTOVERS_MAX = 50;

/** What a worker needs. */
export interface WorkerDeps extends SubmitterDeps {
  readonly batchMax: number;
  readonly inFlightMax: number;
  readonly stuckAfterSecs: number;
}

/**
 * Settles the authorized payments of one chain with one key. All it must know is in the database,
 * so a restart continues where a crash stopped.
 */
export class Worker implements AsyncDisposable {
  private readonly deps: WorkerDeps;
  private readonly unseen: UnseenTxs;
  private readonly examiner: Examiner;
  private readonly batcher: Batcher;
  private readonly late: LateSettlements;
  private readonly escrows: EscrowFollower;
  private readonly work = new Signal();
  private readonly blocks = new Signal();
  private reorg = true;
  private stopped = false;
  private loops: Promise<unknown> | undefined;

  constructor(deps: WorkerDeps) {
    this.deps = deps;
    this.unseen = new UnseenTxs(deps.chain, deps.wallet.address);
    this.examiner = new Examiner({
      ...deps,
      unseen: this.unseen,
      wallet: deps.wallet.address,
      recover: (row) => this.batcher.recover(row),
      wake: () => this.wake(),
    });
    this.batcher = new Batcher({
      ...deps,
      unseen: this.unseen,
      examiner: this.examiner,
      wakeIn: (ms) => this.work.raiseIn(ms),
    });
    this.late = new LateSettlements(deps);
    this.escrows = new EscrowFollower(deps);
  }

  get chainId(): number {
    return this.deps.chain.config.chain_id;
  }

  /** Starts working, with whatever a former process left. */
  start(): void {
    this.deps.chain.onHead((head, reorg) => {
      this.examiner.onHead(head.number);
      this.reorg ||= reorg;
      this.blocks.raise();
      this.work.raise();
    });
    this.blocks.raise();
    this.work.raise();
    this.loops = Promise.all([this.submitLoop(), this.trackLoop()]);
  }

  /** Looks for work; cheap, may be called for every payment. */
  wake(): void {
    this.work.raise();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped = true;
    this.work.raise();
    this.blocks.raise();
    await this.loops;
    await Promise.all([this.examiner.idle(), this.batcher.idle()]);
  }

  private async submitLoop(): Promise<void> {
    while (!this.stopped) {
      await this.work.wait();
      // Payments that were accepted in the same turn travel together.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.stopped) return;
      await this.guard("submit", async () => {
        if (await this.batcher.step()) this.work.raise();
      });
    }
  }

  private async trackLoop(): Promise<void> {
    while (!this.stopped) {
      await this.blocks.wait(TRACK_MS);
      if (this.stopped) return;
      await this.guard("track", () => this.trackOnce());
      this.work.raise();
    }
  }

  private async trackOnce(): Promise<void> {
    const { chain } = this.deps;
    const { head } = chain;
    if (!head || !chain.usable) return;
    const { reorg } = this;
    this.reorg = false;
    try {
      const examine = (row: PaymentRow) => this.examiner.examine(row);
      const { gap } = await track({ ...this.deps, unseen: this.unseen, examine }, { head, reorg });
      if (gap) this.batcher.fillGap();
      this.examineLeftovers(head.timestamp);
      for (const row of await this.late.find(head)) this.examiner.examine(row);
      for (const row of await this.escrows.follow(head, reorg)) this.examiner.examine(row);
    } catch (error) {
      // Not everything has looked at what the reorg took back.
      this.reorg ||= reorg;
      throw error;
    }
  }

  /** Payments whose end is still to be found out, now that there is a new block to ask about. */
  private examineLeftovers(time: number): void {
    const { chain, due } = this.deps;
    const { chain_id } = chain.config;
    const unresolved = due.listUnresolved(chain_id, LEFTOVERS_MAX);
    const overdue = due.listOverdue(chain_id, time, LEFTOVERS_MAX);
    for (const row of [...unresolved, ...overdue]) this.examiner.examine(row);
  }

  private async guard(what: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (err) {
      if (this.stopped) return;
      const level = err instanceof RpcError ? "warn" : "error";
      this.deps.log[level]({ err, chain_id: this.deps.chain.config.chain_id }, `${what} failed`);
      this.work.raiseIn(RETRY_MS);
      this.blocks.raiseIn(RETRY_MS);
    }
  }
}
