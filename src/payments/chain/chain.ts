import type { Hex } from "viem";
import type { Logger } from "../../base/log.ts";
import { Turnstile } from "../../base/turnstile.ts";
import { StewardError } from "../../errors.ts";
import type { ChainConfig, PaymentsConfig } from "../config.ts";
import { type AlarmId, Alarms, toAlarmText } from "./alarms.ts";
import { ContractMismatch } from "./contract-views.ts";
import { ContractWatch } from "./contract-watch.ts";
import { GasWatch } from "./gas-watch.ts";
import { HeadTracker } from "./head-tracker.ts";
import type { ChainHealth } from "./health.ts";
import { PollPace } from "./poll-pace.ts";
import { QuietWatch } from "./quiet-watch.ts";
import { type Block, findBlock } from "./reads.ts";
import { RpcError } from "./rpc-endpoint.ts";
import { RpcPool } from "./rpc-pool.ts";
import { type AlarmBell, RpcWatch } from "./rpc-watch.ts";
import { SendWatch } from "./send-watch.ts";
import { Tills } from "./tills.ts";
import { TokenWatch } from "./token-watch.ts";
import { chainUnavailable } from "./unavailable.ts";

/** What a chain's watcher needs. */
export interface ChainDeps {
  readonly log: Logger;
  readonly now: () => number;
  readonly config: ChainConfig;
  readonly payments: PaymentsConfig;
  readonly wallet: Hex;
  /** Whether a payment was settled at the chain's contracts: they are there, whatever a node shows. */
  readonly hasSettled: () => boolean;
}

/** Knows one chain's head, fees and health, and keeps its contracts verified. */
export class Chain implements AlarmBell, AsyncDisposable {
  readonly config: ChainConfig;
  readonly rpc: RpcPool;
  readonly gas: GasWatch;
  readonly sends: SendWatch;
  readonly signatureChecks: Turnstile;
  readonly tills = new Tills();
  readonly token: TokenWatch;
  private readonly deps: ChainDeps;
  private readonly heads = new HeadTracker();
  private readonly alarms = new Alarms();
  private readonly watch: RpcWatch;
  private readonly quiet: QuietWatch;
  private readonly pace = new PollPace();
  private downFor: string | undefined;
  private downSinceMs: number | undefined;
  private readonly stop = new AbortController();
  private readonly listeners = new Set<(head: Block, reorg: boolean) => void>();
  private readonly contracts: ContractWatch;
  private reachable = false;
  private wake: (() => void) | undefined;
  private loop: Promise<void> | undefined;

  private constructor(deps: ChainDeps) {
    this.deps = deps;
    this.config = deps.config;
    const { signature_checks_max: checks } = deps.payments;
    this.signatureChecks = new Turnstile(checks, 32 * checks);
    this.gas = new GasWatch({
      chain: deps.config,
      payments: deps.payments,
      wallet: deps.wallet,
      findHead: () => this.head,
    });
    this.watch = new RpcWatch({
      log: deps.log,
      chainId: deps.config.chain_id,
      bell: this,
      alarmAfterMs: deps.payments.alarm_after_secs * 1_000,
    });
    this.sends = new SendWatch(this, this.gas);
    this.rpc = new RpcPool({
      watch: this.watch,
      bell: this,
      log: deps.log,
      chainId: deps.config.chain_id,
      urls: deps.config.rpc_urls,
      timeoutMs: deps.payments.rpc_timeout_ms,
      stop: this.stop.signal,
    });
    const { config, wallet } = deps;
    this.contracts = new ContractWatch({ rpc: this.rpc, bell: this, config, wallet });
    this.quiet = new QuietWatch(this.rpc);
    this.token = new TokenWatch(deps.config, deps.payments);
  }

  /**
   * Verifies a chain and follows its head from then on. One that does not answer is tried again, and so
   * is one whose node cannot know yet, or cannot be right, that the contracts are not there.
   * @throws ContractMismatch where the chain answers and is not as configured
   */
  static async start(deps: ChainDeps): Promise<Chain> {
    const chain = new Chain(deps);
    await chain.poll();
    const { wrongChainId } = chain.rpc;
    const wrong =
      !chain.reachable && wrongChainId !== undefined
        ? `the RPC URL serves chain ${wrongChainId}, not ${deps.config.chain_id}`
        : chain.startMismatch;
    if (wrong !== undefined) {
      chain.stop.abort();
      const { chain_id, network } = deps.config;
      throw new ContractMismatch(
        `chains[] entry ${chain_id} (${network}): ${wrong}. Item by item: steward chain check`,
      );
    }
    chain.loop = chain.follow();
    return chain;
  }

