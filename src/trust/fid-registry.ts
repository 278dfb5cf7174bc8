import type { Logger } from "../base/log.ts";
import { SlidingWindow } from "../base/sliding-window.ts";
import { ContractMismatch, readView } from "../payments/chain/contract-views.ts";
import { RpcError } from "../payments/chain/rpc-endpoint.ts";
import { RpcPool } from "../payments/chain/rpc-pool.ts";
import type { TrustConfig } from "./config.ts";
import { REGISTRY_ABI } from "./inspect.ts";

/** Answers kept; past it the oldest goes. */
const ANSWERS_MAX = 10_000;
/** An account that owns no such fid may own it in a moment. */
const REFUSAL_KEPT_MS = 10_000;

export interface FidRegistryDeps {
  readonly config: Pick<
    TrustConfig,
    "lookup_timeout_ms" | "lookups_max" | "lookups_per_minute" | "recheck_secs" | "stale_secs"
  >;
  readonly registry: { readonly chain_id: number; readonly address: `0x${string}` };
  readonly urls: readonly string[];
  readonly log: Logger;
  readonly monotonicMs: () => number;
}

interface Answer {
  /** 0: the account owns none. */
  readonly fid: bigint;
  readonly atMs: number;
}

/** Asks the registry of fids which one an account owns, and remembers for a while what it said. */
export class FidRegistry implements Disposable {
  private readonly deps: FidRegistryDeps;
  private readonly stop = new AbortController();
  private readonly pool: RpcPool;
  private readonly answers = new Map<string, Answer>();
  /** Of those that handshakes cause. */
  private readonly recent = new SlidingWindow();
  private readonly asked = new Map<string, Promise<Answer | undefined>>();

  constructor(deps: FidRegistryDeps) {
    this.deps = deps;
    const { log, registry, urls, config } = deps;
    this.pool = new RpcPool({
      log,
      chainId: registry.chain_id,
      urls,
      timeoutMs: config.lookup_timeout_ms,
      stop: this.stop.signal,
      watch: { answered() {}, failed() {} },
      bell: { alarm() {}, endAlarm() {} },
    });
  }

  /**
   * Tells whether an account owns a fid; undefined where nobody can say now. Waits no longer than
   * `lookup_timeout_ms`; an answer that comes later is kept for the next time.
   * @param isFresh asks even where an answer is remembered
   */
  async owns(account: `0x${string}`, fid: number, isFresh = false): Promise<boolean | undefined> {
    const known = this.answers.get(account);
    if (known !== undefined && !isFresh && this.ageMs(known) < this.keptMs(known, fid)) {
      return known.fid === BigInt(fid);
    }
    const answer = (await this.ask(account, isFresh)) ?? this.findStale(account);
    return answer && answer.fid === BigInt(fid);
  }

  [Symbol.dispose](): void {
    this.stop.abort();
  }

  private ageMs({ atMs }: Answer): number {
    return this.deps.monotonicMs() - atMs;
  }

  private keptMs(answer: Answer, fid: number): number {
    const keptMs = 1000 * this.deps.config.recheck_secs;
    return answer.fid === BigInt(fid) ? keptMs : Math.min(keptMs, REFUSAL_KEPT_MS);
  }

  private findStale(account: string): Answer | undefined {
    const known = this.answers.get(account);
    const isGood = known !== undefined && this.ageMs(known) < 1000 * this.deps.config.stale_secs;
    return isGood ? known : undefined;
  }

  private async ask(account: `0x${string}`, isFresh: boolean): Promise<Answer | undefined> {
    const { lookups_max, lookup_timeout_ms } = this.deps.config;
    let asked = this.asked.get(account);
    if (asked === undefined) {
      if (this.asked.size >= lookups_max || !(isFresh || this.isWithinMinute())) return undefined;
      asked = this.look(account).finally(() => this.asked.delete(account));
      this.asked.set(account, asked);
    }
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, lookup_timeout_ms, undefined);
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private isWithinMinute(): boolean {
    const { config, monotonicMs } = this.deps;
    return this.recent.take(1, config.lookups_per_minute, monotonicMs());
  }

  private async look(account: `0x${string}`): Promise<Answer | undefined> {
    const { registry, log, monotonicMs } = this.deps;
    try {
      const view = {
        address: registry.address,
        abi: REGISTRY_ABI,
        functionName: "idOf",
        args: [account],
      } as const;
      const fid = await this.pool.pinned((rpc) => readView(rpc, view));
      const answer = { fid, atMs: monotonicMs() };
      this.keep(account, answer);
      return answer;
    } catch (error) {
      if (!(error instanceof RpcError || error instanceof ContractMismatch)) throw error;
      if (!this.stop.signal.aborted)
        log.warn({ err: error }, "the registry of fids did not answer");
      return undefined;
    }
  }

  private keep(account: string, answer: Answer): void {
    this.answers.delete(account);
    this.answers.set(account, answer);
    if (this.answers.size <= ANSWERS_MAX) return;
    const oldest = this.answers.keys().next().value;
    if (oldest !== undefined) this.answers.delete(oldest);
  }
}
