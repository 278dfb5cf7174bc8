import type { PaymentRow } from "../store/payment-queries.ts";
import { Examiner } from "./examiner.ts";
import { RpcError } from "./rpc-endpoint.ts";
import { toBatchCall, toBatchGas } from "./settle-call.ts";
import { simulateBatch } from "./simulate.ts";
import { type SubmitterDeps, submit } from "./submitter.ts";
import { track } from "./tracker.ts";

/** A partial batch waits this long per transaction already under way, so that it can fill. */
const COLLECT_MS = 50;
const RETRY_MS = 500;
/** Transactions under way are simulated before a batch up to this many payments. */
const UNDER_WAY_MAX = 150;
/** Payments with an end to find out that are looked at per block. */
const LEFTOVERS_MAX = 50;

/** What a worker needs. */
export interface WorkerDeps extends SubmitterDeps {
  readonly batchMax: number;
  readonly inFlightMax: number;
}

/**
 * Settles the authorized payments of one chain with one key. All it knows is in the database, so a
 * restart continues where a crash stopped.
 */
export class Worker implements AsyncDisposable {
  private readonly deps: WorkerDeps;
  private readonly examiner: Examiner;
  private stopped = false;
  private loops: Promise<unknown> | undefined;
  private wakeSubmit: (() => void) | undefined;
  private submitAsked = false;
  private wakeTrack: (() => void) | undefined;
  private trackAsked: { reorg: boolean } | undefined;
  private queuedSinceMs: number | undefined;

  constructor(deps: WorkerDeps) {
    this.deps = deps;
    this.examiner = new Examiner({
      ...deps,
      wallet: deps.wallet.address,
      recover: async () => {},
      wake: () => this.wake(),
    });
  }

  /** Starts working, with whatever a former process left. */
  start(): void {
    const { chain } = this.deps;
    chain.onHead((head, reorg) => {
      this.examiner.onHead(head.number);
      this.trackAsked = { reorg: reorg || (this.trackAsked?.reorg ?? false) };
      this.wakeTrack?.();
      this.wake();
    });
    this.trackAsked = { reorg: true };
    this.submitAsked = true;
    this.loops = Promise.all([this.submitLoop(), this.trackLoop()]);
  }

  /** Looks for work; cheap, may be called for every payment. */
  wake(): void {
    this.submitAsked = true;
    this.wakeSubmit?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped = true;
    this.wakeSubmit?.();
    this.wakeTrack?.();
    await this.loops;
    await this.examiner.idle();
  }

  private async submitLoop(): Promise<void> {
    while (!this.stopped) {
      if (!this.submitAsked) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.wakeSubmit = resolve;
        await promise;
      }
      this.submitAsked = false;
      // Payments that were accepted in the same turn travel together.
      await new Promise((resolve) => setImmediate(resolve));
      await this.guard("submit", () => this.submitOnce());
    }
  }

  private async trackLoop(): Promise<void> {
    while (!this.stopped) {
      if (!this.trackAsked) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.wakeTrack = resolve;
        await promise;
      }
      const { head } = this.deps.chain;
      const { reorg } = this.trackAsked ?? { reorg: false };
      this.trackAsked = undefined;
      if (this.stopped || !head) continue;
      await this.guard("track", async () => {
        await track({ ...this.deps, examine: (row) => this.examiner.examine(row) }, head, reorg);
        this.examineLeftovers(head.timestamp);
      });
      this.wake();
    }
  }

  /** Payments whose end is still to be found out, now that there is a new block to ask about. */
  private examineLeftovers(time: number): void {
    const { chain, queries } = this.deps;
    const { chain_id } = chain.config;
    const unresolved = queries.listUnresolved(chain_id, LEFTOVERS_MAX);
    const ended = queries.listEnded(chain_id, time, LEFTOVERS_MAX);
    for (const row of [...unresolved, ...ended]) this.examiner.examine(row);
  }

  private async guard(what: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (err) {
      if (this.stopped) return;
      const level = err instanceof RpcError ? "warn" : "error";
      this.deps.log[level]({ err, chain_id: this.deps.chain.config.chain_id }, `${what} failed`);
      setTimeout(() => this.wake(), RETRY_MS).unref();
    }
  }

  private async submitOnce(): Promise<void> {
    const { chain, store, txs, wallet } = this.deps;
    await store.committed();
    const open = txs.listOpen({ chainId: chain.config.chain_id, sender: wallet.address });
    const underWay = open.filter((tx) => tx.state === "signed").length;
    const queued = this.listQueued();
    chain.setBusy(queued.length > 0 || open.some((tx) => !tx.applied));
    if (queued.length === 0) this.queuedSinceMs = undefined;
    if (queued.length === 0 || !chain.usable || underWay >= this.deps.inFlightMax) return;
    if (this.waitsToFill(queued.length, underWay)) return;
    this.queuedSinceMs = undefined;
    await this.submitBatch(this.pickBatch(queued));
    this.submitAsked = true;
  }

  /** A lone payment never waits; the more is under way, the longer a batch may fill. */
  private waitsToFill(queued: number, underWay: number): boolean {
    if (queued >= this.deps.batchMax) return false;
    this.queuedSinceMs ??= performance.now();
    const leftMs = this.queuedSinceMs + underWay * COLLECT_MS - performance.now();
    if (leftMs <= 0) return false;
    setTimeout(() => this.wake(), leftMs).unref();
    return true;
  }

  private listQueued(): PaymentRow[] {
    const { chain, queries, batchMax } = this.deps;
    const limit = batchMax + this.examiner.size;
    const rows = queries.listInStates(chain.config.chain_id, ["authorized"], limit);
    return rows.filter((row) => !this.examiner.holds(row.paymentId));
  }

  private pickBatch(queued: readonly PaymentRow[]): PaymentRow[] {
    const [first] = queued;
    // What a payer's own code does must not touch the payments of others.
    if (first?.byContract) return [first];
    const rows = queued.filter((row) => !row.byContract).slice(0, this.deps.batchMax);
    const gasMax = (this.deps.chain.head?.gasLimit ?? 30_000_000n) / 2n;
    while (rows.length > 1 && toBatchGas(rows) > gasMax) rows.length = Math.ceil(rows.length / 2);
    return rows;
  }

  private async submitBatch(rows: readonly PaymentRow[]): Promise<void> {
    const { chain, wallet } = this.deps;
    const time = chain.head?.timestamp ?? 0;
    const late = rows.filter((row) => row.deadline <= time + 1);
    for (const row of late) this.examiner.examine(row);
    const fresh = rows.filter((row) => !late.includes(row));
    if (fresh.length === 0) return;
    const underWay = this.listUnderWay(fresh);
    const { good, bad } = await simulateBatch(chain, wallet.address, { underWay, rows: fresh });
    for (const row of bad) this.examiner.examine(row);
    if (good.length === 0) return;
    const call = toBatchCall(good);
    await submit(this.deps, { kind: "settle", to: chain.config.settlement, rows: good, ...call });
  }

  /** Payments of the same payers that were sent but not seen mined: their money is spoken for. */
  private listUnderWay(rows: readonly PaymentRow[]): PaymentRow[] {
    const { chain, queries } = this.deps;
    const payers = new Set(rows.map((row) => row.payer));
    return queries
      .listInStates(chain.config.chain_id, ["submitting", "submitted"], 10_000)
      .filter((row) => payers.has(row.payer) && !row.byContract)
      .slice(0, UNDER_WAY_MAX);
  }
}
