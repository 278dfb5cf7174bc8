import { EventEmitter, once } from "node:events";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { zoneEscrowAbi } from "../../../../src/abi/zone-escrow.generated.ts";
import type { PaymentHooks, RequestKey } from "../../../../src/payments/port.ts";
import type { Write } from "../../../../src/store/database.ts";
import type { EscrowNewsBody, PaymentRequired } from "../../../../src/wire/zone-replies.ts";
import type { Reply } from "../../../support/wire-client.ts";
import {
  buildManifest,
  type Engine,
  type EngineOptions,
  HookRecorder,
  type Payer,
  type PayWorld,
  pay,
  startEngine,
  ZONE_ID,
} from "../../support/engine.ts";
import { signOp } from "./escrow-steward.ts";

export const AMOUNT = 5_000_000n;
const NODE_ID = `atlas_${"cd".repeat(32)}`;
let requests = 0;

/** Remembers the news of escrows, too. */
export class EscrowHooks extends HookRecorder implements PaymentHooks {
  readonly news: EscrowNewsBody[] = [];
  private readonly told = new EventEmitter().setMaxListeners(0);

  override onEscrow(_write: Write, _key: RequestKey, news: EscrowNewsBody): void {
    this.news.push(news);
    this.told.emit("news");
  }

  /** Resolves when the news, from the given one on, say that an escrow reached a status. */
  async untilStatus(requestId: string, status: string, from = 0): Promise<void> {
    const isTold = (one: EscrowNewsBody) =>
      one.escrow.request_id === requestId && one.status === status;
    while (!this.news.slice(from).some(isTold)) await once(this.told, "news");
  }
}

/** The options of an engine whose wallet is the recipient, as a steward's is by default. */
export function toOptions(world: PayWorld, more: EngineOptions = {}): EngineOptions {
  const recipient = privateKeyToAccount(world.walletKey).address;
  return { escrow: true, ...more, payments: { recipient, ...more.payments } };
}

export async function startEscrowEngine(
  world: PayWorld,
  more: EngineOptions = {},
): Promise<Engine & { hooks: EscrowHooks }> {
  const hooks = (more.hooks as EscrowHooks | undefined) ?? new EscrowHooks();
  const engine = await startEngine(world, { ...toOptions(world, more), hooks });
  return Object.assign(engine, { hooks });
}

/** Asks for a quote in escrow mode, durably. */
export async function askEscrow(
  engine: Engine,
  world: PayWorld,
  price: Record<string, unknown> = {},
): Promise<{ key: RequestKey; quote: PaymentRequired }> {
  const requestId = `req_escrow-${process.pid}-${++requests}`;
  const key = { zoneId: ZONE_ID, nodeId: NODE_ID, requestId };
  const quote = engine.store.write((write) =>
    engine.payments.quote(write, {
      ...key,
      action: "audit",
      content: '{"action":"audit","params":{"text":"hello"}}',
      manifest: buildManifest(world),
      price: {
        amount: AMOUNT.toString(),
        asset: "USDC",
        network: "local",
        settlement_mode: "escrow",
        ...price,
      } as never,
    }),
  );
  await engine.store.committed();
  return { key, quote };
}

/** Pays for a new request and waits until the deposit is confirmed; returns the escrow. */
export async function depositEscrow(
  engine: Engine,
  world: PayWorld,
  payer: Payer,
  price: Record<string, unknown> = {},
): Promise<{ key: RequestKey; escrow: Reply }> {
  const { key, quote } = await askEscrow(engine, world, price);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await engine.hooks.until("settled", key.requestId);
  return { key, escrow: engine.payments.records.findEscrow(key) as Reply };
}

/** An order with the depositor's signature where it needs one. */
export async function toOrder(
  op: "release" | "refund" | "dispute",
  escrow: Reply,
  payer: Payer,
): Promise<{ escrowId: string; op: typeof op; signature?: Hex }> {
  const order = { escrowId: escrow.escrow_id as string, op };
  if (op === "refund") return order;
  const account = privateKeyToAccount(payer.key);
  const type = op === "release" ? "Release" : "Dispute";
  return { ...order, signature: await signOp(account, type, escrow) };
}

/** A clock that goes with a chain whose time a test moves on. */
export class ChainClock {
  private aheadSecs = 0;

  readonly now = (): number => Math.floor(Date.now() / 1000) + this.aheadSecs;

  /** Gives the next block that time, Unix seconds. */
  async pass({ chain }: PayWorld, secs: number): Promise<void> {
    await chain.setNextBlockTime(BigInt(secs));
    await chain.mine();
    this.aheadSecs += Math.max(0, secs - this.now());
  }
}

/** What the contract holds for escrows. */
export function reserved(world: PayWorld): Promise<bigint> {
  return world.chain.client.readContract({
    address: world.escrow,
    abi: zoneEscrowAbi,
    functionName: "reserved",
  });
}
