import { afterAll, beforeAll, expect, test } from "vitest";
import { type RpcProxy, startRpcProxy } from "../../support/rpc-proxy.ts";
import { askQuote, fundPayer, type PayWorld, pay, startPayWorld } from "../support/engine.ts";
import { depositEscrow, startEscrowEngine } from "./support/escrow-engine.ts";
import { actAs, readOnChain, toRuleCall } from "./support/outsider.ts";

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

test("a reorg undoes a release though the node did not answer right after it", async () => {
  await using engine = await startEscrowEngine(world, { rpcUrls: [proxy.url] });
  const payer = await fundPayer(world);
  await world.chain.mine(8);
  const { escrow } = await depositEscrow(engine, world, payer);
  // An attempt that failed and could still execute: the steward looks for its late settlement.
  const poor = await fundPayer(world, 0n);
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(poor, quote.payment_requirement));
  await engine.hooks.until("failed", key.requestId);
  await world.chain.mine(8);
  const block = await actAs(world, payer.address, toRuleCall(world, "release", escrow.escrow_id));
  await engine.hooks.untilStatus(escrow.request_id, "released");
  proxy.fail("eth_getLogs", "rpc-error");
  await world.chain.takeBack(Number(block), { earlier: 3 });
  for (let i = 0; i < 4; i++) await proxy.asked("eth_getLogs");
  proxy.heal();
  for (let i = 0; i < 6; i++) await proxy.asked("eth_getLogs");
  expect((await readOnChain(world, escrow.escrow_id)).status).toBe("deposited");
  expect(engine.payments.getEscrow(escrow.escrow_id).status).toBe("deposited");
}, 60_000);
