import { afterAll, beforeAll, expect, test } from "vitest";
import { startRpcProxy } from "../../support/rpc-proxy.ts";
import { fundPayer, type PayWorld, startPayWorld } from "../support/engine.ts";
import { AMOUNT, depositEscrow, startEscrowEngine, toOrder } from "./support/escrow-engine.ts";
import { assertAgrees, sendAsAnybody, toRuleCall } from "./support/outsider.ts";

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test.each([
  ["release", "released"],
  ["dispute", "disputed"],
] as const)(
  "a %s that its depositor's own transaction overtook is answered as it is: %s",
  async (op, status) => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using engine = await startEscrowEngine(world, { rpcUrls: [proxy.url] });
    const payer = await fundPayer(world);
    const { escrow } = await depositEscrow(engine, world, payer);
    await world.chain.rpc("evm_setIntervalMining", [0]);
    const order = await toOrder(op, escrow, payer);
    const sent = new Promise<void>((resolve) =>
      proxy.on("eth_sendRawTransaction", "after", () => resolve()),
    );
    const answer = engine.payments.operateEscrow(order, "test", 20_000);
    await sent;
    const own = toRuleCall(world, op, escrow.escrow_id);
    await sendAsAnybody(world, payer.address, { ...own, gasPrice: "0x174876e800" });
    await world.chain.rpc("evm_setIntervalMining", [1]);
    expect(await answer).toMatchObject({ status });
    expect(engine.payments.getEscrow(escrow.escrow_id).pending).toBeUndefined();
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n - AMOUNT);
    await assertAgrees(world, engine, escrow.escrow_id);
  },
);

test("a release that the recipient's refund overtook is refused", async () => {
  await using proxy = await startRpcProxy(world.chain.rpcUrl);
  const payments = { recipient: world.recipient };
  await using engine = await startEscrowEngine(world, { rpcUrls: [proxy.url], payments });
  const payer = await fundPayer(world);
  const { escrow } = await depositEscrow(engine, world, payer);
  await world.chain.rpc("evm_setIntervalMining", [0]);
  const order = await toOrder("release", escrow, payer);
  const sent = new Promise<void>((resolve) =>
    proxy.on("eth_sendRawTransaction", "after", () => resolve()),
  );
  const answer = engine.payments.operateEscrow(order, "test", 20_000);
  await sent;
  const own = toRuleCall(world, "refund", escrow.escrow_id);
  await sendAsAnybody(world, world.recipient, { ...own, gasPrice: "0x174876e800" });
  const refused = expect(answer).rejects.toMatchObject({ code: "payment_failed" });
  await world.chain.rpc("evm_setIntervalMining", [1]);
  await refused;
  await engine.hooks.untilStatus(escrow.request_id, "refunded");
  await assertAgrees(world, engine, escrow.escrow_id);
});
