import { Signal } from "../../base/signal.ts";
import type { UnseenPlace } from "../../store/payments/due.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import { EscrowFollower } from "../escrow/follower.ts";
import { Batcher } from "./batcher.ts";
import { Examiner } from "./examiner.ts";
import { HeldWatch } from "./held-watch.ts";
import { LateSettlements } from "./late-settlements.ts";
import type { SubmitterDeps } from "./submitter.ts";
import { track } from "./tx-tracker.ts";
import { UnseenTxs } from "./unseen.ts";
import { WalletWatch } from "./wallet-watch.ts";

const RETRY_MS = 500;
/** Transactions are looked at this often even where no block comes. */
const TRACK_MS = 2_000;
/** Payments with an end to find out that are looked at per block. */
const LEFTOVERS_MAX = 50;
/** Pages of that many that are gone through for those of the zones in charge, per block. */
const UNSEEN_PAGES_MAX = 10;
const START: UnseenPlace = { deadline: -1, paymentId: "" };

/** What a worker needs. */
export interface WorkerDeps extends SubmitterDeps {
  readonly batchMax: number;
  readonly inFlightMax: number;
  readonly stuckAfterSecs: number;
  readonly alarmAfterSecs: number;
}

/**
 * Settles the authorized payments of one chain with one key. All it must know is in the database,
 * so a restart continues where a crash stopped.
 */
export class Worker implements AsyncDisposable {
  readonly walletWatch: WalletWatch;
  private readonly deps: WorkerDeps;
  private readonly unseen: UnseenTxs;
  private readonly examiner: Examiner;
  private readonly batcher: Batcher;
  private readonly late: LateSettlements;
  private readonly escrows: EscrowFollower;
  private readonly held: HeldWatch;
  private readonly work = new Signal();
  private readonly blocks = new Signal();
  private readonly pause = new Signal();
  private unseenAfter = START;
  private reorg = true;
  private stopped = false;
  private loops: Promise<unknown> | undefined;

  constructor(deps: WorkerDeps) {
    this.deps = deps;
    this.walletWatch = new WalletWatch(deps);
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
      mayFollow: (mined) => this.walletWatch.mayFollow(mined),
      wakeIn: (ms) => this.work.raiseIn(ms),
    });
    this.late = new LateSettlements(deps);
    this.escrows = new EscrowFollower(deps);
    this.held = new HeldWatch(deps);
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
    this.deps.gate.onInCharge((zoneId) => this.examineEnded(zoneId));
    this.blocks.raise();
    this.work.raise();
    this.loops = Promise.all([this.submitLoop(), this.trackLoop()]);
  }

  /** Looks for work; cheap, may be called for every payment. */
  wake(): void {
    this.work.raise();
  }

  /** A transaction is no longer looked for. */
  forget(txId: number): void {
    this.unseen.forget(txId);
    this.deps.chain.sends.forget(txId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped = true;
    this.pause.raise();
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
      const done = await this.guard("submit", async () => {
        if (this.walletWatch.isOpen && (await this.batcher.step())) this.work.raise();
      });
      // Wait even if the signal was raised meanwhile: otherwise a failing node would be asked in a
      // tight loop.
      if (!done && !this.stopped) await this.pause.wait(RETRY_MS);
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
    this.examiner.onHead(head.number);
    const examine = (row: PaymentRow) => this.examiner.examine(row);
    // Each step runs even if another one fails: a transaction that cannot be sent must not stop
    // receipts from being read.
    const failures = await runEach([
      () => this.walletWatch.look(),
      async () => {
        const { unseen } = this;
        const onClaimed = () => this.held.wake();
        const { gap } = await track({ ...this.deps, unseen, examine, onClaimed }, { head, reorg });
        if (gap) this.batcher.fillGap();
      },
      async () => this.examineLeftovers(head.timestamp),
      async () => (await this.late.find(head)).forEach(examine),
      async () => {
        const { late, more } = await this.escrows.follow(head, reorg);
        late.forEach(examine);
        if (more) this.blocks.raise();
      },
      () => this.held.look(head, reorg),
    ]);
    chain.setWatching(this.isWatching());
    // A step failed before it looked at what the reorg took back: the next round has to treat it as
    // a reorg again.
    if (failures.length > 0) this.reorg ||= reorg;
    const worst = failures.find((error) => !(error instanceof RpcError)) ?? failures[0];
    if (worst !== undefined) throw worst;
  }

  /** Whether something that the chain has, or may yet show, would change what is known here. */
  private isWatching(): boolean {
    const { chain, txs, due, wallet } = this.deps;
    const { chain_id } = chain.config;
    if (this.reorg || this.escrows.watching) return true;
    if (txs.listOpen({ chainId: chain_id, sender: wallet.address }).length > 0) return true;
    return due.listEndedContracts(chain_id).length > 0;
  }

  /** Payments whose end is still to be found out, now that there is a new block to ask about. */
  private examineLeftovers(time: number): void {
    const { chain, due } = this.deps;
    const { chain_id } = chain.config;
    const unresolved = due.listUnresolved(chain_id, LEFTOVERS_MAX);
    const overdue = due.listOverdue(chain_id, time, LEFTOVERS_MAX);
    const unpaid = this.findUnseen(time);
    for (const row of [...unresolved, ...overdue, ...unpaid]) this.examiner.examine(row);
  }

  /** Goes on from where it was, so that those of zones which are another steward's stand in nobody's way. */
  private findUnseen(time: number): PaymentRow[] {
    const { chain, due, gate } = this.deps;
    const found: PaymentRow[] = [];
    for (let page = 0; page < UNSEEN_PAGES_MAX && found.length < LEFTOVERS_MAX; page++) {
      const rows = due.listUnseen(chain.config.chain_id, time, this.unseenAfter, LEFTOVERS_MAX);
      const last = rows.at(-1);
      const isEnd = last === undefined || rows.length < LEFTOVERS_MAX;
      this.unseenAfter = isEnd ? START : { deadline: last.deadline, paymentId: last.paymentId };
      for (const row of rows) {
        const isMeant = gate.isInCharge(row.zoneId, "money") && !this.examiner.holds(row.paymentId);
        if (isMeant) found.push(row);
      }
      if (isEnd) break;
    }
    return found;
  }

  /** Of a zone that was another steward's: what settled its ended attempts may be in blocks that are not read any more. */
  private examineEnded(zoneId: string): void {
    const { chain, due } = this.deps;
    const ended = due.listEnded(chain.config.chain_id, zoneId, LEFTOVERS_MAX);
    for (const row of ended) this.examiner.examine(row);
  }

  /** @returns whether it did not fail */
  private async guard(what: string, run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (err) {
      if (this.stopped) return false;
      const level = err instanceof RpcError ? "warn" : "error";
      this.deps.log[level]({ err, chain_id: this.deps.chain.config.chain_id }, `${what} failed`);
      this.work.raiseIn(RETRY_MS);
      this.blocks.raiseIn(RETRY_MS);
      return false;
    }
  }
}

/** Runs each step after the other, whatever became of the ones before, and gives what they threw. */
async function runEach(steps: readonly (() => Promise<void>)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  return failures;
}
