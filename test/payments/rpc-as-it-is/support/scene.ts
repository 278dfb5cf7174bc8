import type { Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { expect } from "vitest";
import type { AlarmId } from "../../../../src/payments/chain/alarms.ts";
import type { RequestKey } from "../../../../src/payments/port.ts";
import { type ShapedNode, startShapedNode } from "../../../support/shaped-node.ts";
import { askEscrow, EscrowHooks, startEscrowEngine } from "../../escrow/support/escrow-engine.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type Payer,
  type PayWorld,
  pay,
} from "../../support/engine.ts";

const WALLET_WEI = 100n * 10n ** 18n;

/** A request whose payment was accepted. */
export interface Paid {
  readonly key: RequestKey;
  readonly payer: Payer;
}

/** An engine with a wallet of its own behind a node that answers as it is told. */
export class Scene implements AsyncDisposable {
  readonly node: ShapedNode;
  /** An honest one that is asked before it. */
  private readonly other: ShapedNode | undefined;
  readonly engine: Engine;
  readonly world: PayWorld;
  private readonly hooks: EscrowHooks;
  private readonly seen = new Set<AlarmId>();

  private constructor(parts: {
    node: ShapedNode;
    other: ShapedNode | undefined;
    engine: Engine;
    world: PayWorld;
    hooks: EscrowHooks;
  }) {
    this.node = parts.node;
    this.other = parts.other;
    this.engine = parts.engine;
    this.world = parts.world;
    this.hooks = parts.hooks;
  }

  /**
   * Starts one on a chain.
   * @param more how the node answers from the start, and a URL that is asked before it
   */
  static async start(
    shared: PayWorld,
    more: {
      shape?: ShapedNode["shape"];
      honestUrlFirst?: boolean;
      userInfo?: string;
      payments?: object;
      chainKeys?: object;
    } = {},
  ): Promise<Scene> {
    const walletKey = generatePrivateKey();
    const { address } = privateKeyToAccount(walletKey);
    await shared.chain.rpc("anvil_setBalance", [address, `0x${WALLET_WEI.toString(16)}`]);
    const world = { ...shared, walletKey };
    const node = await startShapedNode(world.chain.rpcUrl);
    if (more.shape) node.shape = more.shape;
    const url = node.url.replace("//", `//${more.userInfo ?? ""}`);
    const other = more.honestUrlFirst ? await startShapedNode(world.chain.rpcUrl) : undefined;
    const rpcUrls = other ? [other.url, url] : [url];
    const hooks = new EscrowHooks();
    const payments = { alarm_after_secs: 1, ...more.payments };
    const engine = await startEscrowEngine(world, {
      rpcUrls,
      payments,
      hooks,
      ...(more.chainKeys && { chainKeys: more.chainKeys }),
    });
    return new Scene({ node, other, engine, world, hooks });
  }

  get wallet(): Hex {
    return privateKeyToAccount(this.world.walletKey).address;
  }

  /** Alarms that were raised so far, over or not. */
  get alarms(): AlarmId[] {
    this.look();
    return [...this.seen];
  }

  /** Alarms that stand now, with what they say. */
  get standing() {
    return this.engine.payments.health().flatMap(({ alarms }) => alarms);
  }

  /** Resolves when something holds, looked at after every call of the node. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (;;) {
      this.look();
      if (await holds()) return;
      await Promise.race([this.node.asked(), ...(this.other ? [this.other.asked()] : [])]);
    }
  }

  /** Asks for a quote as soon as the chain can be used, and signs it. */
  async sign(mode: "direct" | "escrow", funds = 100_000_000n): Promise<() => Promise<Paid>> {
    await this.until(() => this.engine.payments.health()[0]?.ok === true);
    const payer = await fundPayer(this.world, funds);
    const { key, quote } =
      mode === "direct"
        ? await askQuote(this.engine, this.world)
        : await askEscrow(this.engine, this.world);
    const authorization = await pay(payer, quote.payment_requirement);
    return async () => {
      await this.engine.payments.accept(key, authorization);
      return { key, payer };
    };
  }

  /** Resolves when a payment is settled, and has its request's answer stored. */
  async deliver({ key }: Paid): Promise<void> {
    await this.until(() => this.endOf(key) !== undefined);
    expect(this.endOf(key)).toBe("settled");
    this.engine.store.write((write) => this.engine.payments.records.markDelivered(write, key));
    expect(this.stateOf(key)).toBe("delivered");
  }

  /** How a payment ended, and why. */
  endOf({ requestId }: RequestKey): string | undefined {
    const calls = this.hooks.calls.filter((call) => call.requestId === requestId);
    const end = calls.find(({ hook }) => hook === "settled" || hook === "failed");
    return end?.hook === "failed" ? String(end.error?.reason) : end?.hook;
  }

  stateOf({ requestId }: RequestKey): unknown {
    const { items } = this.engine.payments.list({ limit: 100 });
    return items.find((item) => item.request_id === requestId)?.state;
  }

  /** The wallet's money on chain is what the books say, in the token and in the chain's own coin. */
  async assertBooks(): Promise<void> {
    const open = () =>
      this.engine.store.raw
        .prepare("select count(*) from settlement_txs where state = 'signed' or applied = 0")
        .pluck()
        .get();
    await this.until(() => open() === 0);
    const { payments } = this.engine;
    const rows = await payments.accounts({ from: 0, to: 2 ** 40 } as never);
    const net = rows.reduce((sum, row) => sum + BigInt(row.net as string), 0n);
    expect(await this.world.balanceOf(this.wallet)).toBe(net);
    const spent = this.engine.store.raw
      .prepare("select gas_cost from settlement_txs where state <> 'lost'")
      .pluck()
      .all() as string[];
    const gas = spent.reduce((sum, cost) => sum + BigInt(cost), 0n);
    const wei = await this.world.chain.client.getBalance({ address: this.wallet });
    expect(wei).toBe(WALLET_WEI - gas);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    await this.node[Symbol.asyncDispose]();
    await this.other?.[Symbol.asyncDispose]();
  }

  private look(): void {
    for (const { id } of this.standing) this.seen.add(id);
  }
}
