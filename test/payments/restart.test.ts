import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chooseRows } from "../support/counts.ts";
import {
  RPC_FAULTS,
  RPC_METHODS,
  type RpcFaultKind,
  type RpcProxy,
  startRpcProxy,
} from "../support/rpc-proxy.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  HookRecorder,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";

let world: PayWorld;
let proxy: RpcProxy;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  proxy = await startRpcProxy(world.chain.rpcUrl);
});
afterEach(() => proxy[Symbol.asyncDispose]());

const OPTIONS = () => ({
  rpcUrls: [proxy.url],
  payments: { rpc_timeout_ms: 300, stuck_after_secs: 1 },
});

/** Starts a second engine on the first one's database, as a new process would. */
async function restart(engine: Engine): Promise<Engine> {
  await engine.stop();
  proxy.heal();
  return startEngine(world, { ...OPTIONS(), dir: engine.dir, hooks: new HookRecorder() });
}

async function stateOf(engine: Engine, requestId: string): Promise<unknown> {
  const { items } = engine.payments.list({ limit: 50 });
  return items.find((item) => item.request_id === requestId)?.state;
}

describe("a payment whose steward stops survives it and settles once", () => {
  test("when it was quoted only", async () => {
    const first = await startEngine(world, OPTIONS());
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(first, world);
    await using second = await restart(first);
    expect((await askQuote(second, world, key)).quote).toEqual(quote);
    await second.payments.accept(key, await pay(payer, quote.payment_requirement));
    await second.hooks.until("settled", key.requestId);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  });

  test.each([
    ["authorized, before it was simulated", "eth_call", "lose-request", "authorized"],
    ["signed, the broadcast lost", "eth_sendRawTransaction", "lose-request", "submitting"],
    ["broadcast, the reply lost", "eth_sendRawTransaction", "lose-reply", "submitting"],
    ["broadcast, no reply in time", "eth_sendRawTransaction", "hang", "submitting"],
    ["submitted, its receipt not read", "eth_getTransactionReceipt", "lose-reply", "submitted"],
  ] as const)("when it was %s", async (_, method, fault, state) => {
    const first = await startEngine(world, OPTIONS());
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(first, world);
    const authorization = await pay(payer, quote.payment_requirement);
    proxy.fail(method, fault);
    const asked = proxy.asked(method);
    await first.payments.accept(key, authorization);
    await asked;
    expect(await stateOf(first, key.requestId)).toBe(state);
    expect(first.hooks.of(key.requestId)).toEqual(["authorized"]);
    await using second = await restart(first);
    expect(second.payments.records.findPending(key)?.state ?? "confirmed").toMatch(
      /^(auth|sub|conf)/,
    );
    await second.hooks.until("settled", key.requestId);
    expect(await second.payments.accept(key, authorization)).toBe("settled");
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
    expect(second.hooks.of(key.requestId)).toEqual(["settled"]);
  });

  test("when it was confirmed, and is not settled again", async () => {
    const first = await startEngine(world, OPTIONS());
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(first, world);
    const authorization = await pay(payer, quote.payment_requirement);
    await first.payments.accept(key, authorization);
    await first.hooks.until("settled", key.requestId);
    const receipt = first.payments.records.findReceipt(key);
    await using second = await restart(first);
    expect(second.payments.records.findReceipt(key)).toEqual(receipt);
    expect(await second.payments.accept(key, authorization)).toBe("settled");
    expect(second.hooks.calls).toEqual([]);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  });
});

test("the bytes of transactions are forgotten a day after their end, their hashes are not", async () => {
  const first = await startEngine(world, OPTIONS());
  const payer = await fundPayer(world);
  const { key, quote } = await askQuote(first, world);
  await first.payments.accept(key, await pay(payer, quote.payment_requirement));
  await first.hooks.until("settled", key.requestId);
  await world.chain.mine(70);
  const read = (engine: Engine) =>
    engine.store.raw
      .prepare(
        "SELECT state, length(data) AS data, length(raw) AS raw, hash FROM settlement_txs JOIN settlement_attempts USING (tx_id)",
      )
      .get() as { state: string; data: number; raw: number; hash: string };
  await expect.poll(() => read(first).state, { timeout: 10_000 }).toBe("final");
  const kept = read(first);
  expect(kept.data).toBeGreaterThan(500);
  await first.stop();
  const now = () => Math.floor(Date.now() / 1000) + 90_000;
  const payments = { ...OPTIONS().payments, head_age_max_secs: 0 };
  await using second = await startEngine(world, { ...OPTIONS(), payments, dir: first.dir, now });
  expect(second.store.write((write) => second.payments.forget(write))).toBe(false);
  expect(read(second)).toEqual({ ...kept, data: 0, raw: 0 });
  expect(await second.payments.audit()).toMatchObject([{ differences: [] }]);
});

type Fault = readonly [method: string, kind: RpcFaultKind];
const ALL: Fault[] = RPC_METHODS.flatMap((method) =>
  RPC_FAULTS.map((kind): Fault => [method, kind]),
);
const FEW: Fault[] = [
  ["eth_call", "hang"],
  ["eth_call", "garbage"],
  ["eth_sendRawTransaction", "lose-request"],
  ["eth_sendRawTransaction", "lose-reply"],
  ["eth_sendRawTransaction", "duplicate"],
  ["eth_sendRawTransaction", "rpc-error"],
  ["eth_getTransactionReceipt", "empty-result"],
  ["eth_getTransactionCount", "http-429"],
  ["eth_getTransactionCount", "wrong-chain"],
  ["eth_getBlockByNumber", "http-500"],
  ["eth_getBlockByNumber", "stale-block"],
  ["eth_chainId", "wrong-chain"],
];

describe("a node that misbehaves delays a payment but neither fails nor repeats it", () => {
  test.each(chooseRows(ALL, FEW))("%s: %s", async (method, fault) => {
    await using engine = await startEngine(world, OPTIONS());
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(engine, world);
    const authorization = await pay(payer, quote.payment_requirement);
    proxy.fail(method, fault, 3);
    await engine.payments.accept(key, authorization);
    await engine.hooks.until("settled", key.requestId);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
    expect(engine.hooks.of(key.requestId)).toEqual(["authorized", "settled"]);
  });
});
