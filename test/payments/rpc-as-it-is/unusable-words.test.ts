import { afterAll, beforeAll, expect, test } from "vitest";
import { type ShapedNode, startShapedNode } from "../../support/shaped-node.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "../support/engine.ts";
import { answering } from "./support/shapes.ts";

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

/** What a node says that has lost its state. */
const nothing = answering({ eth_call: () => ({ result: "0x" }) });

async function payOne(engine: Engine, funds?: bigint) {
  const payer = await fundPayer(world, funds);
  const { key, quote } = await askQuote(engine, world);
  const authorization = await pay(payer, quote.payment_requirement);
  node.shape = nothing;
  node.calls.length = 0;
  await engine.payments.accept(key, authorization);
  return { key, payer };
}

test("a payment settles through the second URL while the first one's calls return nothing", async () => {
  await using engine = await startEngine(world, { rpcUrls: [node.url, world.chain.rpcUrl] });
  const { key, payer } = await payOne(engine);
  await engine.hooks.until("settled", key.requestId);
  expect(node.calls).toContain("eth_call");
  expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  const refund = { paymentId: String(engine.payments.list({ limit: 1 }).items[0]?.id) };
  await world.mint(world.chain.accounts[1]?.address as `0x${string}`, 2_000_000n);
  await engine.payments.refund({ ...refund, requestedBy: "operator" });
  await engine.hooks.until("refunded", key.requestId);
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
});

test("a payer without money is refused by the second URL's word on it", async () => {
  node.shape = (call, ask) => ask(call);
  await using engine = await startEngine(world, { rpcUrls: [node.url, world.chain.rpcUrl] });
  const { key } = await payOne(engine, 0n);
  const { error } = await engine.hooks.until("failed", key.requestId);
  expect(error?.reason).toBe("INSUFFICIENT_BALANCE");
});
