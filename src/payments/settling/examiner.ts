import type { Hex } from "viem";
import type { Write } from "../../store/database.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import type { Block } from "../chain/reads.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import { recordHeld } from "../contracts/held-shares.ts";
import {
  confirm,
  type Failure,
  fail,
  IN_PROGRESS,
  markVoid,
  type PaymentContext,
  RETRYABLE_ENDS,
  reject,
  unclaim,
} from "../ledger/transitions.ts";
import { attribute, markUnused } from "../ledger/unseen-payments.ts";
import { Patience } from "./patience.ts";
import { findRefusal, wouldRecover } from "./simulate.ts";
import { findUnpaidUse } from "./unpaid-use.ts";
import type { UnseenTxs } from "./unseen.ts";
import { findVerdict, type Verdict } from "./verdict.ts";

const AT_ONCE_MAX = 8;
/** A refusal must hold for so many blocks: the node that refuses may be as far behind. */
const REFUSED_BLOCKS = 4;
/** Seconds before a deadline at which there is no time for that. */
const NO_TIME_SECS = 20;
/** Blocks may come seldom: what waits for one waits no longer than so much time for each. */
const SLOW_BLOCK_MS = 12_000;
/** A payment that could settle but did not so often is given up. */
const ATTEMPTS_MAX = 5;
/** How long money that cannot be recovered is left alone before the chain is asked again. */
const UNRECOVERABLE_BLOCKS = 30;

/** What the examiner needs. */
export interface ExaminerDeps extends PaymentContext {
  readonly chain: Chain;
  readonly wallet: Hex;
  readonly unseen: UnseenTxs;
  /** A payment that no node can judge for so long is an alarm. */
  readonly alarmAfterSecs: number;
  /** Takes the guarded path for money that was sent past the contract. */
  readonly recover: (row: PaymentRow) => void;
  /** Something became possible that was not before. */
  readonly wake: () => void;
}

/**
 * Finds out, one payment at a time, what became of those that did not simply settle, and ends,
 * confirms or returns them. Each change is a compare-and-set, so nothing is decided twice.
 */
export class Examiner {
  private readonly deps: ExaminerDeps;
  private readonly waiting = new Map<string, PaymentRow>();
  private readonly running = new Map<string, Promise<void>>();
  /** Not to be looked at again before a block higher than this, or that time where none comes. */
  private readonly deferred = new Map<
    string,
    { readonly block: number; readonly untilMs: number }
  >();
  private readonly refused = new Patience();
  private readonly unjudged = new Patience();

  constructor(deps: ExaminerDeps) {
    this.deps = deps;
  }

  /** Whether a payment is being looked at, or nothing new about it can be known yet. */
  holds(paymentId: string): boolean {
    return (
      this.waiting.has(paymentId) || this.running.has(paymentId) || this.deferred.has(paymentId)
    );
  }

  /** How many payments `holds` is true for. */
  get size(): number {
    return this.waiting.size + this.running.size + this.deferred.size;
  }

  /** Looks at a payment as soon as there is room. */
  examine(row: PaymentRow): void {
    if (this.holds(row.paymentId)) return;
    this.waiting.set(row.paymentId, row);
    this.startWaiting();
  }

  /** Lets the deferred be looked at again; called for each block, and every few seconds without one. */
  onHead(blockNumber: number): void {
    const nowMs = performance.now();
    for (const [id, { block, untilMs }] of this.deferred) {
      if (blockNumber > block || nowMs >= untilMs) this.deferred.delete(id);
    }
    this.refused.prune(blockNumber);
    this.unjudged.prune(blockNumber);
    if (this.unjudged.empty) this.deps.chain.endAlarm("payment-unjudged");
  }

