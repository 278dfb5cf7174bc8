import { encodeFunctionData, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testUsdcAbi } from "../../src/contracts/test-usdc.generated.ts";
import {
  type AuthorizationJson,
  fundPayer,
  type PayWorld,
  pay,
  sendAs,
  startPayWorld,
} from "../payments/support/engine.ts";
import {
  AMOUNT,
  askEscrow,
  callAs,
  depositEscrow,
  EscrowHooks,
  reserved,
  startEscrowEngine,
  toOrder,
} from "./support/escrow-engine.ts";

/** A steward looks for blocks at least this often. */
const POLL_MS = 2_000;

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("while the steward is down", () => {
  test.each([
    ["release", "released"],
    ["dispute", "disputed"],
  ] as const)("a %s on chain is known within one poll after its start", async (op, status) => {
    const first = await startEscrowEngine(world);
    const payer = await fundPayer(world);
    const { key, escrow } = await depositEscrow(first, world, payer);
    await first.stop();
    await callAs(world, payer.address, op, escrow.escrow_id);
    await world.chain.mine(20);
    const hooks = new EscrowHooks();
    const startedMs = performance.now();
    await using second = await startEscrowEngine(world, { dir: first.dir, hooks });
    await hooks.untilStatus(key.requestId, status);
    expect(performance.now() - startedMs).toBeLessThan(POLL_MS);
    expect(second.payments.findEscrow(key)).toMatchObject({ status });
    const [account] = second.payments.accounts({ from: 0, to: Number.MAX_SAFE_INTEGER });
    expect(account).toEqual(
      op === "release"
        ? expect.objectContaining({ gross: "5000000", net: "4945000", protocol_fee: "5000" })
        : undefined,
    );
    expect(await second.payments.audit()).toMatchObject([{ differences: [] }]);
  });
});

test("a release in a block that a reorg takes back is undone, and told again when it is mined anew", async () => {
  await using engine = await startEscrowEngine(world);
  const payer = await fundPayer(world);
  const { key, escrow } = await depositEscrow(engine, world, payer);
  await world.chain.mine(70);
  const snapshot = await world.chain.snapshot();
  await callAs(world, payer.address, "release", escrow.escrow_id);
  await engine.hooks.untilStatus(key.requestId, "released");
  await world.chain.revert(snapshot);
  await world.chain.mine(5);
  const told = engine.hooks.news.length;
  while (engine.payments.findEscrow(key)?.status !== "deposited") {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(engine.hooks.news.slice(told).at(-1)?.status ?? "deposited").toBe("deposited");
  const { status } = await engine.payments.operateEscrow(
    await toOrder("release", escrow, payer),
    "test",
    20_000,
  );
  expect(status).toBe("released");
});

test("confirmations are waited for before a release counts", async () => {
  await using engine = await startEscrowEngine(world, { confirmations: 4 });
  const payer = await fundPayer(world);
  const { key, escrow } = await depositEscrow(engine, world, payer);
  await callAs(world, payer.address, "release", escrow.escrow_id);
  const released = await world.chain.client.getBlockNumber();
  await engine.hooks.untilStatus(key.requestId, "released");
  const now = await world.chain.client.getBlockNumber();
  expect(now - released).toBeGreaterThanOrEqual(2n);
});

async function sendToToken(authorization: AuthorizationJson): Promise<void> {
  const { from, to, value, valid_after, valid_before, nonce, v, r, s } = authorization;
  const data = encodeFunctionData({
    abi: testUsdcAbi,
    functionName: "transferWithAuthorization",
    args: [
      from as Hex,
      to as Hex,
      BigInt(value as string),
      BigInt(valid_after as number),
      BigInt(valid_before as number),
      nonce as Hex,
      v as number,
      r as Hex,
      s as Hex,
    ],
  });
  await sendAs(world.chain, world.chain.accounts[7]?.address as Hex, { to: world.usdc, data });
}

test("a transfer authorization that somebody sent straight to the token becomes the escrow all the same", async () => {
  await using engine = await startEscrowEngine(world);
  const payer = await fundPayer(world);
  const held = await reserved(world);
  const { key, quote } = await askEscrow(engine, world);
  const authorization = await pay(payer, quote.payment_requirement, { kind: "transfer" });
  await sendToToken(authorization);
  expect(await reserved(world)).toBe(held);
  await engine.payments.accept(key, authorization);
  await engine.hooks.until("settled", key.requestId);
  expect(engine.payments.findEscrow(key)).toMatchObject({ status: "deposited" });
  expect((await reserved(world)) - held).toBe(AMOUNT);
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n - AMOUNT);
});

test("from the deadline on anybody's wish is carried: the payer has his money back", async () => {
  let aheadSecs = 0;
  const now = () => Math.floor(Date.now() / 1000) + aheadSecs;
  await using engine = await startEscrowEngine(world, {
    now,
    payments: { head_age_max_secs: 0, quote_ttl_secs: 30 },
  });
  const payer = await fundPayer(world);
  const { key, escrow } = await depositEscrow(engine, world, payer, { escrow_secs: 1 });
  const order = { escrowId: escrow.escrow_id, op: "refund" } as const;
  await expect(engine.payments.changeEscrow(key.nodeId, order, 20_000)).rejects.toMatchObject({
    reason: "ESCROW_STATE",
  });
  aheadSecs = 60;
  await world.chain.setNextBlockTime(BigInt(escrow.deadline));
  await world.chain.mine(2);
  for (;;) {
    try {
      const { status } = await engine.payments.changeEscrow(key.nodeId, order, 20_000);
      expect(status).toBe("refunded");
      break;
    } catch (error) {
      // Until the engine has seen the block.
      expect(error).toMatchObject({ reason: "ESCROW_STATE" });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
  expect(engine.payments.list({ limit: 1 }).items[0]).toMatchObject({ state: "refunded" });
});
