import { afterAll, beforeAll, expect, test } from "vitest";
import { askEscrow, EscrowHooks, startEscrowEngine } from "../escrow/support/escrow-engine.ts";
import { startRpcProxy } from "../support/rpc-proxy.ts";
import { askQuote, fundPayer, type PayWorld, pay, startPayWorld } from "./support/engine.ts";

/** Counted over so many seconds of the chain's own time. */
const SECS = 16;
/** A payment is watched for 64 blocks. */
const WATCHED_BLOCKS = 80;

let world: PayWorld;
let slow: PayWorld;
beforeAll(async () => {
  [world, slow] = await Promise.all([startPayWorld(), startPayWorld()]);
  await slow.chain.rpc("evm_setIntervalMining", [2]);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await slow[Symbol.asyncDispose]();
});

/** Resolves when the chain itself has a block of such a time or number. */
async function untilBlock({ chain }: PayWorld, is: (block: Seen) => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = chain.client.watchBlocks({
    pollingInterval: 100,
    onBlock: (block) => is(block) && resolve(),
    onError: reject,
  });
  await promise.finally(stop);
}

interface Seen {
  readonly number: bigint;
  readonly timestamp: bigint;
}

/** What is asked in some seconds. */
async function count(shared: PayWorld, calls: string[]): Promise<string[]> {
  calls.length = 0;
  const end = (await shared.chain.now()) + BigInt(SECS);
  await untilBlock(shared, ({ timestamp }) => timestamp >= end);
  return [...calls];
}

test.concurrent("an idle steward asks a 2 s chain one thing in a block at most", async () => {
  await using proxy = await startRpcProxy(slow.chain.rpcUrl);
  await using engine = await startEscrowEngine(slow, { rpcUrls: [proxy.url] });
  // At the start a reorg is looked for as far as one may go back.
  await slow.chain.mine(WATCHED_BLOCKS);
  await proxy.asked("eth_getBlockByNumber");
  await proxy.asked("eth_getBlockByNumber");
  const calls = await count(slow, proxy.calls);
  expect(calls.length, calls.join(" ")).toBeLessThanOrEqual(SECS / 2);
  expect(engine.payments.health()[0]?.ok).toBe(true);
}, 60_000);

test.concurrent("on a 0.1 s chain one in two seconds, and what it had settled before makes none", async () => {
  await using proxy = await startRpcProxy(world.chain.rpcUrl);
  const hooks = new EscrowHooks();
  await using engine = await startEscrowEngine(world, { rpcUrls: [proxy.url], hooks });
  const payer = await fundPayer(world);
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await hooks.until("settled", key.requestId);
  // Quotes that nobody pays are watched neither.
  await askEscrow(engine, world);
  const last = (await world.chain.client.getBlockNumber()) + BigInt(WATCHED_BLOCKS);
  await untilBlock(world, ({ number }) => number >= last);
  await proxy.asked("eth_getBlockByNumber");
  await proxy.asked("eth_getBlockByNumber");
  const calls = await count(world, proxy.calls);
  expect(calls.length, calls.join(" ")).toBeLessThanOrEqual(SECS / 2);
  const next = await askQuote(engine, world);
  await engine.payments.accept(next.key, await pay(payer, next.quote.payment_requirement));
  await hooks.until("settled", next.key.requestId);
}, 60_000);