  /** Resolves when nothing is being looked at. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  private startWaiting(): void {
    for (const [id, row] of this.waiting) {
      if (this.running.size >= AT_ONCE_MAX) return;
      this.waiting.delete(id);
      this.running.set(id, this.run(row));
    }
  }

  private async run(row: PaymentRow): Promise<void> {
    const id = row.paymentId;
    try {
      await this.look(id);
    } catch (err) {
      if (err instanceof RpcError) this.deferUnjudged(id, err.words);
      else this.defer(id);
      const level = err instanceof RpcError ? "debug" : "error";
      this.deps.log[level]({ err, payment_id: id }, "payment could not be examined");
    } finally {
      this.running.delete(id);
      this.startWaiting();
      this.deps.wake();
    }
  }

  /** Leaves a payment alone for some blocks. */
  defer(paymentId: string, blocks = 0, ms = (blocks + 1) * SLOW_BLOCK_MS): void {
    const untilMs = performance.now() + ms;
    this.deferred.set(paymentId, { block: (this.deps.chain.head?.number ?? 0) + blocks, untilMs });
  }

  /** Leaves a payment alone that no node can judge now, and says so where that lasts. */
  deferUnjudged(paymentId: string, words?: string): void {
    const { chain, alarmAfterSecs } = this.deps;
    this.defer(paymentId);
    const { ms } = this.unjudged.note(paymentId, chain.head?.number ?? 0);
    if (ms < alarmAfterSecs * 1_000) return;
    chain.alarm("payment-unjudged", { payment_id: paymentId }, words);
  }

  private judged(paymentId: string): void {
    this.unjudged.forget(paymentId);
    if (this.unjudged.empty) this.deps.chain.endAlarm("payment-unjudged");
  }

  private async look(paymentId: string): Promise<void> {
    const { store, queries, chain } = this.deps;
    await store.committed();
    const row = queries.find(paymentId);
    if (row?.state === "quoted") return this.lookAtUnpaid(row);
    if (!row || !(IN_PROGRESS.includes(row.state) || RETRYABLE_ENDS.includes(row.state))) return;
    const verdict = await findVerdict(chain, row);
    if (verdict.kind === "stranded") return this.recover(row);
    if (verdict.kind === "open") return this.judgeOpen(row, verdict);
    if (verdict.kind === "settling") return this.defer(paymentId);
    if (verdict.kind === "unknown") return this.deferUnjudged(paymentId);
    this.judged(paymentId);
    store.write((write) => {
      if (verdict.kind === "settled") this.confirm(write, row, verdict);
      else if (this.isSame(row)) {
        this.end(write, row, toVoidFailure(verdict.why, this.deps.now()), verdict.why);
      }
    });
  }

  /** A requirement of another epoch: what was accepted for it may have been lost. */
  private async lookAtUnpaid(row: PaymentRow): Promise<void> {
    const { store, chain } = this.deps;
    const use = await findUnpaidUse(chain, row);
    if (use.kind === "unknown") return this.defer(row.paymentId);
    this.judged(row.paymentId);
    store.write((write) => {
      if (use.kind === "unused") markUnused(write, this.deps, row);
      else attribute(write, this.deps, row, use.payer);
    });
  }

  private confirm(
    write: Write,
    row: PaymentRow,
    { facts, held }: Verdict & { kind: "settled" },
  ): void {
    const { deps } = this;
    if (confirm(write, deps, row, facts) && held) {
      recordHeld(write, deps, deps.chain, { row, shares: facts, ...held });
    }
  }

  /** Whether no transaction under way may still settle a payment. */
  private isUncarried({ state, txId }: PaymentRow): boolean {
    if (txId === null || !["submitting", "submitted"].includes(state)) return true;
    const tx = this.deps.txs.find(txId);
    return tx?.applied === true || tx?.state === "lost" || this.deps.unseen.isPast(txId);
  }

  /** Whether nothing happened to a payment while the chain was asked about it. */
  private isSame({ paymentId, state, txId }: PaymentRow): boolean {
    const now = this.deps.queries.find(paymentId);
    return now?.state === state && now.txId === txId;
  }

