import { afterAll, beforeAll, expect, test } from "vitest";
import {
  honest,
  type NodeAnswer,
  type Shape,
  type ShapedNode,
  startShapedNode,
} from "../support/shaped-node.ts";
import { depositEscrow, startEscrowEngine } from "./escrow/support/escrow-engine.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";

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

/** Head and chain are right, but there is no state: no code, and a call of nothing returns nothing. */
const stateless: Shape = (call, ask) =>
  ["eth_getCode", "eth_call"].includes(call.method) ? { result: "0x" } : ask(call);

/** The same, as a node that is catching up and says so. */
const syncing: Shape = async (call, ask, request) => {
  if (call.method === "eth_syncing") return { result: { currentBlock: "0x1" } };
  const answer = (await stateless(call, ask, request)) as NodeAnswer;
  if (call.method !== "eth_getBlockByNumber" || !("result" in answer)) return answer;
  return { result: { ...(answer.result as object), timestamp: "0x60000000" } };
};

const healthOf = (engine: Engine) => engine.payments.health()[0];

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await node.asked();
}

async function payOne(engine: Engine): Promise<void> {
  const payer = await fundPayer(world);
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await engine.hooks.until("settled", key.requestId);
}

test("a start behind a node without the contracts' state waits where they were paid at, and says so", async () => {
  await using first = await startEngine(world);
  await payOne(first);
  await first.stop();
  node.shape = stateless;
  await using engine = await startEngine(world, { rpcUrls: [node.url], dir: first.dir });
  expect(healthOf(engine)).toMatchObject({
    ok: false,
    verified: false,
    problem: expect.stringContaining("no contract at"),
    alarms: [
      {
        id: "contracts-differ",
        node_says: expect.stringContaining("no contract at"),
        remedy: expect.stringContaining("catch up"),
      },
    ],
  });
  const price = { amount: "2000000", asset: "USDC", network: "local", settlement_mode: "direct" };
  expect(() => engine.payments.assertPayable(price as never, world.chain.chainId)).toThrow(
    expect.objectContaining({ reason: "CHAIN_UNAVAILABLE" }),
  );
  node.shape = honest;
  await until(() => healthOf(engine)?.ok === true);
  expect(healthOf(engine)).toMatchObject({ verified: true, alarms: [] });
  await payOne(engine);
});

test("so does one where nothing but an escrow was paid", async () => {
  await using first = await startEscrowEngine(world);
  await depositEscrow(first, world, await fundPayer(world));
  await first.stop();
  node.shape = stateless;
  const options = { escrow: true, rpcUrls: [node.url], dir: first.dir };
  await using engine = await startEngine(world, options);
  expect(healthOf(engine)).toMatchObject({ ok: false, verified: false });
});

test("so does one whose node says that it is catching up", async () => {
  node.shape = syncing;
  await using engine = await startEngine(world, { rpcUrls: [node.url] });
  expect(healthOf(engine)).toMatchObject({ ok: false, verified: false });
  node.shape = honest;
  await until(() => healthOf(engine)?.ok === true);
  await payOne(engine);
});

test("a start is refused where the node is not behind and no payment was settled there", async () => {
  node.shape = stateless;
  const start = startEngine(world, { rpcUrls: [node.url] });
  await expect(start).rejects.toThrow(/no contract at .*steward chain check/);
});

test("a URL that does not show the contracts is left alone for one that does", async () => {
  node.shape = stateless;
  await using engine = await startEngine(world, { rpcUrls: [node.url, world.chain.rpcUrl] });
  expect(healthOf(engine)).toMatchObject({
    ok: true,
    verified: true,
    alarms: [{ id: "contracts-differ", node_says: expect.stringContaining("no contract at") }],
  });
  const asked = node.calls.length;
  await payOne(engine);
  const since = new Set(node.calls.slice(asked));
  // A broadcast goes to every URL in good health, and each is asked for its chain at times.
  expect(since.has("eth_call")).toBe(false);
});
