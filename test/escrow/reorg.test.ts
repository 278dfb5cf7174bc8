import { encodeFunctionData, type Hex } from "viem";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { zoneEscrowAbi } from "../../src/contracts/zone-escrow.generated.ts";
import {
  type Engine,
  fundPayer,
  type Payer,
  type PayWorld,
  startPayWorld,
} from "../payments/support/engine.ts";
import { startRpcProxy } from "../support/rpc-proxy.ts";
import type { Reply } from "../support/wire-client.ts";
import {
  AMOUNT,
  depositEscrow,
  EscrowHooks,
  reserved,
  startEscrowEngine,
  toOrder,
} from "./support/escrow-engine.ts";
import { actAs, assertAgrees, toRuleCall } from "./support/outsider.ts";

type Op = "release" | "refund" | "dispute";
type EscrowEngine = Engine & { hooks: EscrowHooks };

const WEEK = 7 * 86_400;
/** Blocks between what stays and what is taken back. */
const GAP = 8;

// A chain of its own for each test: what a reorg does must not reach the next one.
let world: PayWorld;
let payer: Payer;
beforeEach(async () => {
  world = await startPayWorld();
  payer = await fundPayer(world);
});
afterEach(() => world[Symbol.asyncDispose]());

const arbiter = () => world.chain.accounts[6]?.address as `0x${string}`;
const recipientOwn = () => ({ payments: { recipient: world.recipient } });

/** Has the chain forget a block, those after it, and a few before it, as more come meanwhile. */
async function takeBack(block: bigint, instead: unknown[] = []): Promise<void> {
  const head = await world.chain.client.getBlockNumber();
  await world.chain.rpc("anvil_reorg", [Number(head - block) + GAP / 2, instead]);
}

/** Changes an escrow on chain, some blocks after what was done before; returns the block. */
async function change(op: Op, escrow: Reply, from: `0x${string}`): Promise<bigint> {
  await world.chain.mine(GAP);
  return actAs(world, from, toRuleCall(world, op, escrow.escrow_id));
}

/** Takes a block back and waits until the steward says which status the escrow has now. */
async function takeBackUntil(
  engine: EscrowEngine,
  { request_id, escrow_id }: Reply,
  { block, status }: { block: bigint; status: string },
): Promise<void> {
  const told = engine.hooks.news.length;
  await takeBack(block);
  await engine.hooks.untilStatus(request_id, status, told);
  expect(engine.payments.getEscrow(escrow_id)).toMatchObject({ status });
}

const CHANGES = [
  { op: "release", status: "released", left: 0n, by: () => payer.address },
  { op: "refund", status: "refunded", left: 0n, by: () => world.recipient },
  { op: "dispute", status: "disputed", left: AMOUNT, by: () => payer.address },
] as const;

describe.each(CHANGES)("a $op by its party's own transaction", ({ op, status, left, by }) => {
  test("taken back is undone and told; sent again it counts again", async () => {
    await using engine = await startEscrowEngine(world, recipientOwn());
    const { key, escrow } = await depositEscrow(engine, world, payer);
    const block = await change(op, escrow, by());
    await engine.hooks.untilStatus(key.requestId, status);
    await assertAgrees(world, engine, escrow.escrow_id);

    await takeBackUntil(engine, escrow, { block, status: "deposited" });
    expect(engine.payments.findEscrow(key)).toEqual(escrow);
    expect(await reserved(world)).toBe(AMOUNT);
    await assertAgrees(world, engine, escrow.escrow_id);

    const told = engine.hooks.news.length;
    await change(op, escrow, by());
    await engine.hooks.untilStatus(key.requestId, status, told);
    expect(await reserved(world)).toBe(left);
    await assertAgrees(world, engine, escrow.escrow_id);
  });

  test("taken back while the steward is down is undone after its start", async () => {
    const first = await startEscrowEngine(world, recipientOwn());
    const { key, escrow } = await depositEscrow(first, world, payer);
    const block = await change(op, escrow, by());
    await first.hooks.untilStatus(key.requestId, status);
    await first.stop();
    await takeBack(block);
    const hooks = new EscrowHooks();
    const more = { ...recipientOwn(), dir: first.dir, hooks };
    await using second = await startEscrowEngine(world, more);
    await hooks.untilStatus(key.requestId, "deposited");
    expect(second.payments.findEscrow(key)).toEqual(escrow);
    await assertAgrees(world, second, escrow.escrow_id);
  });
});

describe.each(CHANGES)("a $op that the steward carried", ({ op, status, left }) => {
  test("taken back is carried again by itself", async () => {
    await using engine = await startEscrowEngine(world);
    const { key, escrow } = await depositEscrow(engine, world, payer);
    await world.chain.mine(GAP);
    await engine.payments.operateEscrow(await toOrder(op, escrow, payer), "test", 20_000);
    const block = (await world.chain.client.getBlockNumber()) - 3n;
    const told = engine.hooks.news.length;
    await takeBackUntil(engine, escrow, { block, status: "deposited" });
    await engine.hooks.untilStatus(key.requestId, status, told);
    expect(engine.payments.findEscrow(key)?.pending).toBeUndefined();
    expect(await reserved(world)).toBe(left);
    await assertAgrees(world, engine, escrow.escrow_id);
  });
});

