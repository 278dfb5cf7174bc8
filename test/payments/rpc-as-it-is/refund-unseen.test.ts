import { privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { honest, type Shape, type ShapedNode, startShapedNode } from "../../support/shaped-node.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type Payer,
  type PayWorld,
  pay,
  sendAs,
  startEngine,
  startPayWorld,
} from "../support/engine.ts";
import { stretch } from "./support/stretched.ts";

let world: PayWorld;
let node: ShapedNode;
beforeEach(async () => {
  world = await startPayWorld();
  node = await startShapedNode(world.chain.rpcUrl);
});
afterEach(async () => {
  await node[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const wallet = () => privateKeyToAccount(world.walletKey).address;

async function payOne(engine: Engine, payer: Payer): Promise<string> {
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await engine.hooks.until("settled", key.requestId);
  const { items } = engine.payments.list({ limit: 50 });
  return String(items.find((item) => item.request_id === key.requestId)?.id);
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await node.asked();
}

const txsOfRefund = (engine: Engine) =>
  engine.store.raw
    .prepare("select state from settlement_txs where kind = 'refund' order by tx_id")
    .pluck()
    .all();

const alarmsOf = (engine: Engine) =>
  engine.payments.health().flatMap(({ alarms }) => alarms.map(({ id }) => id));

const head = async () => Number(await world.chain.client.getBlockNumber({ cacheTime: 0 }));

const noReceipts: Shape = (call, ask) =>
  call.method === "eth_getTransactionReceipt" ? { result: null } : ask(call);

/** Nothing that an index of transactions serves, and no receipts of a block either. */
const noIndex: Shape = (call, ask) =>
  ["eth_getTransactionReceipt", "eth_getTransactionByHash", "eth_getBlockReceipts"].includes(
    call.method,
  )
    ? { result: null }
    : ask(call);

test.each([
  ["receipts alone", noReceipts],
  ["receipts, transactions and blocks' receipts", noIndex],
])("a refund is paid once where a node shows no %s for 10,000 blocks", async (_name, shape) => {
  await using engine = await startEngine(world, { rpcUrls: [node.url] });
  const payer = await fundPayer(world);
  const id = await payOne(engine, payer);
  await world.mint(wallet(), 10_000_000n);
  const base = await head();
  node.shape = stretch(base, 500, shape);
  await engine.payments.refund({ paymentId: id, requestedBy: "operator" });
  await until(async () => (await world.balanceOf(payer.address)) === 100_000_000n);
  const seen = () => engine.payments.health()[0]?.block_number ?? 0;
  await until(() => seen() >= base + 10_000);
  await until(() => seen() >= base + 10_500);
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
  expect(await world.balanceOf(wallet())).toBe(8_000_000n);
  if (shape === noIndex) {
    expect(engine.payments.get(id).refund).toMatchObject({ state: "submitted" });
    await until(() => alarmsOf(engine).includes("receipts-missing"));
  }
  node.shape = stretch(base, 500, honest);
  await until(() => engine.payments.get(id).state === "refunded");
  expect(alarmsOf(engine)).toEqual([]);
  expect(txsOfRefund(engine)).toHaveLength(1);
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
  expect(await world.balanceOf(wallet())).toBe(8_000_000n);
});

test("a refund is not paid again by itself where another process's transaction is shown at its nonce, and a payment goes on", async () => {
  await using engine = await startEngine(world, { rpcUrls: [node.url] });
  const payer = await fundPayer(world);
  const id = await payOne(engine, payer);
  await world.mint(wallet(), 10_000_000n);
  node.shape = (call, ask) =>
    call.method === "eth_sendRawTransaction"
      ? { error: { code: -32000, message: "already known" } }
      : ask(call);
  await engine.payments.refund({ paymentId: id, requestedBy: "operator" });
  await node.asked("eth_sendRawTransaction");
  await world.chain.rpc("anvil_impersonateAccount", [wallet()]);
  await sendAs(world.chain, wallet(), { to: wallet(), data: "0x", gasPrice: "0x174876e800" });
  node.shape = stretch(await head(), 30, honest);
  await until(() => txsOfRefund(engine)[0] === "lost");
  expect(engine.payments.get(id)).toMatchObject({
    state: "confirmed",
    refund: { state: "failed", failure: expect.stringContaining("may have been paid already") },
  });
  const waiting = engine.payments.list({ limit: 50, waiting: "operator" }).items;
  expect(waiting).toMatchObject([{ id }]);
  await payOne(engine, await fundPayer(world));
  expect(txsOfRefund(engine)).toEqual(["lost"]);
  expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  // The operator looked, and asks again.
  await engine.payments.refund({ paymentId: id, requestedBy: "operator" });
  await until(() => engine.payments.get(id).state === "refunded");
  expect(txsOfRefund(engine)).toEqual(["lost", expect.stringMatching(/mined|final/)]);
  expect(engine.payments.list({ limit: 50, waiting: "operator" }).items).toEqual([]);
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
  expect(await world.balanceOf(wallet())).toBe(8_000_000n);
  expect(alarmsOf(engine)).toEqual(["foreign-transaction"]);
});

test("a refund waits while receipts are refused, with an alarm that names the method, and is paid once", async () => {
  await using engine = await startEngine(world, {
    rpcUrls: [node.url],
    payments: { alarm_after_secs: 1 },
  });
  const payer = await fundPayer(world);
  const id = await payOne(engine, payer);
  await world.mint(wallet(), 10_000_000n);
  node.shape = (call, ask) =>
    call.method === "eth_getTransactionReceipt"
      ? { error: { code: -32_601, message: "the method is not in your plan" } }
      : ask(call);
  await engine.payments.refund({ paymentId: id, requestedBy: "operator" });
  await until(() => alarmsOf(engine).includes("method-failing"));
  const [alarm] = engine.payments.health()[0]?.alarms ?? [];
  expect(alarm).toMatchObject({
    node_says: "eth_getTransactionReceipt: the method is not in your plan",
    remedy: expect.stringContaining("add an RPC URL"),
  });
  await world.chain.mine(70);
  await until(async () => (await world.balanceOf(payer.address)) === 100_000_000n);
  expect(engine.payments.get(id).refund).toMatchObject({ state: "submitted" });
  node.shape = honest;
  await until(() => engine.payments.get(id).state === "refunded");
  expect(txsOfRefund(engine)).toHaveLength(1);
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
  expect(await world.balanceOf(wallet())).toBe(8_000_000n);
});
