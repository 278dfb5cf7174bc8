import { afterAll, beforeAll, expect, test } from "vitest";
import { type PayWorld, startPayWorld } from "../support/engine.ts";
import { Scene } from "./support/scene.ts";
import { answering } from "./support/shapes.ts";
import { leap } from "./support/stretched.ts";

const BLOCKS = 200_000;
/** The follower reads so many at one time. */
const SPAN = 2_000;

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test("a payment is told at once while the events of 200,000 blocks are read, at 100 ms a call", async () => {
  await using scene = await Scene.start(world);
  await scene.deliver(await (await scene.sign("escrow"))());
  const send = await scene.sign("direct");
  const base = Number(await world.chain.client.getBlockNumber({ cacheTime: 0 }));
  const slow = answering({
    eth_getLogs: async (call, ask) => {
      await new Promise((done) => setTimeout(done, 100));
      return ask(call);
    },
  });
  scene.node.shape = leap(base, BLOCKS, slow);
  scene.node.calls.length = 0;
  const reads = () => scene.node.calls.filter((method) => method === "eth_getLogs").length;
  await scene.until(() => reads() > 0);
  await scene.deliver(await send());
  expect(reads()).toBeLessThan(BLOCKS / SPAN / 2);
  await scene.until(() => scene.alarms.includes("events-behind"));
  // All of them are read in the end, and the alarm is over.
  await scene.until(() => scene.standing.length === 0);
  expect(reads()).toBeGreaterThanOrEqual(BLOCKS / SPAN);
  await scene.assertBooks();
}, 60_000);
