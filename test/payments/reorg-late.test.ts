import type { Hex } from "viem";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import { askEscrow, startEscrowEngine } from "./escrow/support/escrow-engine.ts";
import { askQuote, fundPayer, type PayWorld, pay, startPayWorld } from "./support/engine.ts";

let world: PayWorld;
let proxy: RpcProxy;
beforeEach(async () => {
  world = await startPayWorld();
  proxy = await startRpcProxy(world.chain.rpcUrl);
});
afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const WAYS = [
  { mode: "settlement", ask: askQuote, left: 98_000_000n },
  { mode: "deposit", ask: askEscrow, left: 95_000_000n },
];

test.each(WAYS)(
  "a $mode is sent again where a reorg takes it back later than stuck_after_secs",
  async ({ ask, left }) => {
    await using engine = await startEscrowEngine(world, {
      rpcUrls: [proxy.url],
      payments: { stuck_after_secs: 1 },
    });
    const payer = await fundPayer(world);
    await world.chain.mine(5);
    const { key, quote } = await ask(engine, world);
    await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
    await engine.hooks.until("settled", key.requestId);
    expect(await world.balanceOf(payer.address)).toBe(left);
    const row = engine.store.raw
      .prepare("select mined_hash, block_number, created_at from settlement_txs")
      .get() as { mined_hash: Hex; block_number: number; created_at: number };
    // Two seconds, of the fifteen by default.
    while (Date.now() / 1000 < row.created_at + 3) await proxy.asked("eth_getBlockByNumber");
    await world.chain.takeBack(row.block_number);
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
    const mined = () =>
      engine.store.raw.prepare("select mined_hash, block_number from settlement_txs").get() as {
        mined_hash: Hex | null;
        block_number: number | null;
      };
    // Whatever has the nonce now is mined again.
    while ((mined().block_number ?? 0) <= row.block_number)
      await proxy.asked("eth_getBlockByNumber");
    const again = await world.chain.client.getTransaction({ hash: mined().mined_hash as Hex });
    const state = engine.payments.list({ limit: 1 }).items[0]?.state;
    expect({
      left: await world.balanceOf(payer.address),
      data: again.input.length > 2,
      state,
    }).toEqual({
      left,
      data: true,
      state: "confirmed",
    });
  },
);
