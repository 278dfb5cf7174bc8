import { expect, test } from "vitest";
import { StewardError } from "../../src/errors.ts";
import { finalDepth } from "../../src/payments/chain/depth.ts";
import { RpcError } from "../../src/payments/chain/rpc-endpoint.ts";
import { SPAN_BLOCKS, toSpans } from "../../src/payments/chain/spans.ts";
import { askingChain } from "../../src/payments/chain/unavailable.ts";

test.each([
  [1, 64],
  [64, 64],
  [65, 65],
  [200, 200],
])("with %i confirmations a transaction is final %i blocks deep", (confirmations, depth) => {
  expect(finalDepth({ config: { confirmations } })).toBe(depth);
});

test.each([
  [0, -1, []],
  [7, 7, [[7, 7]]],
  [1, SPAN_BLOCKS, [[1, SPAN_BLOCKS]]],
  [
    1,
    SPAN_BLOCKS + 1,
    [
      [1, SPAN_BLOCKS],
      [SPAN_BLOCKS + 1, SPAN_BLOCKS + 1],
    ],
  ],
])("blocks %i to %i are cut into spans without a gap or an overlap", (fromBlock, toBlock, cut) => {
  const spans = toSpans({ fromBlock, toBlock });
  expect(spans.map((span) => [span.fromBlock, span.toBlock])).toEqual(cut);
});

test("a chain that does not answer is told with when to ask again, and other faults as they are", async () => {
  const silent = new RpcError("unavailable", "no node answers");
  const told = await askingChain(() => Promise.reject(silent)).catch((error: unknown) => error);
  expect(told).toBeInstanceOf(StewardError);
  expect(told).toMatchObject({ code: "internal", reason: "CHAIN_UNAVAILABLE", cause: silent });
  expect((told as StewardError).retryAfterMs).toBeGreaterThan(0);
  const fault = new TypeError("a fault of ours");
  await expect(askingChain(() => Promise.reject(fault))).rejects.toBe(fault);
  await expect(askingChain(async () => 7)).resolves.toBe(7);
});
