import type { Hex } from "viem";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LaggingNode, startLaggingNode } from "../support/lagging-node.ts";
import { depositEscrow, startEscrowEngine, toOrder } from "./escrow/support/escrow-engine.ts";
import { sendAsAnybody, toRuleCall } from "./escrow/support/outsider.ts";
import {
  askQuote,
  fundPayer,
  type PayWorld,
  pay,
  sendAs,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";
import { toSettleCall } from "./support/stranger.ts";

let world: PayWorld;
let node: LaggingNode;
beforeEach(async () => {
  world = await startPayWorld();
  node = await startLaggingNode(world.chain.rpcUrl);
});
afterEach(async () => {
  await node[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

test("a payment that was settled is not paid out again because one answer came from a node behind", async () => {
  await using engine = await startEngine(world, { rpcUrls: [node.url] });
  const payer = await fundPayer(world);
  // Somebody else's front-run payment, not recovered yet.
  await world.mint(world.settlement, 2_000_000n);
  const { key, quote } = await askQuote(engine, world);
  const authorization = await pay(payer, quote.payment_requirement, { kind: "transfer" });
  let used = 0;
  // The look for the settlement is the one call that a node answers which is behind.
  node.isBehind = ({ method, params }) => {
    const [filter] = params as [{ address?: string }];
    if (
      method !== "eth_getLogs" ||
      filter.address?.toLowerCase() !== world.settlement.toLowerCase()
    )
      return false;
    return used++ === 0;
  };
  const call = toSettleCall(world, quote.payment_requirement, authorization);
  await sendAs(world.chain, world.chain.accounts[7]?.address as Hex, call);
  await engine.payments.accept(key, authorization);
  await engine.hooks.until("settled", key.requestId);
  expect(used).toBeGreaterThan(0);
  expect(await world.balanceOf(world.settlement)).toBe(2_000_000n);
  expect(await world.balanceOf(world.recipient)).toBe(1_978_000n);
});

test("a payment whose money has just come is not refused because a node is behind", async () => {
  await using engine = await startEngine(world, { rpcUrls: [node.url] });
  node.blocks = 20;
  node.isBehind = ({ method, params }) => method === "eth_call" && params[1] === "latest";
  await world.chain.mine(25);
  const payer = await fundPayer(world);
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  const { error } = await Promise.race([
    engine.hooks.until("settled", key.requestId),
    engine.hooks.until("failed", key.requestId),
  ]);
  expect(error?.reason).toBeUndefined();
  expect(engine.hooks.of(key.requestId)).toEqual(["authorized", "settled"]);
});

test("a release that was acknowledged is carried though a node is behind", async () => {
  await using engine = await startEscrowEngine(world, { rpcUrls: [node.url] });
  await world.chain.mine(25);
  const payer = await fundPayer(world);
  const { key, escrow } = await depositEscrow(engine, world, payer);
  node.blocks = 20;
  let asked = 0;
  node.isBehind = ({ method, params }) => {
    const [call] = params as [{ to?: string; from?: string }];
    if (method !== "eth_call" || call.from === undefined) return false;
    if (call.to?.toLowerCase() !== world.escrow.toLowerCase()) return false;
    // The steward's own check before it acknowledges is answered by a good node.
    return ++asked === 2;
  };
  const shown = await engine.payments.changeEscrow(
    key.nodeId,
    await toOrder("release", escrow, payer),
    0,
  );
  expect(shown.pending).toBe("release");
  const ops = () => engine.store.raw.prepare("select state, failure from escrow_ops").all();
  while (JSON.stringify(ops()).match(/requested|submitted/))
    await new Promise((done) => setImmediate(done));
  expect(ops()).toEqual([{ state: "confirmed", failure: null }]);
});

test("a release past the steward is taken in though its events were asked of a node behind", async () => {
  await using engine = await startEscrowEngine(world, { rpcUrls: [node.url] });
  await world.chain.mine(25);
  const payer = await fundPayer(world);
  const { escrow } = await depositEscrow(engine, world, payer);
  node.blocks = 30;
  let behind = Number.POSITIVE_INFINITY;
  let asked = 0;
  node.isBehind = ({ method, params }) => {
    const [filter] = params as [{ address?: string }];
    if (method !== "eth_getLogs" || filter.address?.toLowerCase() !== world.escrow.toLowerCase())
      return false;
    asked += 1;
    return behind-- > 0;
  };
  const call = toRuleCall(world, "release", escrow.escrow_id);
  const hash = await sendAsAnybody(world, payer.address, call);
  await world.chain.client.waitForTransactionReceipt({ hash });
  behind = 1;
  const before = asked;
  while (asked < before + 3) await new Promise((done) => setImmediate(done));
  expect(engine.payments.getEscrow(escrow.escrow_id).status).toBe("released");
});
