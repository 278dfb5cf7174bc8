import type { ActionTable } from "../actions/action-table.ts";
import {
  type ActionHandler,
  type ActionResult,
  type Invocation,
  isUnknownOutcome,
} from "../actions/handler.ts";
import type { Logger } from "../base/log.ts";
import { DURATION_SECS, Histograms } from "../base/metrics.ts";
import { type SpanSink, toRequestTrace } from "../base/spans.ts";
import { StewardError } from "../errors.ts";
import type { PaymentRecords, RequestKey } from "../payments/port.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { Store, Write } from "../store/database.ts";
import type { RunOutcome } from "../store/replication/run-reports.ts";
import type { RequestQueries, RequestRow } from "../store/zones/requests.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import type { ZoneGate } from "../zones/zone-gate.ts";
import { findFinalAnswer, toFailureAnswer, toPending, toStoredFailure } from "./answers.ts";
import { toGateClass } from "./progress.ts";
import { RefundWatch } from "./refund-watch.ts";
import { toResultText } from "./result-text.ts";
import { toFailedOutcome, UNSTARTED } from "./run-outcome.ts";
import type { Waiters } from "./waiters.ts";

const RECORD_RETRY_MS = 1000;
const RECORD_ATTEMPTS_MAX = 60;
const STOPPING_RETRY_MS = 5000;

export interface ActionRunnerDeps {
  readonly store: Store;
  readonly gate: ZoneGate;
  readonly requests: RequestQueries;
  readonly actions: ActionTable;
  /** Undefined on a steward without a chain. */
  readonly records: PaymentRecords | undefined;
  readonly waiters: Waiters;
  /** Sends a body to every session of a request's sender; the caller holds the gates. */
  readonly push: (to: RequestKey, body: StewardBody, replyTo: string) => void;
  /** Notes what became of a run whose request another steward is in charge of by now. */
  readonly report: (write: Write, run: RequestRow, outcome: RunOutcome) => void;
  readonly now: () => number;
  readonly log: Logger;
  readonly spans: SpanSink | undefined;
  readonly freeAnswerSecs: number;
  readonly paidAnswerSecs: number;
}

/** Runs actions once per request and keeps their answers; `docs/protocol.md` §8. */
export class ActionRunner implements AsyncDisposable {
  readonly refunds: RefundWatch;
  /** Seconds that runs took, by `ok` or `failed`. */
  readonly runs = new Histograms(DURATION_SECS);
  private readonly deps: ActionRunnerDeps;
  private readonly running = new Set<Promise<void>>();
  /** Invoke ids of runs that this process executes, or is about to. */
  private readonly begun = new Set<string>();
  private readonly abort = new AbortController();
  private isClosed = false;

  constructor(deps: ActionRunnerDeps) {
    this.deps = deps;
    this.refunds = new RefundWatch(deps.records);
  }

  /** Records a run and starts it once that is durable. */
  start(write: Write, row: RequestRow, handler: ActionHandler): RequestRow {
    const { requests, now } = this.deps;
    const { idempotent } = handler;
    const change = { idempotent, updatedAt: now(), runner: null };
    const started = requests.moveRequest(write, row, "running", change);
    this.executeHeld(started, handler);
    return started;
  }

  /** Records a free request that was not asked for before together with its run, as `start` does. */
  startNew(write: Write, asked: RequestRow, handler: ActionHandler): void {
    const row: RequestRow = { ...asked, state: "running", idempotent: handler.idempotent };
    this.deps.requests.insertRequest(write, row);
    this.executeHeld(row, handler);
  }

  /** Begins no run any more; what is paid stays so, and runs after the next start. */
  close(): void {
    this.isClosed = true;
  }

  /** @throws StewardError `internal` STOPPING once no run begins any more */
  assertOpen(): void {
    if (!this.isClosed) return;
    throw new StewardError("internal", { reason: "STOPPING", retryAfterMs: STOPPING_RETRY_MS });
  }

