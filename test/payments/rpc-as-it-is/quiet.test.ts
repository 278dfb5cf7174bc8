import { afterEach, beforeEach, expect, test } from "vitest";
import { honest } from "../../support/shaped-node.ts";
import { type PayWorld, startPayWorld } from "../support/engine.ts";
import { Scene } from "./support/scene.ts";
import { answering } from "./support/shapes.ts";

let world: PayWorld;
beforeEach(async () => {
  world = await startPayWorld();
  await world.chain.rpc("evm_setIntervalMining", [0]);
  await world.chain.rpc("evm_setAutomine", [true]);
});
afterEach(() => world[Symbol.asyncDispose]());

const price = { amount: "2000000", asset: "USDC", network: "local", settlement_mode: "direct" };
const ageOf = ({ engine }: Scene) => engine.payments.health()[0]?.block_age_secs ?? 0;
const start = () =>
  Scene.start(world, { payments: { head_age_max_secs: 1, alarm_after_secs: 20 } });

test("a chain that makes blocks only for transactions takes payments, however old its head", async () => {
  await using scene = await start();
  const send = await scene.sign("direct");
  await scene.until(() => ageOf(scene) > 2);
  scene.engine.payments.assertPayable(price as never, world.chain.chainId);
  await scene.deliver(await send());
  expect(scene.alarms).toEqual([]);
  await scene.assertBooks();
});

test("a payment without its money is refused there, though no block comes", async () => {
  await using scene = await start();
  const send = await scene.sign("direct", 0n);
  const { key } = await send();
  await scene.until(() => scene.endOf(key) !== undefined);
  expect(scene.endOf(key)).toBe("INSUFFICIENT_BALANCE");
}, 40_000);

test("a node that says that it is catching up takes no payment until it has", async () => {
  await using scene = await start();
  scene.node.shape = answering({ eth_syncing: () => ({ result: { currentBlock: "0x1" } }) });
  await scene.until(() => scene.engine.payments.health()[0]?.ok === false);
  const ask = () => scene.engine.payments.assertPayable(price as never, world.chain.chainId);
  expect(ask).toThrow(expect.objectContaining({ reason: "CHAIN_UNAVAILABLE" }));
  expect(scene.standing).toMatchObject([{ id: "no-new-blocks" }]);
  scene.node.shape = honest;
  await scene.until(() => scene.engine.payments.health()[0]?.ok === true);
  ask();
});
