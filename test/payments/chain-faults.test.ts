import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type Payer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";

let world: PayWorld;
let payer: Payer;
// A chain of its own for each test: reorgs and foreign nonces must not reach the next one.
beforeEach(async () => {
  world = await startPayWorld();
  payer = await fundPayer(world);
});
afterEach(() => world[Symbol.asyncDispose]());

async function payOne(engine: Engine): Promise<string> {
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  return key.requestId;
}

const mining = (on: boolean) => world.chain.rpc("evm_setIntervalMining", [on ? 1 : 0]);

async function sentBy(engine: Engine): Promise<Hex[]> {
  const rows = engine.store.raw.prepare("select hash from settlement_attempts").pluck().all();
  return rows as Hex[];
}

/** Resolves when a condition holds after some call of the node. */
async function until(proxy: RpcProxy, holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await proxy.asked("eth_getBlockByNumber");
}

describe("a settlement is found again and finished by itself", () => {
  test("after its transaction was dropped from the mempool", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
    await mining(false);
    const requestId = await payOne(engine);
    await until(
      proxy,
      async () =>
        (await sentBy(engine)).length > 0 && proxy.calls.includes("eth_sendRawTransaction"),
    );
    const [hash] = await sentBy(engine);
    await world.chain.rpc("anvil_dropTransaction", [hash]);
    expect(engine.hooks.of(requestId)).toEqual(["authorized"]);
    await mining(true);
    await engine.hooks.until("settled", requestId);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  });

  test("after a reorg took it back before it was confirmed", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using engine = await startEngine(world, { rpcUrls: [proxy.url], confirmations: 5 });
    await mining(false);
    const requestId = await payOne(engine);
    await until(proxy, () => proxy.calls.includes("eth_sendRawTransaction"));
    await world.chain.mine(2);
    await until(proxy, () => minedBlock(engine) !== null);
    expect(engine.hooks.of(requestId)).toEqual(["authorized"]);
    await world.chain.rpc("anvil_reorg", [2, []]);
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
    await mining(true);
    await world.chain.mine(3);
    await engine.hooks.until("settled", requestId);
    expect(engine.hooks.of(requestId)).toEqual(["authorized", "settled"]);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  });

  test("after a reorg took it back when it was confirmed, with the receipt of its new block", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
    const requestId = await payOne(engine);
    await engine.hooks.until("settled", requestId);
    await mining(false);
    const { block_number } = receiptOf(engine, requestId);
    await world.chain.takeBack(block_number);
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
    await mining(true);
    await world.chain.mine(2);
    await until(proxy, async () => (await world.balanceOf(payer.address)) === 98_000_000n);
    await until(proxy, () => receiptOf(engine, requestId).block_number !== block_number);
    expect(engine.hooks.of(requestId)).toEqual(["authorized", "settled"]);
  });

  test("after the fee rose above its offer", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using engine = await startEngine(world, {
      rpcUrls: [proxy.url],
      payments: { stuck_after_secs: 1 },
    });
    await mining(false);
    const requestId = await payOne(engine);
    await until(proxy, () => proxy.calls.includes("eth_sendRawTransaction"));
    await world.chain.rpc("anvil_setNextBlockBaseFeePerGas", ["0x174876e800"]);
    await mining(true);
    await engine.hooks.until("settled", requestId);
    expect((await sentBy(engine)).length).toBeGreaterThan(1);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  });

  test("after somebody else used the wallet's nonce", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
    await mining(false);
    proxy.fail("eth_sendRawTransaction", "lose-request", 1);
    const requestId = await payOne(engine);
    await until(proxy, () => proxy.calls.includes("eth_sendRawTransaction"));
    await useNonce(0);
    await mining(true);
    await engine.hooks.until("settled", requestId);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
    expect((await sentBy(engine)).length).toBe(2);
    const [health] = engine.payments.health();
    expect(health?.alarms).toMatchObject([{ id: "foreign-transaction" }]);
  });
});

test("a gap below the wallet's transactions is filled", async () => {
  await using engine = await startEngine(world, { payments: { stuck_after_secs: 1 } });
  const { address } = privateKeyToAccount(world.walletKey);
  await mining(false);
  await world.chain.rpc("anvil_setNonce", [address, "0x2"]);
  const requestId = await payOne(engine);
  await engine.hooks.until("authorized", requestId);
  while ((await sentBy(engine)).length === 0) await new Promise((done) => setImmediate(done));
  await world.chain.rpc("anvil_setNonce", [address, "0x0"]);
  await mining(true);
  await engine.hooks.until("settled", requestId);
  expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
});

function minedBlock(engine: Engine): unknown {
  return engine.store.raw.prepare("select block_number from settlement_txs").pluck().get() ?? null;
}

function receiptOf(engine: Engine, requestId: string): { block_number: number } {
  const { items } = engine.payments.list({ limit: 10 });
  const item = items.find((one) => one.request_id === requestId);
  return item?.settlement as unknown as { block_number: number };
}

/** Sends an unrelated transaction with the wallet's key, as a second program would. */
async function useNonce(nonce: number): Promise<void> {
  const account = privateKeyToAccount(world.walletKey);
  const raw = await account.signTransaction({
    chainId: world.chain.chainId,
    nonce,
    to: account.address,
    gas: 21_000n,
    maxFeePerGas: 100_000_000_000n,
    maxPriorityFeePerGas: 50_000_000_000n,
    type: "eip1559",
  });
  await world.chain.rpc("eth_sendRawTransaction", [raw]);
}