  private async recover(row: PaymentRow): Promise<void> {
    const { chain, wallet, txs } = this.deps;
    const tx = row.txId === null ? undefined : txs.find(row.txId);
    if (tx?.kind === "recover" && tx.state !== "lost" && !tx.applied) {
      return this.defer(row.paymentId);
    }
    // Whose authorization was lost with another steward's disk cannot be recovered from here.
    const may = row.signature !== null && (row.mode === "escrow" || chain.recoverer);
    if (may && (await wouldRecover(chain, wallet, row))) {
      this.deps.recover(row);
      return;
    }
    chain.alarm("unrecovered-money", {
      payment_id: row.paymentId,
      payer: row.payer,
      recoverer: chain.recoverer,
    });
    this.defer(row.paymentId, UNRECOVERABLE_BLOCKS);
  }

  private end(write: Write, row: PaymentRow, failure: Failure, why: string): void {
    if (RETRYABLE_ENDS.includes(row.state)) markVoid(write, this.deps, row, why);
    else if (row.state === "authorized") reject(write, this.deps, row, failure);
    else fail(write, this.deps, row, failure);
  }

  private async judgeOpen(row: PaymentRow, verdict: Verdict & { kind: "open" }): Promise<void> {
    const { deps } = this;
    if (RETRYABLE_ENDS.includes(row.state) || !this.isUncarried(row))
      return this.defer(row.paymentId);
    const refusal = await findRefusal(deps.chain, deps.wallet, row);
    const settles = refusal === undefined;
    this.judged(row.paymentId);
    const failure = toFailure(row, verdict);
    if (refusal !== undefined && failure.reason === "SETTLEMENT_REVERTED") {
      deps.chain.token.noteRefusal(row, refusal);
    }
    if (row.state === "authorized") {
      if (settles) this.defer(row.paymentId);
      else if (this.isNew(row, verdict.head)) {
        this.defer(row.paymentId, REFUSED_BLOCKS - 1, SLOW_BLOCK_MS);
      } else deps.store.write((write) => reject(write, deps, row, failure));
      return;
    }
    deps.store.write((write) => {
      if (!this.isSame(row)) return;
      if (failure.reason !== "DEADLINE_PASSED") this.countFailure(write, row);
      if (settles && row.attempts < ATTEMPTS_MAX)
        unclaim(write, deps, row, "not settled, but could be");
      else fail(write, deps, row, failure);
    });
  }

  /** Whether a refusal may be of the past: money may have come in blocks that this node has not yet. */
  private isNew({ paymentId, deadline }: PaymentRow, head: Block): boolean {
    if (deadline - head.timestamp <= NO_TIME_SECS) return false;
    const { blocks, ms } = this.refused.note(paymentId, head.number);
    // No new block for so long: the chain makes blocks only for transactions, so the node is not
    // behind, and waiting for the next one would be for ever.
    return blocks < REFUSED_BLOCKS && !(blocks === 0 && ms >= SLOW_BLOCK_MS);
  }

  /** Counts against the payer only what a mined transaction tried and could not do. */
  private countFailure(write: Write, { chainId, payer, paymentId, txId }: PaymentRow): void {
    const { queries, txs, now } = this.deps;
    if (payer === null || txId === null || txs.findOutcome(txId, paymentId) !== "failed") return;
    queries.addFailure(write, { chainId, payer, paymentId, at: now() });
  }
}

function toFailure(row: PaymentRow, { balance, head }: Verdict & { kind: "open" }): Failure {
  if (head.timestamp >= row.deadline) {
    return { reason: "DEADLINE_PASSED", message: "The authorization ran out before it settled." };
  }
  if (balance < row.amount) {
    return {
      reason: "INSUFFICIENT_BALANCE",
      message: "The payer's balance is lower than the amount.",
    };
  }
  return { reason: "SETTLEMENT_REVERTED", message: "The settlement is refused by the contract." };
}

function toVoidFailure(why: "expired" | "canceled" | "used elsewhere", now: number): Failure {
  return why === "expired"
    ? {
        reason: "DEADLINE_PASSED",
        message: "The authorization ran out before it settled.",
        voidAt: now,
      }
    : { reason: "AUTHORIZATION_USED", message: `The authorization was ${why}.`, voidAt: now };
}