  get head(): Block | undefined {
    return this.heads.head;
  }

  /**
   * Unix seconds by which deadlines are judged: the chain's where this machine's clock is behind it,
   * since the chain goes by its own.
   */
  get time(): number {
    return Math.max(this.deps.now(), this.head?.timestamp ?? 0);
  }

  /** The token's EIP-712 domain separator; undefined until the chain was verified once. */
  get domainSeparator(): Hex | undefined {
    return this.contracts.verified?.domainSeparator;
  }

  /** Whether the steward's wallet may complete front-run payments. */
  get recoverer(): boolean {
    return this.contracts.verified?.recoverer ?? false;
  }

  /** Whether a settlement contract takes packed batches; an earlier one, still owed to, does not. */
  packs(settlement: Hex): boolean {
    return settlement === this.config.settlement && (this.contracts.verified?.packing ?? false);
  }

  /** Whether the chain answers, and is as configured; however old its head. */
  get usable(): boolean {
    return this.fault === undefined;
  }

  /** Why no new payment is taken now. */
  private get problem(): string | undefined {
    return (
      this.fault ?? (this.isOld && this.quiet.stopped ? "the newest block is too old" : undefined)
    );
  }

  private get isOld(): boolean {
    const ageMax = this.deps.payments.head_age_max_secs;
    const age = this.deps.now() - (this.head?.timestamp ?? 0);
    return ageMax > 0 && age > ageMax;
  }

  private get startMismatch(): string | undefined {
    const { mismatch } = this.contracts;
    if (mismatch === undefined || (this.isOld && this.quiet.stopped)) return undefined;
    return this.deps.hasSettled() ? undefined : mismatch;
  }

  private get fault(): string | undefined {
    if (this.contracts.mismatch !== undefined) return this.contracts.mismatch;
    if (!this.reachable || !this.contracts.verified || !this.head) {
      return this.rpc.wrongChainId === undefined
        ? "no RPC URL answers"
        : `the RPC URL serves chain ${this.rpc.wrongChainId}, not ${this.config.chain_id}`;
    }
    return undefined;
  }

  /** @throws StewardError `internal` CHAIN_UNAVAILABLE, TOKEN_REFUSES or GAS_LOW */
  assertUsable(): void {
    if (this.problem !== undefined) throw chainUnavailable();
    this.token.assertTaking();
    if (this.gas.tooDear) {
      throw new StewardError("internal", {
        reason: "GAS_LOW",
        message: "The chain's fees are above what the steward pays at present.",
        retryAfterMs: 30_000,
      });
    }
    if (this.gas.enough) return;
    throw new StewardError("internal", {
      reason: "GAS_LOW",
      message: "The steward cannot pay for settlement at present.",
    });
  }

  health(): ChainHealth {
    const { head } = this;
    const problem = this.problem ?? this.token.problem;
    const { balance } = this.gas;
    return {
      chain_id: this.config.chain_id,
      network: this.config.network,
      ok: problem === undefined,
      reachable: this.reachable,
      verified: this.contracts.verified !== undefined && this.contracts.mismatch === undefined,
      ...(head && { block_number: head.number }),
      ...(head && { block_age_secs: Math.max(0, this.deps.now() - head.timestamp) }),
      ...(balance !== undefined && { gas_balance: balance.toString() }),
      gas_ok: this.gas.enough && !this.gas.tooDear,
      ...(problem !== undefined && { problem }),
      alarms: this.alarms.list(this.deps.now()),
    };
  }

  /** Calls of its nodes since the start, by `answered` or what was wrong. */
  rpcCalls(): [outcome: string, count: number][] {
    return this.watch.calls.read();
  }

  /**
   * Logs what an operator should look at, and keeps it in `health` for an hour.
   * @param nodeSays the node's words, without its URL
   */
  alarm(id: AlarmId, details: object, nodeSays?: string): void {
    if (!this.alarms.raise(id, this.deps.now(), nodeSays)) return;
    const said = nodeSays === undefined ? {} : { node_says: nodeSays };
    this.deps.log.error(
      { alarm: id, chain_id: this.config.chain_id, ...said, ...details },
      toAlarmText(id),
    );
  }

