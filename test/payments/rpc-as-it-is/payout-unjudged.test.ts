import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  honest,
  type NodeCall,
  type ShapedNode,
  startShapedNode,
} from "../../support/shaped-node.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "../support/engine.ts";
import { answering, refusing, where } from "./support/shapes.ts";

/** The token's `transfer`. */
const TRANSFER = "0xa9059cbb";

let world: PayWorld;
let node: ShapedNode;
beforeAll(async () => {
  world = await startPayWorld();
  node = await startShapedNode(world.chain.rpcUrl);
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const isTransfer = ({ params }: NodeCall) =>
  (params[0] as { data: string }).data.startsWith(TRANSFER);

const alarmsOf = (engine: Engine) => engine.payments.health().flatMap(({ alarms }) => alarms);

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await node.asked();
}

async function payOne(engine: Engine) {
  const payer = await fundPayer(world);
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await engine.hooks.until("settled", key.requestId);
  const { items } = engine.payments.list({ limit: 50 });
  const id = String(items.find((item) => item.request_id === key.requestId)?.id);
  return { id, payer };
}

test("a refund that nodes do not execute waits unsent, with an alarm, and keeps no payment waiting", async () => {
  await using engine = await startEngine(world, {
    rpcUrls: [node.url],
    payments: { alarm_after_secs: 1 },
  });
  const { id, payer } = await payOne(engine);
  await world.mint(privateKeyToAccount(world.walletKey).address, 10_000_000n);
  let asked = 0;
  // What is asked for is looked at before it is taken.
  node.shape = answering({
    eth_call: where(
      (call) => isTransfer(call) && asked++ > 0,
      refusing(-32_603, "EVM error OutOfGas"),
    ),
  });
  await engine.payments.refund({ paymentId: id, requestedBy: "operator" });
  await until(() => alarmsOf(engine).some((alarm) => alarm.id === "payout-unjudged"));
  const alarm = alarmsOf(engine).find((one) => one.id === "payout-unjudged");
  expect(alarm).toMatchObject({
    node_says: "EVM error OutOfGas",
    remedy: expect.stringContaining("RPC URL"),
  });
  await payOne(engine);
  expect(engine.payments.get(id).refund).toMatchObject({ state: "requested", tx_hash: null });
  expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  node.shape = honest;
  await until(() => engine.payments.get(id).state === "refunded");
  await until(() => alarmsOf(engine).length === 0);
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
});

test("a refund that nodes do not execute keeps no other refund waiting", async () => {
  await using engine = await startEngine(world, { rpcUrls: [node.url] });
  const [stuck, free] = [await payOne(engine), await payOne(engine)];
  await world.mint(privateKeyToAccount(world.walletKey).address, 10_000_000n);
  const toStuck = stuck.payer.address.slice(2).toLowerCase();
  let asked = 0;
  node.shape = answering({
    eth_call: where(
      (call) =>
        isTransfer(call) &&
        (call.params[0] as { data: string }).data.includes(toStuck) &&
        asked++ > 0,
      refusing(-32_603, "EVM error OutOfGas"),
    ),
  });
  await engine.payments.refund({ paymentId: stuck.id, requestedBy: "operator" });
  await until(() => asked > 1);
  await engine.payments.refund({ paymentId: free.id, requestedBy: "operator" });
  await until(() => engine.payments.get(free.id).state === "refunded");
  expect(engine.payments.get(stuck.id).refund).toMatchObject({ state: "requested" });
  node.shape = honest;
  await until(() => engine.payments.get(stuck.id).state === "refunded");
  expect(await world.balanceOf(stuck.payer.address)).toBe(100_000_000n);
});
