import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type RpcEndpoint as Endpoint,
  RpcEndpoint,
  RpcError,
} from "../../../src/payments/chain/rpc-endpoint.ts";
import { SPELLINGS } from "../../../src/payments/chain/rpc-errors.ts";
import { type ShapedNode, startShapedNode } from "../../support/shaped-node.ts";

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

describe.each(SPELLINGS.map((row) => [`${row.meaning} ${row.text ?? row.codes ?? "data"}`, row]))(
  "an error that means %s",
  (_name, row) => {
    test.each((row as (typeof SPELLINGS)[number]).seen.map((one) => [one.by, one] as const))(
      "as %s says it",
      async (_by, { method, error }) => {
        node.shape = () => ({ error });
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
  node.shape = () => ({
    error: { code: 3, message: "execution reverted: rate limit, header not found", data: "0x" },
  });
  expect(await call("eth_call")).toMatchObject({ fault: "reverted", meaning: "reverted" });
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
