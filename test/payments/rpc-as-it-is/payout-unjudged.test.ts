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

test("refunds that nodes do not execute keep no other refund waiting, however many", async () => {
  await using engine = await startEngine(world, { rpcUrls: [node.url] });
  await world.mint(privateKeyToAccount(world.walletKey).address, 100_000_000n);
  const stuck = [];
  for (let i = 0; i < 18; i++) stuck.push(await payOne(engine));
  const free = await payOne(engine);
  const toFree = free.payer.address.slice(2).toLowerCase();
  // What is asked for is looked at before it is taken.
  const looked = new Set<string>();
  const isStuck = (call: NodeCall) => {
    if (!isTransfer(call)) return false;
    const { data } = call.params[0] as { data: string };
    const isFirst = !looked.has(data);
    looked.add(data);
    return !isFirst && !data.includes(toFree);
  };
  node.shape = answering({ eth_call: where(isStuck, refusing(-32_603, "EVM error OutOfGas")) });
  for (const { id } of stuck) {
    await engine.payments.refund({ paymentId: id, requestedBy: "operator" });
  }
  await engine.payments.refund({ paymentId: free.id, requestedBy: "operator" });
  await until(() => engine.payments.get(free.id).state === "refunded");
  for (const { id } of stuck) {
    expect(engine.payments.get(id).refund).toMatchObject({ state: "requested" });
  }
  node.shape = honest;
  for (const { id } of stuck) await until(() => engine.payments.get(id).state === "refunded");
});
