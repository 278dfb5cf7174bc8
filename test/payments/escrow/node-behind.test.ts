import { afterAll, beforeAll, expect, test } from "vitest";
import { type LaggingNode, startLaggingNode } from "../../support/lagging-node.ts";
import { fundPayer, type PayWorld, startPayWorld } from "../support/engine.ts";
import { depositEscrow, startEscrowEngine } from "./support/escrow-engine.ts";
import { actAs, readOnChain, toRuleCall } from "./support/outsider.ts";

let world: PayWorld;
let node: LaggingNode;
beforeAll(async () => {
  world = await startPayWorld();
  node = await startLaggingNode(world.chain.rpcUrl);
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

test("what happened to an escrow while the steward was down is not skipped for a node behind", async () => {
  const first = await startEscrowEngine(world, { rpcUrls: [node.url] });
  const payer = await fundPayer(world);
  const { escrow } = await depositEscrow(first, world, payer);
  await first.stop();
  await actAs(world, payer.address, toRuleCall(world, "release", escrow.escrow_id));
  // About an hour of a chain with a block every two seconds.
  await world.chain.mine(2_100);
  let behind = 0;
  // The follower's own look at the head, once.
  node.isBehind = ({ method, params }, previous) =>
    method === "eth_getBlockByNumber" &&
    params[0] === "latest" &&
    previous === "eth_chainId" &&
    behind++ === 0;
  await using second = await startEscrowEngine(world, { rpcUrls: [node.url], dir: first.dir });
  const cursor = () =>
    Number(second.store.raw.prepare("select block from escrow_cursors").pluck().get());
  const head = Number(await world.chain.client.getBlockNumber({ cacheTime: 0 }));
  while (cursor() < head) await new Promise((done) => setImmediate(done));
  expect(behind).toBeGreaterThan(0);
  expect((await readOnChain(world, escrow.escrow_id)).status).toBe("released");
  expect(second.payments.getEscrow(escrow.escrow_id).status).toBe("released");
}, 60_000);
