import { afterAll, beforeAll, expect, test } from "vitest";
import { honest } from "../../support/shaped-node.ts";
import { sendAsAnybody, toRuleCall } from "../escrow/support/outsider.ts";
import { type PayWorld, startPayWorld } from "../support/engine.ts";
import { Scene } from "./support/scene.ts";
import { answering, refusing } from "./support/shapes.ts";

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test("escrows change and late money is refused while no receipt can be read", async () => {
  await using scene = await Scene.start(world);
  const deposit = await (await scene.sign("escrow"))();
  await scene.deliver(deposit);
  const escrow = scene.engine.payments.records.findEscrow(deposit.key);
  if (!escrow) throw new Error("no escrow");
  const [send, unfunded] = [await scene.sign("direct"), await scene.sign("direct", 0n)];
  scene.node.shape = answering({
    eth_getTransactionReceipt: refusing(-32_603, "index is corrupt"),
    eth_getBlockReceipts: refusing(-32_601, "the method does not exist/is not available"),
  });
  const paid = await send();
  const failed = await unfunded();
  await scene.until(() => scene.standing.some(({ id }) => id === "method-failing"));
  const call = toRuleCall(scene.world, "release", escrow.escrow_id);
  await sendAsAnybody(scene.world, deposit.payer.address, call);
  const status = () => scene.engine.payments.getEscrow(escrow.escrow_id).status;
  await scene.until(() => status() === "released");
  await scene.until(() => scene.endOf(failed.key) !== undefined);
  expect(scene.endOf(failed.key)).toBe("INSUFFICIENT_BALANCE");
  expect(scene.endOf(paid.key)).toBeUndefined();
  expect(scene.standing).toMatchObject([
    { id: "method-failing", node_says: "eth_getTransactionReceipt: index is corrupt" },
  ]);
  scene.node.shape = honest;
  await scene.deliver(paid);
  await scene.until(() => scene.standing.length === 0);
  await scene.assertBooks();
});
