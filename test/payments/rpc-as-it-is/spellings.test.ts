import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type RpcEndpoint as Endpoint,
  RpcEndpoint,
  RpcError,
  SAFE_CALL,
} from "../../../src/payments/chain/rpc-endpoint.ts";
import { type SeenError, SPELLINGS } from "../../../src/payments/chain/rpc-errors.ts";
import { type Shape, type ShapedNode, startShapedNode } from "../../support/shaped-node.ts";

let node: ShapedNode;
beforeAll(async () => {
  node = await startShapedNode("http://127.0.0.1:9");
});
afterAll(() => node[Symbol.asyncDispose]());

const failed: string[] = [];
const startEndpoint = (url = node.url): Endpoint =>
  new RpcEndpoint({
    label: "rpc 1/0",
    url,
    timeoutMs: 2_000,
    stop: new AbortController().signal,
    watch: { answered: () => undefined, failed: (method) => failed.push(method) },
  });

async function call(method: string, endpoint = startEndpoint()): Promise<RpcError> {
  const error: unknown = await endpoint.call(method, [], (raw) => raw).catch((err: unknown) => err);
  if (error instanceof RpcError) return error;
  throw new Error("expected an RpcError");
}

/** A node that executes: it has an error for every call but the one that cannot fail. */
const refusing =
  (error: SeenError["error"]): Shape =>
  ({ params }) =>
    isDeepStrictEqual(params[0], SAFE_CALL) ? { result: "0x" } : { error };

describe.each(SPELLINGS.map((row) => [`${row.meaning} ${row.text ?? row.codes ?? "data"}`, row]))(
  "an error that means %s",
  (_name, row) => {
    test.each((row as (typeof SPELLINGS)[number]).seen.map((one) => [one.by, one] as const))(
      "as %s says it",
      async (_by, { method, error }) => {
        node.shape = refusing(error);
        const { meaning } = row as (typeof SPELLINGS)[number];
        const found = await call(method);
        expect(found.meaning).toBe(meaning);
        const fault = { reverted: "reverted", limited: "unavailable" }[meaning as string];
        expect(found.fault).toBe(fault ?? "refused");
        if (error.data !== undefined) expect(found.data).toBe("0x08c379a0");
      },
    );
  },
);

test("an error in words that nobody knows means nothing, and is given as it was said", async () => {
  node.shape = () => ({ error: { code: -32_099, message: "the moon is full" } });
  const error = await call("eth_call");
  expect(error).toMatchObject({ fault: "refused", meaning: "unknown", words: "the moon is full" });
});

test("words that a payer's code says in a revert are no limit and no missing block", async () => {
  const message = "execution reverted: rate limit, header not found";
  node.shape = refusing({ code: 3, message, data: "0x" });
  expect(await call("eth_call")).toMatchObject({ fault: "reverted", meaning: "reverted" });
});

test("a revert for no reason is taken from a node that executes, and says so again; else it says nothing", async () => {
  const error = { code: -32_000, message: "execution reverted" };
  node.shape = () => ({ error });
  const words = "it says of every call that it reverts";
  expect(await call("eth_call")).toMatchObject({ fault: "unavailable", words });
  expect(failed.at(-1)).toBe("eth_call");
  let isFirst = true;
  node.shape = () => {
    const wasFirst = isFirst;
    isFirst = false;
    return wasFirst ? { error } : { result: "0x2a" };
  };
  expect(await startEndpoint().call("eth_call", [{}, "latest"], String)).toBe("0x2a");
});

test("a node's words are told without URLs, keys and control characters", async () => {
  const key = "c0ffee00c0ffee00";
  node.shape = () => ({
    error: { code: 1, message: `no\n\u202eproject ${key} at https://x.example/${key}?a=1 !` },
  });
  const error = await call("eth_call", startEndpoint(`${node.url}/v2/${key}`));
  expect(error.words).toBe("no project … at (a URL) !");
  expect(error.message).not.toContain(key);
});

test("an error without the call's id, as gateways send it, is the node's error", async () => {
  node.shape = () => ({
    status: 200,
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: null,
      error: { code: -32_005, message: "slow down" },
    }),
  });
  expect(await call("eth_call")).toMatchObject({ fault: "unavailable", meaning: "limited" });
});