  /** Returns a free request that was not asked for before, as it is once its result is computed. */
  toAnswered(row: RequestRow, result: ActionResult): RequestRow {
    const text = toResultText(result);
    this.runs.observe("ok", 0);
    return { ...row, ...this.toKept(row), idempotent: true, state: "answered", result: text };
  }

  /**
   * Runs a paid request's action; after a failure not while its refund is under way.
   * @throws StewardError as `assertOpen`, where it was run before
   */
  startPaid(write: Write, row: RequestRow): void {
    if (this.isClosed && row.state === "paid") return;
    this.assertOpen();
    if (row.state === "failed" && this.refunds.isUnderWay(row)) return this.announce(row);
    const handler = this.deps.actions.find(row.zoneId, row.action);
    // A steward that nobody can ask any more may have run it: the operator decides, who may know.
    const isDoubted = row.state === "paid" && row.runner !== null;
    if (isDoubted && handler?.idempotent !== true) {
      return this.endUnknown(write, row, new StewardError("internal", { reason: "UNDELIVERED" }));
    }
    if (handler !== undefined) {
      this.start(write, row, handler);
      return;
    }
    this.fail(write, row, new StewardError("internal", { reason: "NO_HANDLER" }));
  }

  /**
   * Takes up what an earlier process left: paid requests, and runs whose outcome is unknown. Those of a zone
   * that this steward is not in charge of wait until it is.
   */
  resume(): void {
    const { gate } = this.deps;
    this.resumeSome((row) => gate.isInCharge(row.zoneId, toGateClass(row)));
    gate.onInCharge((zoneId) => this.resumeSome((row) => row.zoneId === zoneId));
  }

  private resumeSome(isMeant: (row: RequestRow) => boolean): void {
    const { store, requests } = this.deps;
    const isLeft = (row: RequestRow) => !this.begun.has(row.invokeId) && isMeant(row);
    store.write((write) => {
      for (const row of requests.listRequests("paid").filter(isLeft)) this.startPaid(write, row);
      for (const row of requests.listRequests("running").filter(isLeft)) this.resumeRun(write, row);
    });
  }

  /** Completes a paid run that was given up on: what came late is its result, and it is not repeated. */
  completeLate(
    write: Write,
    key: RequestKey,
    invokeId: string,
    outcome: ActionResult | StewardError,
  ): void {
    const row = this.deps.requests.findRequest(key);
    if (row?.invokeId !== invokeId || row.state !== "undelivered") return;
    let text: string;
    try {
      if (outcome instanceof StewardError) throw outcome;
      text = toResultText(outcome);
    } catch (error) {
      this.endFailed(write, row, error);
      return;
    }
    this.finish(write, row, text);
  }

  /** How many runs are under way. */
  get underWay(): number {
    return this.running.size;
  }

  /**
   * Takes what the steward that began a run tells of it: what it came to, or that it never began and so may; the
   * caller checked whose run it is.
   */
  takeReport(write: Write, row: RequestRow, { result, failure }: RunOutcome): void {
    if (!isOpenRun(row)) return;
    if (result !== null) return this.finish(write, row, result);
    if (failure !== null) {
      const error = new StewardError("internal", { reason: "HANDLER_FAILED", message: failure });
      return this.fail(write, row, error);
    }
    // It may have been taken up here meanwhile, as one that may run again.
    if (this.begun.has(row.invokeId)) return;
    if (!this.refunds.isUnderWay(row)) this.startPaid(write, row);
  }

  /** Waits for the runs under way, at most `ms`. */
  async drain(ms: number): Promise<void> {
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
    await Promise.race([Promise.allSettled([...this.running]), timeout]);
  }

