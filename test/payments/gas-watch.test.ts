import { afterAll, beforeAll, expect, test } from "vitest";
import { GasWatch } from "../../src/payments/chain/gas-watch.ts";
import { RpcEndpoint } from "../../src/payments/chain/rpc-endpoint.ts";
import { type NodeAnswer, type ShapedNode, startShapedNode } from "../support/shaped-node.ts";

const GWEI = 1_000_000_000n;
const WALLET = `0x${"11".repeat(20)}` as const;
const HASH = `0x${"22".repeat(32)}` as const;

let node: ShapedNode;
beforeAll(async () => {
  node = await startShapedNode("http://127.0.0.1:9");
});
afterAll(() => node[Symbol.asyncDispose]());

/** What a chain is like, in gwei. */
interface Market {
  readonly base: number | undefined;
  readonly advised: number;
  /** The median tip of the last blocks; absent where the node does not say. */
  readonly paid?: number;
  readonly feeMax?: number;
  /** Gwei of the wallet. */
  readonly balance?: bigint;
  readonly low?: bigint;
}

const toHex = (wei: bigint) => `0x${wei.toString(16)}`;
const toWei = (gwei: number) => BigInt(Math.round(gwei * 1e9));

async function look(market: Market): Promise<GasWatch> {
  const { base, advised, paid, feeMax = 500, balance = 0n, low } = market;
  const answers: Record<string, NodeAnswer> = {
    eth_getBalance: { result: toHex(balance * GWEI) },
    eth_maxPriorityFeePerGas: { result: toHex(toWei(advised)) },
    eth_feeHistory:
      paid === undefined
        ? { error: { code: -32_601, message: "the method eth_feeHistory does not exist" } }
        : { result: { reward: [[toHex(toWei(paid))]] } },
  };
  node.shape = ({ method }) => answers[method] ?? { error: { code: -1, message: method } };
  const head = {
    ...{ number: 1, hash: HASH, parentHash: HASH, timestamp: 1, gasLimit: 30_000_000n },
    baseFeePerGas: base === undefined ? undefined : toWei(base),
  };
  const watch = new GasWatch({
    chain: { chain_id: 1, fee_max_wei: toWei(feeMax) },
    payments: { fee_max_wei: undefined, gas_low_wei: low && low * GWEI },
    wallet: WALLET,
    findHead: () => head,
  });
  const stop = new AbortController().signal;
  await watch.refresh(new RpcEndpoint({ label: "node", url: node.url, timeoutMs: 5_000, stop }));
  return watch;
}

test.each([
  ["twice the base fee and the tip", { base: 20, advised: 2, paid: 2 }, 42, 2, false],
  ["no more than the limit", { base: 20, advised: 2, paid: 2, feeMax: 30 }, 30, 2, false],
  [
    "exactly the limit can still be mined",
    { base: 28, advised: 2, paid: 2, feeMax: 30 },
    30,
    2,
    false,
  ],
  [
    "a base fee that leaves no room is too dear",
    { base: 29, advised: 2, paid: 2, feeMax: 30 },
    30,
    2,
    true,
  ],
  ["a base fee above the limit", { base: 31, advised: 0, paid: 1, feeMax: 30 }, 30, 0, true],
  ["ten times what others pay at most", { base: 20, advised: 90, paid: 1 }, 50, 10, false],
  [
    "where others pay next to nothing, a hundredth of the limit",
    { base: 20, advised: 90, paid: 0.001 },
    45,
    5,
    false,
  ],
  ["on a node's word alone a tenth of the limit", { base: 20, advised: 90 }, 90, 50, false],
  ["without a base fee the advice is the price", { base: undefined, advised: 5 }, 5, 5, false],
  ["nobody wants a tip", { base: 20, advised: 0, paid: 1 }, 40, 0, false],
] as const)("what a transaction offers: %s", async (_, market, maxFee, tip, tooDear) => {
  const watch = await look(market);
  expect(watch.fees()).toEqual({ maxFee: toWei(maxFee), priorityFee: toWei(tip) });
  expect(watch.tooDear).toBe(tooDear);
});

/** Two full batches are 14 million gas, at 42 gwei here: 588 million gwei. */
const CALM = { base: 20, advised: 2, paid: 2 };

test.each([
  ["an empty wallet", { ...CALM, balance: 0n }, false, 0],
  ["one gwei too little", { ...CALM, balance: 587_999_999n }, false, 13_999_999],
  ["exactly two full batches", { ...CALM, balance: 588_000_000n }, true, 14_000_000],
  ["fees that doubled", { ...CALM, base: 41, balance: 588_000_000n }, false, 7_000_000],
  ["a reserve that is configured", { ...CALM, balance: 1_000n, low: 1_000n }, true, 23],
  ["and is not there", { ...CALM, balance: 999n, low: 1_000n }, false, 23],
] as const)(
  "whether the wallet has enough for new payments: %s",
  async (_, market, enough, gas) => {
    const watch = await look(market);
    expect(watch.enough).toBe(enough);
    expect(watch.canPay(BigInt(gas))).toBe(true);
    expect(watch.canPay(BigInt(gas) + 1n)).toBe(false);
  },
);

test("a wallet that was never read has nothing", () => {
  const watch = new GasWatch({
    chain: { chain_id: 1, fee_max_wei: GWEI },
    payments: { fee_max_wei: undefined, gas_low_wei: undefined },
    wallet: WALLET,
    findHead: () => undefined,
  });
  expect(watch.enough).toBe(false);
  expect(watch.canPay(1n)).toBe(false);
});