  /** Ends an alarm whose cause is over. */
  endAlarm(id: AlarmId): void {
    if (!this.alarms.end(id)) return;
    this.deps.log.info({ alarm: id, chain_id: this.config.chain_id }, "the alarm is over");
  }

  /** Calls back for every new head; `reorg` where blocks were taken back. */
  onHead(listener: (head: Block, reorg: boolean) => void): void {
    this.listeners.add(listener);
  }

  /** Whether what the chain already has could change something: reorgs are looked for. */
  setWatching(watching: boolean): void {
    this.pace.watching = watching;
  }

  /** Looks for blocks often while something waits for one, else every few seconds. */
  setBusy(busy: boolean): void {
    if (this.pace.setBusy(busy)) this.wake?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    this.wake?.();
    await this.loop;
  }

  private async follow(): Promise<void> {
    while (!this.stop.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.wake = resolve;
      const busyRestMs = () => this.heads.pollMs(performance.now());
      const timer = setTimeout(resolve, this.pace.restMs(this.reachable, busyRestMs));
      await promise;
      clearTimeout(timer);
      if (!this.stop.signal.aborted) await this.poll();
    }
  }

  private async poll(): Promise<void> {
    try {
      await this.readHead();
      await this.contracts.refresh(this.pace.verifyMs);
      await this.lookAtAge();
      await this.gas.refresh(this.rpc, this.pace.idle);
      this.gas.tell(this);
      await this.token.refresh(this.rpc);
      if (!this.reachable) this.deps.log.info({ chain_id: this.config.chain_id }, "chain is up");
      this.reachable = true;
      this.downFor = undefined;
      this.downSinceMs = undefined;
      this.endAlarm("chain-unreachable");
    } catch (err) {
      if (this.stop.signal.aborted) return;
      this.noteDown(err);
    }
    this.watch.check();
    const { problem } = this.token;
    if (problem === undefined) this.endAlarm("token-refuses");
    else this.alarm("token-refuses", { problem });
  }

  /** An old head is nothing to speak of while nothing waits for the next one. */
  private async lookAtAge(): Promise<void> {
    if (this.isOld) await this.quiet.look(this.pace.idle);
    else this.quiet.reset();
    const { alarm_after_secs: secs } = this.deps.payments;
    const isLong = this.pace.busy && this.pace.busyMs >= secs * 1_000;
    if (this.isOld && (this.quiet.stopped || isLong)) {
      this.alarm("no-new-blocks", { block: this.head?.number });
    } else {
      this.endAlarm("no-new-blocks");
    }
  }

  /** Says that a chain is down, and again where the reason changes. */
  private noteDown(err: unknown): void {
    const words = err instanceof RpcError ? err.words : undefined;
    const why = words ?? String(err);
    if (this.reachable || this.downFor !== why) {
      this.deps.log.error({ err, chain_id: this.config.chain_id }, "chain is down");
    }
    this.downFor = why;
    this.reachable = false;
    this.downSinceMs ??= performance.now();
    // A node that is asked too much answers again in a moment: no alarm until that lasts.
    const isLimited = err instanceof RpcError && err.meaning === "limited";
    // After any other failure the next answer may be another node's, so the contracts are verified
    // again; after a 429 that would ask even more.
    if (!isLimited) this.contracts.doubt();
    const downMs = performance.now() - this.downSinceMs;
    if (isLimited && downMs < this.deps.payments.alarm_after_secs * 1_000) return;
    this.alarm("chain-unreachable", {}, words);
  }

  private async readHead(): Promise<void> {
    const { block, before } = await this.rpc.pinned(async (rpc) => {
      const block = await findBlock(rpc, "latest");
      const gap = block && !this.pace.idle ? this.heads.findGap(block) : undefined;
      return { block, before: gap === undefined ? undefined : await findBlock(rpc, gap) };
    });
    if (!block) return;
    const news = this.heads.take(block, before, performance.now());
    if (news === "reorg") {
      this.deps.log.warn({ chain_id: this.config.chain_id, block: block.number }, "reorg");
    }
    if (news === "same" || news === "behind") return;
    for (const listener of this.listeners) listener(block, news === "reorg");
  }
}