  /** Gives up on runs under way; a later start takes them up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.abort.abort();
    await Promise.allSettled([...this.running]);
  }

  private resumeRun(write: Write, row: RequestRow): void {
    if (this.isClosed) return;
    const handler = this.deps.actions.find(row.zoneId, row.action);
    if (row.idempotent && handler !== undefined) {
      // What another steward began is this one's run from here on, and recorded as such before it starts.
      if (row.runner !== null) this.start(write, row, handler);
      else this.executeHeld(row, handler);
      return;
    }
    this.endUnknown(write, row, new StewardError("internal", { reason: "UNDELIVERED" }));
  }

  private endUnknown(write: Write, key: RequestKey, error: unknown): void {
    const { requests, now } = this.deps;
    const row = this.get(key);
    if (!row.paid || this.refunds.isDone(row)) return this.fail(write, row, error);
    const change = { failure: toStoredFailure(error), updatedAt: now() };
    this.announceWait(requests.moveRequest(write, row, "undelivered", change));
  }

  /** Says at once why there will be no answer before the operator acts. */
  private announceWait(row: RequestRow): void {
    const { gate, records, waiters, push } = this.deps;
    gate.hold(row.zoneId, toGateClass(row), () => {
      const body = toPending(records, row);
      if (!waiters.tell(row, body)) push(row, body, row.messageId);
    });
  }

  /** Executes a run once its record is durable and acknowledged, which it must be before it has an effect. */
  private executeHeld(row: RequestRow, handler: ActionHandler): void {
    const { invokeId } = row;
    this.begun.add(invokeId);
    const forget = () => this.begun.delete(invokeId);
    const run = () => this.track(this.execute(row, handler).finally(forget));
    const deposed = () => {
      forget();
      this.record((write) => this.deps.report(write, row, UNSTARTED));
    };
    const options = { abort: forget, deposed };
    this.deps.gate.hold(row.zoneId, toGateClass(row), run, options);
  }

  private track(run: Promise<void>): void {
    this.running.add(run);
    run
      .catch((error: unknown) => this.deps.log.error({ err: error }, "a run could not be recorded"))
      .finally(() => this.running.delete(run));
  }

  private async execute(row: RequestRow, handler: ActionHandler): Promise<void> {
    const { log } = this.deps;
    const beganMs = performance.now();
    const note = (outcome: "ok" | "failed") =>
      this.noteRun(row, performance.now() - beganMs, outcome);
    let text: string;
    try {
      text = toResultText(await handler.invoke(toInvocation(row), this.abort.signal));
    } catch (error) {
      if (this.abort.signal.aborted) return;
      note("failed");
      log.warn({ err: error, request: row.requestId, action: row.action }, "a run failed");
      this.record((write) => {
        if (this.isOwn(row)) this.endFailed(write, row, error);
        else if (!isUnknownOutcome(error)) this.deps.report(write, row, toFailedOutcome(error));
      });
      return;
    }
    note("ok");
    this.record((write) => {
      if (this.isOwn(row)) this.finish(write, row, text);
      else this.deps.report(write, row, { result: text, failure: null });
    });
  }

  private noteRun(row: RequestRow, tookMs: number, outcome: "ok" | "failed"): void {
    this.runs.observe(outcome, tookMs / 1000);
    const { nodeId, requestId, zoneId, action, invokeId } = row;
    this.deps.spans?.add({
      ...{ name: "run", kind: "internal", endedMs: Date.now(), tookMs },
      trace: toRequestTrace(nodeId, requestId),
      attributes: {
        ...{ node_id: nodeId, request_id: requestId, zone_id: zoneId, action },
        invoke_id: invokeId,
      },
      error: outcome === "failed" ? outcome : undefined,
    });
  }

  /** Whether a run that this process began is still its own to end: another steward may be in charge by now. */
  private isOwn(run: RequestRow): boolean {
    const { requests, gate } = this.deps;
    if (!gate.isReplicated(run.zoneId)) return true;
    const row = requests.findRequest(run);
    return row?.invokeId === run.invokeId && row.runner === null && isOpenRun(row);
  }

