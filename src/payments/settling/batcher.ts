import type { Hex } from "viem";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import { readCode } from "../chain/reads.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import { toCompleteCall, toPayCall } from "../contracts/escrow-call.ts";
import { toBatchCall, toBatchSize } from "../contracts/settle-call.ts";
import { nextOpJob } from "../jobs/escrow-jobs.ts";
import { HeldJobs } from "../jobs/held-jobs.ts";
import type { Held, Job, JobInput, JobSends } from "../jobs/job.ts";
import { UnjudgedJobs } from "../jobs/unjudged-jobs.ts";
import { nextJob } from "../jobs/wallet-jobs.ts";
import { SendGate } from "../ledger/send-gate.ts";
import { toGasLeft } from "./block-space.ts";
import { FILL_GAS } from "./fee-bump.ts";
import { findRefusal, type Simulation, simulateBatch } from "./simulate.ts";
import { readMined, type Submission, type SubmitterDeps, submit } from "./submitter.ts";
import type { UnseenTxs } from "./unseen.ts";

/** A partial batch waits this long per transaction already under way, so that it can fill. */
const COLLECT_MS = 50;
/** Payments on their way are simulated before a batch up to this many. */
const UNDER_WAY_MAX = 150;
const BLOCK_GAS_UNKNOWN = 30_000_000n;
/** Before the first block: of the mined transactions only those not applied matter here. */
const NO_BLOCK = -1;
/** A batch is not made smaller than this to fit a block. */
const SPLIT_MIN = 20;

/** What forming batches needs. */
export interface BatcherDeps extends SubmitterDeps {
  readonly batchMax: number;
  readonly inFlightMax: number;
  /** What no node will execute for so long is an alarm. */
  readonly alarmAfterSecs: number;
  readonly examiner: BatchExaminer;
  readonly unseen: UnseenTxs;
  /** Whether the books know so many mined transactions of the wallet; `WalletWatch.mayFollow`. */
  readonly mayFollow: (mined: number) => Promise<boolean>;
  /** Asks for another look in so many milliseconds. */
  readonly wakeIn: (ms: number) => void;
}

/** Who takes the payments that would not simply settle. */
export interface BatchExaminer {
  readonly size: number;
  holds(paymentId: string): boolean;
  examine(row: PaymentRow): void;
  deferUnjudged(paymentId: string, words: string): void;
}

/** Makes transactions out of the payments that wait; called by one loop only. */
export class Batcher {
  private readonly deps: BatcherDeps;
  private readonly stranded = new Map<string, PaymentRow>();
  private waitingSinceMs: number | undefined;
  private fillAsked = false;
  private opsTurn = false;
  private readonly held: Held;
  private readonly unjudged: UnjudgedJobs;
  private readonly onUnjudged: JobInput["onUnjudged"] = (kind, words) =>
    this.unjudged.note(kind, words);
  private readonly payments: SendGate;
  private readonly sends: JobSends;
  private readonly sending = new Set<Promise<unknown>>();

  constructor(deps: BatcherDeps) {
    this.deps = deps;
    const wake = () => deps.wakeIn(0);
    const create = () => new SendGate(deps.gate, wake);
    this.payments = create();
    this.sends = { refund: create(), register: create(), escrow: create() };
    this.unjudged = new UnjudgedJobs(deps.chain, deps.alarmAfterSecs * 1_000);
    this.held = {
      escrow: new HeldJobs("escrow", this.onUnjudged),
      refund: new HeldJobs("refund", this.onUnjudged),
      claim: new HeldJobs("claim", this.onUnjudged),
    };
  }

  /** Takes a payment whose money lies in the contract, to be paid out by `recover`. */
  recover(row: PaymentRow): void {
    this.stranded.set(row.paymentId, row);
  }

  /** Uses up a nonce that nothing was signed for, as those behind it cannot be mined before. */
  fillGap(): void {
    this.fillAsked = true;
  }

  /**
   * Sends at most one transaction.
   * @returns whether there may be more to send at once
   * @throws RpcError where no node answers
   */
  async step(): Promise<boolean> {
    const { chain, store, txs, wallet, inFlightMax, batchMax } = this.deps;
    await store.committed();
    const sender = { chainId: chain.config.chain_id, sender: wallet.address };
    const open = txs.listDue(sender, NO_BLOCK).filter((tx) => !this.deps.unseen.has(tx.txId));
    const waiting = open.filter((tx) => tx.state === "signed");
    const queued = this.listQueued();
    chain.setBusy(queued.length > 0 || this.stranded.size > 0 || open.some((tx) => !tx.applied));
    if (queued.length === 0) this.waitingSinceMs = undefined;
    if (!chain.usable) return false;
    if (this.fillAsked) return this.submitFill();
    if (waiting.length >= inFlightMax || this.deps.unseen.full) return false;
    if (this.stranded.size > 0) return this.submitRecover();
    if (queued.length === 0) return this.submitJob();
    if (this.opsTurn) return this.submitOp();
    if (queued.length < batchMax && this.waitsToFill(waiting.length)) return false;
    this.waitingSinceMs = undefined;
    this.opsTurn = true;
    return this.submitBatch(this.pickBatch(queued, waiting));
  }

