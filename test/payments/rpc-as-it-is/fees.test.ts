import { afterAll, beforeAll, expect, test } from "vitest";
import { honest, type Shape } from "../../support/shaped-node.ts";
import { type PayWorld, startPayWorld } from "../support/engine.ts";
import { Scene } from "./support/scene.ts";
import { answering, changing, paying, refusing } from "./support/shapes.ts";

const ROLLUP_ID = 8453;
const GWEI = 1_000_000_000n;
const tip =
  (wei: bigint): Shape =>
  () => ({ result: `0x${wei.toString(16)}` });
const price = { amount: "2000000", asset: "USDC", network: "local", settlement_mode: "direct" };

let world: PayWorld;
let rollup: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
  rollup = await startPayWorld(undefined, ROLLUP_ID);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rollup[Symbol.asyncDispose]();
});

/** The tips that were offered, in wei. */
const tipsOf = ({ engine }: Scene) =>
  engine.store.raw.prepare("select priority_fee from settlement_attempts").pluck().all();

async function payOnce(shared: PayWorld, shape: Shape, more: object = {}): Promise<Scene> {
  const scene = await Scene.start(shared, { shape, ...more });
  await scene.deliver(await (await scene.sign("direct"))());
  await scene.assertBooks();
  return scene;
}

test("a tip is offered up to ten times what others pay, whatever a node advises", async () => {
  await using scene = await payOnce(
    world,
    answering({ eth_maxPriorityFeePerGas: tip(10n ** 20n), eth_feeHistory: paying(GWEI) }),
  );
  expect(tipsOf(scene)).toEqual([(10n * GWEI).toString()]);
  expect(scene.standing).toMatchObject([{ id: "tip-capped" }]);
  scene.node.shape = honest;
  await scene.until(() => scene.standing.length === 0);
});

const noHistory = refusing(-32_601, "the method eth_feeHistory does not exist");

test("without a history a node's word is good for a tenth of the limit, and a demand as well", async () => {
  const advice = answering({
    eth_maxPriorityFeePerGas: tip(10n ** 20n),
    eth_feeHistory: noHistory,
  });
  await using scene = await payOnce(world, advice);
  expect(tipsOf(scene)).toEqual([(50n * GWEI).toString()]);
  const names = refusing(-32_000, `transaction underpriced: minimum needed ${10n ** 20n}`);
  await using other = await Scene.start(world, {
    shape: answering({ eth_feeHistory: noHistory, eth_sendRawTransaction: names }),
  });
  const paid = await (await other.sign("direct"))();
  const refused = () => other.node.calls.filter((method) => method === "eth_sendRawTransaction");
  await other.until(() => refused().length > 3);
  other.node.shape = honest;
  await other.deliver(paid);
  expect(Math.max(...tipsOf(other).map(Number))).toBe(Number(50n * GWEI));
});

test("a rollup's limit is 10 gwei unless the configuration says otherwise, the chain's key first", async () => {
  const advice = answering({
    eth_maxPriorityFeePerGas: tip(10n ** 20n),
    eth_feeHistory: noHistory,
  });
  await using byKind = await payOnce(rollup, advice);
  expect(tipsOf(byKind)).toEqual([GWEI.toString()]);
  const payments = { fee_max_wei: (200n * GWEI).toString() };
  await using byPayments = await payOnce(rollup, advice, { payments });
  expect(tipsOf(byPayments)).toEqual([(20n * GWEI).toString()]);
  const chainKeys = { fee_max_wei: (100n * GWEI).toString() };
  await using byChain = await payOnce(rollup, advice, { payments, chainKeys });
  expect(tipsOf(byChain)).toEqual([(10n * GWEI).toString()]);
});

test("while fees are above the limit nothing is quoted, and it is again when they fall", async () => {
  await using scene = await Scene.start(world, {
    shape: answering({
      eth_getBlockByNumber: changing((block: object) => ({
        ...block,
        baseFeePerGas: `0x${(600n * GWEI).toString(16)}`,
      })),
    }),
  });
  const ask = () => scene.engine.payments.assertPayable(price as never, world.chain.chainId);
  const refusal = { reason: "GAS_LOW", message: expect.stringContaining("fees") };
  expect(ask).toThrow(expect.objectContaining(refusal));
  expect(scene.engine.payments.health()[0]?.gas_ok).toBe(false);
  expect(scene.standing).toMatchObject([{ id: "fees-high" }]);
  scene.node.shape = honest;
  await scene.until(() => scene.standing.length === 0);
  ask();
  await scene.deliver(await (await scene.sign("direct"))());
});

test("what a rollup takes for the chain below it is in the accounts", async () => {
  const l1Fee = 123_456_789n;
  await using plain = await Scene.start(world);
  await using scene = await Scene.start(world, {
    shape: answering({
      eth_getTransactionReceipt: changing((receipt: object) => ({
        ...receipt,
        l1Fee: `0x${l1Fee.toString(16)}`,
      })),
    }),
  });
  for (const one of [plain, scene]) await one.deliver(await (await one.sign("direct"))());
  const spent = async (one: Scene) =>
    100n * 10n ** 18n - (await world.chain.client.getBalance({ address: one.wallet }));
  const booked = async ({ engine }: Scene) => {
    const rows = await engine.payments.accounts({ from: 0, to: 2 ** 40 } as never);
    return rows.reduce((sum, row) => sum + BigInt(row.gas_wei as string), 0n);
  };
  expect(await booked(plain)).toBe(await spent(plain));
  expect(await booked(scene)).toBe((await spent(scene)) + l1Fee);
});