test("a refund taken back leaves the escrow to be released, and the books count the release", async () => {
  await using engine = await startEscrowEngine(world, recipientOwn());
  const { key, escrow } = await depositEscrow(engine, world, payer);
  const block = await change("refund", escrow, world.recipient);
  await engine.hooks.untilStatus(key.requestId, "refunded");
  await takeBackUntil(engine, escrow, { block, status: "deposited" });
  await change("release", escrow, payer.address);
  await engine.hooks.untilStatus(key.requestId, "released");
  const [account] = engine.payments.accounts({ from: 0, to: Number.MAX_SAFE_INTEGER });
  expect(account).toMatchObject({ gross: "5000000", net: "4945000", refunded: "0" });
  await assertAgrees(world, engine, escrow.escrow_id);
});

describe("a dispute that the arbiter decided by a release", () => {
  async function decide(engine: EscrowEngine) {
    const { key, escrow } = await depositEscrow(engine, world, payer, { arbiter: arbiter() });
    const disputed = await change("dispute", escrow, payer.address);
    await engine.hooks.untilStatus(key.requestId, "disputed");
    const decided = await change("release", escrow, arbiter());
    await engine.hooks.untilStatus(key.requestId, "released");
    return { key, escrow, disputed, decided };
  }

  test("is open again where only the release was taken back, and may end in a refund", async () => {
    await using engine = await startEscrowEngine(world, recipientOwn());
    const { key, escrow, decided } = await decide(engine);
    await takeBackUntil(engine, escrow, { block: decided, status: "disputed" });
    expect(engine.payments.findEscrow(key)).toEqual({
      ...escrow,
      status: "disputed",
      deadline: escrow.deadline + WEEK,
    });
    await assertAgrees(world, engine, escrow.escrow_id);
    await change("refund", escrow, arbiter());
    await engine.hooks.untilStatus(key.requestId, "refunded");
    await assertAgrees(world, engine, escrow.escrow_id);
  });

  test("never was where both were taken back", async () => {
    await using engine = await startEscrowEngine(world, recipientOwn());
    const { key, escrow, disputed } = await decide(engine);
    await takeBackUntil(engine, escrow, { block: disputed, status: "deposited" });
    expect(engine.payments.findEscrow(key)).toEqual(escrow);
    await assertAgrees(world, engine, escrow.escrow_id);
  });
});

describe("a release in whose place the reorg has", () => {
  test("a refund becomes that refund", async () => {
    await using engine = await startEscrowEngine(world, recipientOwn());
    const { key, escrow } = await depositEscrow(engine, world, payer);
    const block = await change("release", escrow, payer.address);
    await engine.hooks.untilStatus(key.requestId, "released");
    const refund = { from: world.recipient, ...toRuleCall(world, "refund", escrow.escrow_id) };
    await takeBack(block, [[refund, 0]]);
    await engine.hooks.untilStatus(key.requestId, "refunded");
    expect(engine.payments.findEscrow(key)).not.toHaveProperty("recipient_amount");
    expect(engine.payments.accounts({ from: 0, to: Number.MAX_SAFE_INTEGER })).toEqual([]);
    await assertAgrees(world, engine, escrow.escrow_id);
  });

  test("another transaction's release is known by that one", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using engine = await startEscrowEngine(world, { rpcUrls: [proxy.url] });
    const { key, escrow } = await depositEscrow(engine, world, payer);
    const block = await change("release", escrow, payer.address);
    await engine.hooks.untilStatus(key.requestId, "released");
    const { resolved_tx_hash } = engine.payments.getEscrow(escrow.escrow_id);
    const { escrowId, signature } = await toOrder("release", escrow, payer);
    const data = encodeFunctionData({
      abi: zoneEscrowAbi,
      functionName: "releaseWithSignature",
      args: [escrowId as Hex, signature as Hex],
    });
    const carrier = world.chain.accounts[7]?.address;
    await takeBack(block, [[{ from: carrier, to: world.escrow, data }, 0]]);
    const find = () => engine.payments.getEscrow(escrow.escrow_id).resolved_tx_hash as Hex;
    while (find() === resolved_tx_hash) await proxy.asked("eth_getLogs");
    const receipt = await world.chain.client.getTransactionReceipt({ hash: find() });
    expect(receipt.from).toBe(carrier?.toLowerCase());
    await assertAgrees(world, engine, escrow.escrow_id);
  });
});

test.each(CHANGES)(
  "a $op taken back with its deposit: deposited again, $op forgotten",
  async (one) => {
    await using engine = await startEscrowEngine(world, recipientOwn());
    await world.chain.mine(GAP);
    const { key, escrow } = await depositEscrow(engine, world, payer);
    const { blockNumber } = await world.chain.client.getTransactionReceipt({
      hash: escrow.tx_hash,
    });
    await change(one.op, escrow, one.by());
    await engine.hooks.untilStatus(key.requestId, one.status);
    const told = engine.hooks.news.length;
    await takeBack(blockNumber);
    await engine.hooks.untilStatus(key.requestId, "deposited", told);
    expect(engine.payments.findEscrow(key)).toEqual(escrow);
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n - AMOUNT);
    expect(await reserved(world)).toBe(AMOUNT);
    await assertAgrees(world, engine, escrow.escrow_id);
  },
);