  /** A lone payment never waits; the more is under way, the longer a batch may fill. */
  private waitsToFill(underWay: number): boolean {
    this.waitingSinceMs ??= performance.now();
    const leftMs = this.waitingSinceMs + underWay * COLLECT_MS - performance.now();
    if (leftMs <= 0) return false;
    this.deps.wakeIn(leftMs);
    return true;
  }

  private listQueued(): PaymentRow[] {
    const { chain, due, batchMax, examiner } = this.deps;
    const limit = batchMax + examiner.size + this.stranded.size + this.payments.waiting;
    const time = BigInt(chain.head?.timestamp ?? 0);
    const waiting = due.listAuthorized(chain.config.chain_id, limit);
    const toSendable = ({ paymentId: id, zoneId }: PaymentRow) => ({ id, zoneId });
    return this.payments.pick(waiting, toSendable).filter((row) => {
      const { paymentId, validAfter } = row;
      if (examiner.holds(paymentId) || this.stranded.has(paymentId)) return false;
      // The token compares `validAfter` with the block's time, which may be behind our clock.
      return validAfter !== null && validAfter < time;
    });
  }

  private get blockGas(): bigint {
    return this.deps.chain.head?.gasLimit ?? BLOCK_GAS_UNKNOWN;
  }

  /** The most gas that one transaction is given. */
  private get gasMax(): bigint {
    const { txGasMax } = this.deps.chain.sends;
    const half = this.blockGas / 2n;
    return half < txGasMax ? half : txGasMax;
  }

  private pickBatch(queued: readonly PaymentRow[], waiting: readonly TxRow[]): PaymentRow[] {
    const [first] = queued;
    // A smart account's check runs the payer's own code, which may use up a batch's gas: such a
    // payment goes alone. So does a deposit, which is a call of another contract.
    if (first && isAlone(first)) return [first];
    // Each attempt that did not settle it leaves a quarter of its company: a payment that makes
    // batches fail is soon alone.
    const tries = first?.attempts ?? 0;
    const goesAlong = (row: PaymentRow): boolean =>
      row.mode === "direct" &&
      row.contract === first?.contract &&
      !row.byContract &&
      row.attempts === tries;
    const rows = queued.filter(goesAlong).slice(0, Math.max(1, this.deps.batchMax >> (2 * tries)));
    const { blockGas } = this;
    const full = rows.slice(0, toBatchSize(rows, this.gasMax));
    // A batch that does not fit into what is left of the block would wait, and later nonces of the
    // wallet with it.
    const fitting = toBatchSize(full, toGasLeft(waiting, blockGas));
    return fitting < SPLIT_MIN ? full : full.slice(0, fitting);
  }

  private async submitBatch(rows: readonly PaymentRow[]): Promise<boolean> {
    const { chain, examiner } = this.deps;
    const time = chain.head?.timestamp ?? 0;
    const late = rows.filter((row) => row.deadline <= time + 1);
    for (const row of late) examiner.examine(row);
    const inTime = await this.withoutCode(rows.filter((row) => !late.includes(row)));
    if (inTime.length === 0) return true;
    const [mined, simulated] = await Promise.all([this.readMined(), this.simulate(inTime)]);
    const { good } = simulated;
    const [only] = good;
    if (!only) return true;
    const deposit = only.mode === "escrow" ? only : undefined;
    const to = only.contract as Hex;
    const call = deposit
      ? toPayCall(deposit)
      : (simulated.call ?? toBatchCall(good, chain.packs(to)));
    if (!this.canPay(call.gas)) return false;
    return this.submit({ kind: deposit ? "deposit" : "settle", to, mined, rows: good, ...call });
  }

  /**
   * Of payments that go again, those of payers with code (EIP-7702) travel alone: what such code does
   * in a block need not be what it did in the simulation.
   */
  private async withoutCode(rows: readonly PaymentRow[]): Promise<readonly PaymentRow[]> {
    const { rpc } = this.deps.chain;
    const [first] = rows;
    if (!first || rows.length === 1 || first.attempts === 0) return rows;
    const codes = await Promise.all(rows.map(({ payer }) => readCode(rpc, payer as Hex)));
    return codes[0] === "0x" ? rows.filter((_, i) => codes[i] === "0x") : [first];
  }

