import { existsSync } from "node:fs";
import type { Logger } from "../base/log.ts";
import type { StewardError } from "../errors.ts";
import { toPauseMsMax } from "../outbound/backoff.ts";
import { toFailure } from "../outbound/failure.ts";
import type { JsonValue } from "../protocol/json.ts";
import { type ActionHandler, EXTRA_MS_MAX, type Invocation } from "./handler.ts";
import { type ModuleAnswer, ModuleProcess, type ModuleSpec } from "./module-process.ts";

/** A run that lost its process to another run's fault gets one more. */
const ATTEMPTS_MAX = 2;
const RUNS_MAX = 1000;
const RETRY_BUSY_MS = 1000;
const LOAD_MS_MAX = 10_000;
const BACKOFF = { firstMs: 100, maxMs: 30_000 };

export interface ModuleHandlerOptions extends ModuleSpec {
  readonly timeoutMs: number;
  readonly log: Logger;
}

interface Run {
  readonly invocation: Invocation;
  timeout: NodeJS.Timeout;
  /** Whatever it waits for and however often it begins anew: monotonic milliseconds. */
  readonly deadlineMs: number;
  /** The process it runs in; undefined while it waits for one. */
  process: ModuleProcess | undefined;
  attempts: number;
  finish(result: JsonValue | StewardError): void;
}

/**
 * Runs an operator's module in a warm child process with a deadline for each run, so that a bad
 * module cannot stop the steward. It is no sandbox: modules are the operator's own code; see
 * `docs/decisions/action-handlers.md`.
 */
export class ModuleHandler implements ActionHandler, AsyncDisposable {
  readonly idempotent = true;
  private readonly options: ModuleHandlerOptions;
  private readonly runs = new Map<number, Run>();
  /** Those of them that no process has. */
  private readonly waiting = new Map<number, Run>();
  /** Those that were in a process that died of a run, perhaps of theirs: each gets the next one for itself. */
  private readonly suspects = new Map<number, Run>();
  private process: ModuleProcess | undefined;
  private nextId = 1;
  /** Ends of the process since it last answered. */
  private crashes = 0;
  private restart: { readonly timer: NodeJS.Timeout; readonly atMs: number } | undefined;
  private loading: NodeJS.Timeout | undefined;
  private isDisposed = false;
  private idleListener: (() => void) | undefined;
  /** The process that is ended because a run passed its deadline: the others are not to blame. */
  private overdue: ModuleProcess | undefined;

  /** Starts the process at once: the first run finds it warm. */
  constructor(options: ModuleHandlerOptions) {
    this.options = options;
    this.start();
  }

  /** Refuses while the module keeps failing, and while too many runs wait for it. */
  assertAvailable(): void {
    if (this.restart !== undefined) {
      throw toFailure({
        reason: "UPSTREAM_UNAVAILABLE",
        message: "The action's module keeps failing; it is started again soon.",
        retryAfterMs: Math.max(0, Math.ceil(this.restart.atMs - performance.now())),
      });
    }
    this.assertRoom();
  }

