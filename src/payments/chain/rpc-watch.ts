import type { Logger } from "../../base/log.ts";
import { Tally } from "../../base/metrics.ts";
import type { AlarmId } from "./alarms.ts";
import type { CallWatch, RpcError } from "./rpc-endpoint.ts";
import type { RpcMeaning } from "./rpc-errors.ts";

/** How alarms are raised and ended. */
export interface AlarmBell {
  alarm(id: AlarmId, details: object, nodeSays?: string): void;
  endAlarm(id: AlarmId): void;
}

/** What watching a chain's calls needs. */
export interface RpcWatchDeps {
  readonly log: Logger;
  readonly chainId: number;
  readonly bell: AlarmBell;
  /** A method that fails for so long is an alarm. */
  readonly alarmAfterMs: number;
}

/** Methods that a node need not have: there is another way. */
const OPTIONAL = ["eth_maxPriorityFeePerGas", "eth_feeHistory", "eth_getBlockReceipts"];
/** What is said of a broadcast is its sender's to judge. */
const SENDING = "eth_sendRawTransaction";
/** Errors about what was asked, not about the node. */
const ABOUT_THE_CALL: readonly (RpcMeaning | undefined)[] = ["halted", "gas-cap", "no-funds"];
const TOLD_AGAIN_MS = 60_000;

interface Failing {
  readonly sinceMs: number;
  lastMs: number;
  count: number;
  words: string;
}

/** Notices methods that no URL of a chain answers for a while, and errors of unknown meaning. */
export class RpcWatch implements CallWatch {
  /** Calls since the start, by `answered` or the fault. */
  readonly calls = new Tally();
  private readonly deps: RpcWatchDeps;
  private readonly failing = new Map<string, Failing>();
  private limitedAtMs = Number.NEGATIVE_INFINITY;
  private readonly toldAtMs = new Map<string, number>();

  constructor(deps: RpcWatchDeps) {
    this.deps = deps;
  }

  answered(method: string): void {
    this.calls.add("answered");
    this.failing.delete(method);
  }

  failed(method: string, error: RpcError, label: string): void {
    this.calls.add(error.meaning === "limited" ? "limited" : error.fault);
    this.tellUnknown(method, error, label);
    if (error.meaning === "limited") return this.noteLimit(method, error);
    if (method === SENDING || ABOUT_THE_CALL.includes(error.meaning)) return;
    if (OPTIONAL.includes(method)) return;
    const nowMs = performance.now();
    const known = this.failing.get(method);
    if (!known) {
      this.failing.set(method, { sinceMs: nowMs, lastMs: nowMs, count: 1, words: error.words });
      return;
    }
    known.lastMs = nowMs;
    known.count += 1;
    known.words = error.words;
  }

  private noteLimit(method: string, { words }: RpcError): void {
    this.limitedAtMs = performance.now();
    this.deps.bell.alarm("rate-limited", { method }, words);
  }

  /** Raises the alarm where a method has failed for too long, and ends it where none does any more. */
  check(): void {
    const { alarmAfterMs, bell } = this.deps;
    const nowMs = performance.now();
    if (nowMs - this.limitedAtMs >= alarmAfterMs) bell.endAlarm("rate-limited");
    let worst: [string, Failing] | undefined;
    for (const [method, state] of this.failing) {
      // It was not asked for a while: whether it still fails is not known, so there is nothing to
      // alarm about.
      if (nowMs - state.lastMs > 2 * Math.max(alarmAfterMs, 30_000)) this.failing.delete(method);
      else if (state.count > 1 && nowMs - state.sinceMs >= alarmAfterMs) worst ??= [method, state];
    }
    if (!worst) return bell.endAlarm("method-failing");
    const [method, { words, count }] = worst;
    bell.alarm("method-failing", { method, count }, `${method}: ${words}`);
  }

  private tellUnknown(method: string, { meaning, words }: RpcError, label: string): void {
    if (meaning !== "unknown") return;
    const nowMs = performance.now();
    const toldAtMs = this.toldAtMs.get(method);
    if (toldAtMs !== undefined && nowMs - toldAtMs < TOLD_AGAIN_MS) return;
    this.toldAtMs.set(method, nowMs);
    const { log, chainId } = this.deps;
    log.warn(
      { chain_id: chainId, rpc: label, method, node_says: words },
      "a node's error of unknown meaning",
    );
  }
}
