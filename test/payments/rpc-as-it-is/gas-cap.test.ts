import { parseTransaction } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../../src/protocol/ids.ts";
import type { NodeCall } from "../../support/shaped-node.ts";
import {
  buildManifest,
  fundPayer,
  type PayWorld,
  pay,
  startPayWorld,
  ZONE_ID,
} from "../support/engine.ts";
import { Scene } from "./support/scene.ts";
import { answering, refusing, where } from "./support/shapes.ts";

/** What EIP-7825 allows a transaction. */
const CAP = 1n << 24n;
const COUNT = 200;

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const gasOfCall = ({ params }: NodeCall) => BigInt((params[0] as { gas?: string }).gas ?? 0);
const gasOfTx = ({ params }: NodeCall) => parseTransaction(params[0] as `0x02${string}`).gas ?? 0n;

test("two hundred payments for as many creators settle at once where a transaction has 2^24 gas at most", async () => {
  await using scene = await Scene.start(world, { payments: { batch_max: COUNT } });
  const refused = refusing(-32_000, `exceeds transaction gas cap of ${CAP}`);
  let refusals = 0;
  const count: typeof refused = (...call) => {
    refusals += 1;
    return refused(...call);
  };
  scene.node.shape = answering({
    eth_call: where((call) => gasOfCall(call) > CAP, count),
    eth_sendRawTransaction: where((call) => gasOfTx(call) > CAP, count),
  });
  await scene.until(() => scene.engine.payments.health()[0]?.ok === true);
  const payer = await fundPayer(world, 1_000_000_000n);
  const { engine } = scene;
  const quotes = engine.store.write((write) =>
    Array.from({ length: COUNT }, () => {
      const wallet = privateKeyToAddress(generatePrivateKey());
      const nodeId = `atlas_${"cd".repeat(32)}`;
      const key = { zoneId: ZONE_ID, nodeId, requestId: createId("req") };
      const quote = engine.payments.quote(write, {
        ...key,
        action: "translate",
        content: '{"action":"translate","params":{}}',
        manifest: buildManifest(world, { creator: { node_id: key.nodeId, wallet } }),
        price: {
          amount: "2000000",
          asset: "USDC",
          network: "local",
          settlement_mode: "direct",
        } as never,
      });
      return { key, quote };
    }),
  );
  await engine.store.committed();
  const sent = await Promise.all(
    quotes.map(async ({ key, quote }) => ({
      key,
      authorization: await pay(payer, quote.payment_requirement),
    })),
  );
  await Promise.all(
    sent.map(({ key, authorization }) => engine.payments.accept(key, authorization)),
  );
  await scene.until(() => sent.every(({ key }) => scene.endOf(key) !== undefined));
  expect(new Set(sent.map(({ key }) => scene.endOf(key)))).toEqual(new Set(["settled"]));
  expect(refusals).toBeLessThanOrEqual(2);
  expect(scene.alarms).toEqual([]);
  await scene.assertBooks();
});
