import type { Hex } from "viem";
import { expect } from "vitest";
import { type RpcProxy, startRpcProxy } from "../../../support/rpc-proxy.ts";
import type { Reply } from "../../../support/wire-client.ts";
import {
  type Engine,
  type EngineOptions,
  fundPayer,
  type Payer,
  type PayWorld,
  startPayWorld,
  ZONE_ID,
} from "../../support/engine.ts";
import { depositEscrow, EscrowHooks, startEscrowEngine } from "./escrow-engine.ts";
import { actAs, assertAgrees, toRuleCall } from "./outsider.ts";

/** Blocks between what stays and what is taken back. */
const GAP = 8;

/** Who of an escrow does something with it past the steward. */
export type Party = "depositor" | "recipient" | "arbiter";

/** An escrow on a chain of its own, as what a reorg does must not reach another test. */
export class ReorgScene implements AsyncDisposable {
  readonly world: PayWorld;
  readonly payer: Payer;
  engine: Engine & { hooks: EscrowHooks };
  /** As it was when it was deposited. */
  readonly escrow: Reply;
  private readonly proxy: RpcProxy;
  private readonly options: EngineOptions;

  private constructor(
    parts: Pick<ReorgScene, "world" | "payer" | "engine" | "escrow">,
    { proxy, options }: { readonly proxy: RpcProxy; readonly options: EngineOptions },
  ) {
    this.world = parts.world;
    this.payer = parts.payer;
    this.engine = parts.engine;
    this.escrow = parts.escrow;
    this.proxy = proxy;
    this.options = options;
  }

  /** Starts a chain and a steward, whose wallet is not the recipient, and makes a deposit. */
  static async start(more: EngineOptions = {}): Promise<ReorgScene> {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await startPayWorld());
    const payer = await fundPayer(world);
    const proxy = stack.use(await startRpcProxy(world.chain.rpcUrl));
    const recipient = { recipient: world.recipient };
    const options = { rpcUrls: [proxy.url], payments: recipient, ...more };
    const engine = stack.use(await startEscrowEngine(world, options));
    await world.chain.mine(GAP);
    const arbiter = world.chain.accounts[6]?.address;
    const { escrow } = await depositEscrow(engine, world, payer, { arbiter });
    stack.move();
    return new ReorgScene({ world, payer, engine, escrow }, { proxy, options });
  }

  /** The escrow as the steward shows it. */
  get shown(): Reply {
    const { request_id: requestId } = this.escrow;
    const key = { zoneId: ZONE_ID, nodeId: this.nodeId, requestId };
    return this.engine.payments.records.findEscrow(key) as Reply;
  }

  /** Has a party do something on chain, some blocks after what was before; returns the block. */
  async change(op: "release" | "refund" | "dispute", by: Party): Promise<bigint> {
    const { world, escrow } = this;
    await world.chain.mine(GAP);
    return actAs(world, escrow[by] as Hex, toRuleCall(world, op, escrow.escrow_id));
  }

  /** Has the chain forget a block, those after it, and a few before it. */
  takeBack(block: bigint, instead: readonly unknown[] = []): Promise<void> {
    return this.world.chain.takeBack(Number(block), { earlier: GAP / 2, instead });
  }

  /** Resolves when the steward told a status, after so many news. */
  told(status: string, after = 0): Promise<void> {
    return this.engine.hooks.untilStatus(this.escrow.request_id, status, after);
  }

  /** Takes a block back and waits until the steward tells what the escrow is now. */
  async takeBackUntil(status: string, block: bigint): Promise<void> {
    const told = this.engine.hooks.news.length;
    await this.takeBack(block);
    await this.told(status, told);
  }

  /** Does something while the steward is down. */
  async whileDown(run: () => Promise<void>): Promise<void> {
    const { dir } = this.engine;
    await this.engine.stop();
    await run();
    const hooks = new EscrowHooks();
    this.engine = await startEscrowEngine(this.world, { ...this.options, dir, hooks });
  }

  /** Resolves when the steward names a transaction of somebody's as what ended the escrow. */
  async untilResolvedBy(sender: string): Promise<void> {
    const { client } = this.world.chain;
    const find = () =>
      client.getTransaction({ hash: this.shown.resolved_tx_hash }).catch(() => undefined);
    while ((await find())?.from !== sender.toLowerCase()) await this.proxy.asked("eth_getLogs");
  }

  /** Asserts that the steward shows what the chain has, and that its books agree. */
  assertAgrees(): Promise<void> {
    return assertAgrees(this.world, this.engine, this.escrow.escrow_id);
  }

  /** Asserts that the escrow is what it was when it was deposited. */
  async assertDeposited(): Promise<void> {
    expect(this.shown).toEqual(this.escrow);
    await this.assertAgrees();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    await this.proxy[Symbol.asyncDispose]();
    await this.world[Symbol.asyncDispose]();
  }

  private get nodeId(): string {
    return this.engine.payments.getEscrow(this.escrow.escrow_id).node_id as string;
  }
}
