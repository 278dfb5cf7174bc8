import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createLogger } from "../../src/base/log.ts";
import { RpcPool } from "../../src/payments/chain/rpc-pool.ts";
import { type Shape, type ShapedNode, startShapedNode } from "../support/shaped-node.ts";

const OWN_CHAIN = "0x1";
const OTHER_CHAIN = "0x2";

let nodes: [ShapedNode, ShapedNode];
beforeAll(async () => {
  nodes = [
    await startShapedNode("http://127.0.0.1:9"),
    await startShapedNode("http://127.0.0.1:9"),
  ];
});
afterAll(async () => {
  for (const node of nodes) await node[Symbol.asyncDispose]();
});
beforeEach(() => {
  for (const node of nodes) node.calls.length = 0;
});

/** A node of the right chain that answers everything else in one way. */
const answering =
  (shape: Shape): Shape =>
  (call, ...rest) =>
    call.method === "eth_chainId" ? { result: OWN_CHAIN } : shape(call, ...rest);
const failing = (code: number, message: string, data?: string) =>
  answering(() => ({ error: { code, message, ...(data && { data }) } }));

const first = answering(() => ({ result: "0xaa" }));
const second = answering(() => ({ result: "0xbb" }));
const foreign: Shape = () => ({ result: OTHER_CHAIN });
const broken: Shape = () => ({ status: 500, body: "down" });
const busy: Shape = () => ({ status: 429, headers: { "retry-after": "30" } });
const nonsense = answering(() => ({ result: { not: "hex" } }));
const refusing = failing(-32_000, "header not found");
const reverting = failing(3, "execution reverted", "0x1234");

function openPool(...shapes: readonly [Shape, Shape]) {
  const standing = new Set<string>();
  shapes.forEach((shape, i) => {
    (nodes[i] as ShapedNode).shape = shape;
  });
  const pool = new RpcPool({
    log: createLogger("silent"),
    chainId: 1,
    urls: nodes.map(({ url }) => url),
    timeoutMs: 5_000,
    stop: new AbortController().signal,
    watch: { answered: () => undefined, failed: () => undefined },
    bell: { alarm: (id) => standing.add(id), endAlarm: (id) => standing.delete(id) },
  });
  const parse = (raw: unknown) => {
    if (typeof raw !== "string") throw new Error("expected a text");
    return raw;
  };
  return { pool, standing, call: () => pool.call("eth_call", [], parse) };
}

const countAsked = () => nodes.map(({ calls }) => calls.filter((m) => m !== "eth_chainId").length);

test.each([
  ["the first, while it answers", first, second, "0xaa", [1, 0]],
  ["the second, where the first is down", broken, second, "0xbb", [0, 1]],
  ["the second, where the first serves another chain", foreign, second, "0xbb", [0, 1]],
  ["the second, where the first is asked too much", busy, second, "0xbb", [0, 1]],
  ["the second, where the first answers nonsense", nonsense, second, "0xbb", [1, 1]],
  ["the second, where the first refuses", refusing, second, "0xbb", [1, 1]],
] as const)("a question is answered by %s", async (_, one, two, answer, asked) => {
  const { call } = openPool(one, two);
  expect(await call()).toBe(answer);
  expect(countAsked()).toEqual(asked);
});

test.each([
  [
    "a revert is an answer: no other is asked",
    reverting,
    second,
    { fault: "reverted", data: "0x1234" },
    [1, 0],
  ],
  ["the last refusal, where both refuse", nonsense, refusing, { fault: "refused" }, [1, 1]],
  ["nothing is known, where both are down", broken, broken, { fault: "unavailable" }, [0, 0]],
  ["nor where both serve another chain", foreign, foreign, { fault: "unavailable" }, [0, 0]],
  [
    "nor where both are asked too much",
    busy,
    busy,
    { fault: "unavailable", meaning: "limited" },
    [0, 0],
  ],
] as const)("without an answer: %s", async (_, one, two, error, asked) => {
  const { call } = openPool(one, two);
  await expect(call()).rejects.toMatchObject(error);
  expect(countAsked()).toEqual(asked);
});

test.each([
  ["is down", broken, "0xaa"],
  ["serves another chain", foreign, "0xaa"],
  ["is asked too much", busy, undefined],
] as const)(
  "a node that %s is left alone for a while, also once it is well",
  async (_, shape, alone) => {
    const { pool, call } = openPool(shape, second);
    await call();
    nodes[0].shape = first;
    nodes[0].calls.length = 0;
    expect(await call()).toBe("0xbb");
    expect(nodes[0].calls).toEqual([]);
    // As the only one left it is asked at once, unless it said itself that it is asked too much.
    nodes[1].shape = busy;
    await pool.pinned((endpoint) => endpoint.call("eth_call", [], String)).catch(() => undefined);
    expect(await call().catch(() => undefined)).toBe(alone);
  },
);

test("a node of another chain is an alarm with that chain's id until it serves the right one", async () => {
  const { pool, standing, call } = openPool(foreign, second);
  await call();
  expect(pool.wrongChainId).toBe(2);
  expect([...standing]).toEqual(["wrong-chain"]);
  nodes[0].shape = first;
  await pool.verifyAll();
  expect(pool.wrongChainId).toBeUndefined();
  expect(standing.size).toBe(0);
});

test("several questions that belong together are asked of one node, all again where one fails", async () => {
  let count = 0;
  const halfway = answering(() => (++count === 1 ? { result: "0xaa" } : { status: 500 }));
  const { pool } = openPool(halfway, second);
  const pair = await pool.pinned(async (endpoint) => [
    await endpoint.call("eth_getBalance", [], String),
    await endpoint.call("eth_getBalance", [], String),
  ]);
  expect(pair).toEqual(["0xbb", "0xbb"]);
});

test("before an answer that decides about money the chain is asked for its id again", async () => {
  const { pool } = openPool(first, second);
  const ask = (fresh: boolean) =>
    pool.pinned((endpoint) => endpoint.call("eth_getBalance", [], String), fresh);
  for (const fresh of [false, false, true]) await ask(fresh);
  expect(nodes[0].calls.filter((method) => method === "eth_chainId")).toHaveLength(2);
});

const taking = answering(() => ({ result: `0x${"ab".repeat(32)}` }));
const knowing = failing(-32_000, "already known");
const poor = failing(-32_000, "insufficient funds for gas * price + value");

test.each([
  ["both take it", taking, taking, { taken: true }],
  ["one takes it and one is down", broken, taking, { taken: true }],
  ["one takes it and one refuses", poor, taking, { taken: true }],
  ["one has it already", knowing, poor, { taken: true }],
  ["both refuse", poor, poor, { taken: false, refusal: { meaning: "no-funds" } }],
  ["one refuses and one is down", broken, poor, { taken: false, refusal: { meaning: "no-funds" } }],
  ["both are down: nobody refused", broken, broken, { taken: false, refusal: undefined }],
] as const)("a transaction goes to every node: %s", async (_, one, two, outcome) => {
  const { taken, refusal } = await openPool(one, two).pool.broadcast("0x00");
  expect({ taken, refusal }).toMatchObject(outcome);
});

test("a node that is left alone for what it said stays so, whatever it answers meanwhile", async () => {
  const { pool, call } = openPool(first, second);
  expect(await call()).toBe("0xaa");
  pool.endpoints[0]?.distrust(60_000);
  await pool.verifyAll();
  expect(await call()).toBe("0xbb");
  (nodes[1] as ShapedNode).shape = broken;
  await expect(call()).rejects.toMatchObject({ fault: "unavailable" });
  // While no other can be asked it is better than none.
  expect(await call()).toBe("0xaa");
});