  /** @throws RpcError where the books do not know them all, too: nothing is sent */
  private async readMined(): Promise<number> {
    const mined = await readMined(this.deps);
    if (await this.deps.mayFollow(mined)) return mined;
    throw new RpcError("unavailable", `the books do not know ${mined} transactions of the wallet`);
  }

  /** Sends without waiting for the node's answer: the next batch need not either. */
  private async submit(submission: Submission): Promise<boolean> {
    const submitted = await submit(this.deps, submission);
    if (!submitted) return true;
    const sending = submitted.sent
      .catch((err: unknown) => this.deps.log.error({ err }, "broadcast failed"))
      .finally(() => this.sending.delete(sending));
    this.sending.add(sending);
    return true;
  }

  /** Resolves when no broadcast is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.sending);
  }

  private async simulate(rows: readonly PaymentRow[]): Promise<Simulation> {
    const { chain, wallet, examiner } = this.deps;
    try {
      const [only] = rows;
      if (only?.mode === "escrow") {
        const refusal = await findRefusal(chain, wallet.address, only);
        if (refusal === undefined) return { good: rows, bad: [] };
        examiner.examine(only);
        return { good: [], bad: rows };
      }
      const underWay = this.listUnderWay(rows);
      // Some nodes refuse an eth_call above the gas limit of one transaction: simulate no more than
      // that holds.
      const fitting = toBatchSize([...underWay, ...rows], this.gasMax) - underWay.length;
      const input = { underWay, rows: rows.slice(0, Math.max(1, fitting)) };
      const simulation = await simulateBatch(chain, wallet.address, input);
      for (const row of simulation.bad) examiner.examine(row);
      return simulation;
    } catch (error) {
      const [first] = rows;
      if (!(error instanceof RpcError) || !first || !isOfOne(error, first)) throw error;
      // No node can execute this one now, perhaps because of its payer's code: it waits a block,
      // the others go on.
      examiner.deferUnjudged(first.paymentId, error.words);
      return { good: [], bad: rows };
    }
  }

  /** Payments of the same payers that were sent but not seen mined: their money is spoken for. */
  private listUnderWay(rows: readonly PaymentRow[]): PaymentRow[] {
    const { chain, due } = this.deps;
    const payers = [...new Set(rows.map((row) => row.payer ?? ""))];
    const sent = due.listUnderWay(chain.config.chain_id, payers, UNDER_WAY_MAX);
    return sent.filter((row) => row.mode === "direct" && row.contract === rows[0]?.contract);
  }

  private async submitRecover(): Promise<boolean> {
    const [row] = this.stranded.values();
    if (!row) return false;
    const call = toCompleteCall(row);
    if (!this.canPay(call.gas)) return false;
    const to = row.contract as Hex;
    const mined = await this.readMined();
    this.stranded.delete(row.paymentId);
    return this.submit({ kind: "recover", to, mined, rows: [row], ...call });
  }

  private async submitFill(): Promise<boolean> {
    const to = this.deps.wallet.address;
    const mined = await this.readMined();
    this.fillAsked = false;
    return this.submit({ kind: "fill", to, mined, rows: [], data: "0x", gas: FILL_GAS });
  }

  /** Refunds and registrations wait until no payment does. */
  private async submitJob(): Promise<boolean> {
    const job = await nextJob(this.deps, this.jobInput);
    if (!job) this.unjudged.looked(Object.values(this.held).some(({ size }) => size > 0));
    return this.sendJob(job);
  }

  /** What is done with escrows has deadlines: it takes turns with the payments. */
  private async submitOp(): Promise<boolean> {
    this.opsTurn = false;
    await this.sendJob(await nextOpJob(this.deps, this.jobInput));
    return true;
  }

  private get jobInput(): JobInput {
    const { held, sends, onUnjudged } = this;
    const { chain, wallet } = this.deps;
    return { chain, wallet: wallet.address, held, sends, onUnjudged };
  }

  private async sendJob(job: Job | undefined): Promise<boolean> {
    if (!job || !this.canPay(job.gas)) return false;
    const mined = await this.readMined();
    return this.submit({ ...job, mined, rows: [] });
  }

  private canPay(gas: bigint): boolean {
    const { chain, wallet } = this.deps;
    const enough = chain.gas.canPay(gas);
    if (enough) chain.endAlarm("gas-low");
    else chain.alarm("gas-low", { wallet: wallet.address });
    return enough;
  }
}

/** A smart account's payment and a deposit have a transaction of their own. */
function isAlone({ byContract, mode }: PaymentRow): boolean {
  return byContract === true || mode === "escrow";
}

/** Whether an error may be about one payment: what no node answers is that only by its payer's code. */
function isOfOne({ fault, meaning }: RpcError, row: PaymentRow): boolean {
  return isAlone(row) && meaning !== "limited" && (fault === "refused" || row.byContract === true);
}
