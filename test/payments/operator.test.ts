import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PaymentHooks, RequestKey } from "../../src/payments/port.ts";
import type { Write } from "../../src/store/database.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  HookRecorder,
  type Payer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
  ZONE_ID,
} from "./support/engine.ts";

let world: PayWorld;
let proxy: RpcProxy;
beforeAll(async () => {
  world = await startPayWorld();
  proxy = await startRpcProxy(world.chain.rpcUrl);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const start = (hooks = new HookRecorder()) =>
  startEngine(world, { rpcUrls: [proxy.url], hooks, payments: { stuck_after_secs: 1 } });

async function payOne(engine: Engine, payer: Payer, amount = "2000000"): Promise<string> {
  const { key, quote } = await askQuote(engine, world, { amount });
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await engine.hooks.until("settled", key.requestId);
  const { items } = engine.payments.list({ limit: 50 });
  return String(items.find((item) => item.request_id === key.requestId)?.id);
}

/** Resolves when a condition holds after some call of the node. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await proxy.asked("eth_getBlockByNumber");
}

const walletAddress = () => privateKeyToAccount(world.walletKey).address;

describe("a refund", () => {
  test("gives a payer the whole amount back, once, however often it is asked for", async () => {
    await using engine = await start();
    const payer = await fundPayer(world);
    const id = await payOne(engine, payer);
    await world.mint(walletAddress(), 5_000_000n);
    const request = { paymentId: id, requestedBy: "operator", reason: "not delivered" };
    const [one, two] = await Promise.all([
      engine.payments.refund(request),
      engine.payments.refund(request),
    ]);
    expect([one.state, two.state]).toEqual(["requested", "requested"]);
    await until(() => engine.payments.get(id).state === "refunded");
    expect(await engine.payments.refund(request)).toMatchObject({
      state: "confirmed",
      amount: "2000000",
      to: payer.address,
    });
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
    expect(await world.balanceOf(walletAddress())).toBe(3_000_000n);
    const { history } = engine.payments.get(id) as { history: { state: string }[] };
    expect(history.at(-1)).toMatchObject({ state: "refunded" });
  });

  test("asked for just before a crash is paid once", async () => {
    const first = await start();
    const payer = await fundPayer(world);
    const id = await payOne(first, payer);
    await world.mint(walletAddress(), 2_000_000n);
    proxy.fail("eth_sendRawTransaction", "lose-reply");
    const sent = proxy.asked("eth_sendRawTransaction");
    await first.payments.refund({ paymentId: id, requestedBy: "operator" });
    await sent;
    await first.stop();
    proxy.heal();
    const options = { rpcUrls: [proxy.url], dir: first.dir };
    await using second = await startEngine(world, options);
    await until(() => second.payments.get(id).state === "refunded");
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
  });

  test("is refused for what is not settled, and where the wallet has too little", async () => {
    await using engine = await start();
    const payer = await fundPayer(world);
    const poor = await fundPayer(world, 0n);
    const { key, quote } = await askQuote(engine, world);
    await engine.payments.accept(key, await pay(poor, quote.payment_requirement));
    await engine.hooks.until("failed", key.requestId);
    const [failed] = engine.payments.list({ limit: 1 }).items;
    const requestedBy = "operator";
    const refused = { code: "conflict" };
    await expect(
      engine.payments.refund({ paymentId: String(failed?.id), requestedBy }),
    ).rejects.toMatchObject(refused);
    const id = await payOne(engine, payer, "90000000");
    await expect(engine.payments.refund({ paymentId: id, requestedBy })).rejects.toMatchObject(
      refused,
    );
    await expect(
      engine.payments.refund({ paymentId: "pay_none", requestedBy }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});

test("accounts add up to the last unit and the last wei", async () => {
  await using engine = await start();
  const payers = await Promise.all([1, 2, 3].map(() => fundPayer(world)));
  await Promise.all(payers.map((payer, i) => payOne(engine, payer, String(1_000_001 + i))));
  const spent = engine.store.raw
    .prepare("select gas_cost from settlement_txs")
    .pluck()
    .all()
    .reduce<bigint>((sum, cost) => sum + BigInt(cost as string), 0n);
  const [row, ...others] = await engine.payments.accounts({ from: 0, to: 9_999_999_999 });
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    zone_id: ZONE_ID,
    payments: 3,
    gross: "3000006",
    protocol_fee: "3000",
    creator_fee: "30000",
    net: "2967006",
    refunded: "0",
    gas_wei: spent.toString(),
  });
});

test("the audit finds nothing where books and chain agree, and every row that does not", async () => {
  await using engine = await start();
  const payer = await fundPayer(world);
  const ids = [
    await payOne(engine, payer),
    await payOne(engine, payer),
    await payOne(engine, payer),
  ];
  const [clean] = await engine.payments.audit();
  expect(clean).toMatchObject({ checked: 3, pending: 0, settled: "6000000", differences: [] });
  const forge = (sql: string, id: unknown) => engine.store.raw.prepare(sql).run(id);
  forge("update payments set state = 'failed' where payment_id = ?", ids[0]);
  forge("update payments set protocol_fee = '1' where payment_id = ?", ids[1]);
  forge(`update payments set nonce = '0x${"12".repeat(32)}' where payment_id = ?`, ids[2]);
  const [forged] = await engine.payments.audit();
  expect(forged?.differences).toMatchObject([
    { payment_id: ids[0], problem: "settled on chain, but not here" },
    { payment_id: ids[1], problem: "other fees were taken than recorded" },
    { payment_id: ids[2], problem: "settled here, but the chain has no such settlement" },
  ]);
});

test("a request that cannot take its payment does not hold up the others of its batch", async () => {
  const refused = new Set<string>();
  class Refusing extends HookRecorder implements PaymentHooks {
    override onSettled(write: Write, key: RequestKey): void {
      if (refused.size === 0) {
        refused.add(key.requestId);
        throw new Error("no");
      }
      super.onSettled(write, key);
    }
  }
  const hooks = new Refusing();
  await using engine = await start(hooks);
  const payers = await Promise.all(Array.from({ length: 5 }, () => fundPayer(world)));
  await Promise.all(payers.map((payer) => payOne(engine, payer)));
  expect(refused.size).toBe(1);
  const states = engine.payments.list({ limit: 10 }).items.map((item) => item.state);
  expect(states).toEqual(Array(5).fill("confirmed"));
  for (const payer of payers) expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
});
