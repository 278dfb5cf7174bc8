import type { Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import {
  askQuote,
  fundPayer,
  type PayWorld,
  pay,
  sendAs,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";
import { toTokenCall } from "./support/stranger.ts";

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

test("a front-run payment is recovered by one transaction, though it waits past the deadline", async () => {
  await using engine = await startEngine(world, {
    rpcUrls: [proxy.url],
    payments: { quote_ttl_secs: 30, stuck_after_secs: 60 },
  });
  const payer = await fundPayer(world);
  const { key, quote } = await askQuote(engine, world);
  const authorization = await pay(payer, quote.payment_requirement, { kind: "transfer" });
  const stranger = world.chain.accounts[7]?.address as Hex;
  await sendAs(world.chain, stranger, toTokenCall(world, authorization));
  // As a mempool that is full: nothing of the wallet's is mined for some blocks.
  proxy.fail("eth_sendRawTransaction", "lose-request");
  await engine.payments.accept(key, authorization);
  while (!proxy.calls.includes("eth_sendRawTransaction")) await proxy.asked("eth_getBlockByNumber");
  await world.chain.setNextBlockTime(BigInt(quote.payment_requirement.deadline + 1));
  for (let i = 0; i < 40; i++) await proxy.asked("eth_getBlockByNumber");
  const recovers = engine.store.raw
    .prepare("select count(*) from settlement_txs where kind = 'recover'")
    .pluck()
    .get();
  proxy.heal();
  await engine.hooks.until("settled", key.requestId);
  for (let i = 0; i < 4; i++) await proxy.asked("eth_getBlockByNumber");
  expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  const [health] = engine.payments.health();
  expect.soft(recovers).toBe(1);
  expect.soft(health?.alarms).toEqual([]);
});