  /** Writes what a run came to; what a full disk refuses is tried again, the run is not. */
  private record(change: (write: Write) => void, attempt = 1): void {
    const { store, log } = this.deps;
    const again = (err: unknown): void => {
      log.error({ err, attempt }, "a run's outcome could not be written");
      if (attempt >= RECORD_ATTEMPTS_MAX || this.abort.signal.aborted) return;
      setTimeout(() => this.record(change, attempt + 1), RECORD_RETRY_MS).unref();
    };
    try {
      store.write((write) => {
        change(write);
        store.gate(() => {}, again);
      });
    } catch (error) {
      again(error);
    }
  }

  private endFailed(write: Write, row: RequestRow, error: unknown): void {
    // An idempotent handler may run again whether or not this run took effect: it counts as failed,
    // not as unknown.
    if (!row.idempotent && isUnknownOutcome(error)) this.endUnknown(write, row, error);
    else this.fail(write, row, error);
  }

  private finish(write: Write, key: RequestKey, result: string): void {
    const row = this.get(key);
    const kept = this.toKept(row);
    const answered = this.deps.requests.moveRequest(write, row, "answered", {
      result,
      failure: null,
      ...kept,
    });
    if (row.paid) this.deps.records?.markDelivered(write, row);
    this.announce(answered);
  }

  private fail(write: Write, key: RequestKey, error: unknown): void {
    const row = this.get(key);
    const kept = this.toKept(row);
    if (this.refunds.isDone(row)) {
      this.endRefunded(write, { ...row, ...kept });
      return;
    }
    const failure = toStoredFailure(error);
    this.announce(this.deps.requests.moveRequest(write, row, "failed", { failure, ...kept }));
  }

  /** A run takes its time: the row may have been paid meanwhile. */
  private get(key: RequestKey): RequestRow {
    const row = this.deps.requests.findRequest(key);
    if (row === undefined) throw new Error(`The request ${key.requestId} is gone.`);
    return row;
  }

  /** Keeps the answer of a request that was paid after it had run. */
  keepPaid(write: Write, row: RequestRow): void {
    this.deps.requests.moveRequest(write, row, row.state, this.toKept(row));
    this.deps.records?.markDelivered(write, row);
  }

  private toKept(row: RequestRow): { updatedAt: number; expiresAt: number } {
    const { now, freeAnswerSecs, paidAnswerSecs } = this.deps;
    return { updatedAt: now(), expiresAt: now() + (row.paid ? paidAnswerSecs : freeAnswerSecs) };
  }

  private announce(row: RequestRow): void {
    const body = findFinalAnswer(this.deps.records, row);
    if (body !== undefined) this.answer(row, body);
  }

  /** Ends a request whose money goes back, and says so to its sender. */
  endRefunded(write: Write, row: RequestRow): void {
    const { requests, now } = this.deps;
    const failure = toStoredFailure(new StewardError("internal", { reason: "REFUNDED" }));
    const change = { failure, paid: true, updatedAt: now() };
    const ended = requests.moveRequest(write, row, "refunded", change);
    this.answer(ended, toFailureAnswer(ended));
  }

  /** Answers everybody who waits for a request, or pushes the answer to its sender. */
  answer(row: RequestRow, body: StewardBody, gateClass = toGateClass(row)): void {
    const { gate, waiters, push } = this.deps;
    gate.hold(row.zoneId, gateClass, () => {
      if (!waiters.answer(row, body)) push(row, body, row.messageId);
    });
  }
}

function isOpenRun({ state }: RequestRow): boolean {
  return state === "running" || state === "undelivered";
}

function toInvocation(row: RequestRow): Invocation {
  return {
    invokeId: row.invokeId,
    zoneId: row.zoneId,
    action: row.action,
    paramsText: row.params,
    get params() {
      return JSON.parse(row.params) as JsonObject;
    },
    isPaid: row.paid,
    requester: row.nodeId,
    requestId: row.requestId,
  };
}