  /** Runs the module's default export with the invocation. */
  async invoke(invocation: Invocation, signal: AbortSignal): Promise<JsonValue> {
    // A module that restarts refuses no run that is paid for: the run waits, until its own
    // deadline.
    this.assertRoom();
    const id = this.nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<JsonValue>();
    const onAbort = (): void => run.finish(toModuleFailure("The steward stops."));
    const run: Run = {
      invocation,
      process: undefined,
      attempts: 0,
      timeout: setTimeout(() => this.onTimeout(run), this.options.timeoutMs),
      deadlineMs: performance.now() + this.options.timeoutMs + EXTRA_MS_MAX,
      finish: (result) => {
        clearTimeout(run.timeout);
        signal.removeEventListener("abort", onAbort);
        this.runs.delete(id);
        this.waiting.delete(id);
        if (result instanceof Error) reject(result);
        else resolve(result);
        // The others waited for its end.
        if (this.suspects.delete(id)) this.dispatch();
        if (this.runs.size === 0) this.idleListener?.();
      },
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.runs.set(id, run);
    this.waiting.set(id, run);
    this.dispatch();
    return promise;
  }

  /** Calls back, once, when no run is left; at once where none is. */
  onIdle(listener: () => void): void {
    this.idleListener = () => {
      this.idleListener = undefined;
      listener();
    };
    if (this.runs.size === 0) this.idleListener();
  }

  /** Ends the child process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    clearTimeout(this.loading);
    clearTimeout(this.restart?.timer);
    await this.process?.[Symbol.asyncDispose]();
  }

  private assertRoom(): void {
    if (this.runs.size < RUNS_MAX) return;
    throw toFailure({
      reason: "UPSTREAM_UNAVAILABLE",
      message: "Too many runs wait for the action's module.",
      retryAfterMs: RETRY_BUSY_MS,
    });
  }

  private start(): void {
    this.restart = undefined;
    // The warnings name it; nothing would come of a process.
    if (!existsSync(this.options.path)) return this.startLater(BACKOFF.maxMs);
    const started: ModuleProcess = new ModuleProcess(this.options, this.options.log, {
      onReady: () => {
        clearTimeout(this.loading);
        this.dispatch();
      },
      onAnswer: (answer) => this.onAnswer(answer),
      onEnd: () => this.onEnd(started),
    });
    this.process = started;
    this.loading = setTimeout(() => started.kill("it does not load in time"), LOAD_MS_MAX);
  }

  private dispatch(): void {
    const { process } = this;
    if (process === undefined || !process.isReady) return;
    for (const [id, run] of this.listNext()) {
      this.waiting.delete(id);
      run.process = process;
      run.attempts++;
      this.rearm(run);
      process.send(id, run.invocation);
    }
  }

  /** Suspects run one after another, and nothing else meanwhile, so that they harm only themselves. */
  private listNext(): Iterable<[number, Run]> {
    const [suspect] = this.suspects;
    if (suspect === undefined) return this.waiting;
    return this.waiting.has(suspect[0]) ? [suspect] : [];
  }

  private onAnswer({ id, text, error, oversize }: ModuleAnswer): void {
    this.crashes = 0;
    const run = this.runs.get(id);
    if (oversize) run?.finish(toOversize());
    else if (text === undefined)
      run?.finish(toModuleFailure(error ?? "The action's module failed."));
    else run?.finish(parseResult(text));
  }

  private rearm(run: Run): void {
    clearTimeout(run.timeout);
    const leftMs = Math.min(this.options.timeoutMs, run.deadlineMs - performance.now());
    run.timeout = setTimeout(() => this.onTimeout(run), leftMs);
  }

  private onTimeout(run: Run): void {
    const { process } = run;
    run.finish(toModuleFailure("The action's module did not answer in time."));
    // A run past its time may block the child's only thread: the process is ended, other runs get a
    // new one.
    if (process === undefined || process !== this.process) return;
    this.overdue = process;
    process.kill("a run passed its deadline");
  }

  private onEnd(ended: ModuleProcess): void {
    if (this.process !== ended || this.isDisposed) return;
    this.process = undefined;
    clearTimeout(this.loading);
    this.crashes++;
    for (const [id, run] of [...this.runs]) {
      if (!ended.isReady) run.attempts++;
      if (run.process === ended) {
        if (this.overdue === ended) this.suspects.delete(id);
        else this.suspects.set(id, run);
        this.rearm(run);
      }
      run.process = undefined;
      this.waiting.set(id, run);
      if (run.attempts >= ATTEMPTS_MAX) {
        run.finish(toModuleFailure("The action's module ended while it ran."));
      }
    }
    this.scheduleStart();
  }

  private scheduleStart(): void {
    if (this.crashes <= 1) return this.start();
    this.startLater(toPauseMsMax(BACKOFF, this.crashes - 1));
  }

  private startLater(backoffMs: number): void {
    this.restart = {
      atMs: performance.now() + backoffMs,
      timer: setTimeout(() => this.start(), backoffMs),
    };
  }
}

function parseResult(text: string): JsonValue | StewardError {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return toModuleFailure("The action's module answered with no JSON.");
  }
}

function toOversize(): StewardError {
  const message = "The result of the action's module is too large.";
  return toFailure({ reason: "RESULT_TOO_LARGE", message });
}

function toModuleFailure(message: string): StewardError {
  return toFailure({ reason: "HANDLER_FAILED", message });
}
