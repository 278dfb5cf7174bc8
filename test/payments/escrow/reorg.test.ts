import { encodeFunctionData, type Hex } from "viem";
import { describe, expect, test } from "vitest";
import { zoneEscrowAbi } from "../../../src/abi/zone-escrow.generated.ts";
import { AMOUNT, reserved, toOrder } from "./support/escrow-engine.ts";
import { toRuleCall } from "./support/outsider.ts";
import { ReorgScene } from "./support/reorg-scene.ts";

const FUNDS = 100_000_000n;
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER };
const WEEK = 7 * 86_400;

const CHANGES = [
  { op: "release", status: "released", left: 0n, by: "depositor" },
  { op: "refund", status: "refunded", left: 0n, by: "recipient" },
  { op: "dispute", status: "disputed", left: AMOUNT, by: "depositor" },
] as const;

describe.concurrent.each(CHANGES)("a $op by its party's own transaction", (one) => {
  const { op, status, left, by } = one;

  test("taken back is undone and told; sent again it counts again", async () => {
    await using scene = await ReorgScene.start();
    const block = await scene.change(op, by);
    await scene.told(status);
    await scene.assertAgrees();
    await scene.takeBackUntil("deposited", block);
    await scene.assertDeposited();
    expect(await reserved(scene.world)).toBe(AMOUNT);

    const told = scene.engine.hooks.news.length;
    await scene.change(op, by);
    await scene.told(status, told);
    expect(await reserved(scene.world)).toBe(left);
    await scene.assertAgrees();
  });

  test("taken back while the steward is down is undone after its start", async () => {
    await using scene = await ReorgScene.start();
    const block = await scene.change(op, by);
    await scene.told(status);
    await scene.whileDown(() => scene.takeBack(block));
    await scene.told("deposited");
    await scene.assertDeposited();
  });

  test("taken back with its deposit is forgotten, and deposited again", async () => {
    await using scene = await ReorgScene.start();
    const { world, escrow } = scene;
    const { client } = world.chain;
    const { blockNumber } = await client.getTransactionReceipt({ hash: escrow.tx_hash });
    await scene.change(op, by);
    await scene.told(status);
    await scene.takeBackUntil("deposited", blockNumber);
    expect(await world.balanceOf(escrow.depositor)).toBe(FUNDS - AMOUNT);
    expect(await reserved(world)).toBe(AMOUNT);
    await scene.assertDeposited();
  });
});

test.concurrent.each(CHANGES)(
  "a $op that the steward carried, taken back, is carried again by itself",
  async ({ op, status, left }) => {
    // Its wallet is the recipient, who may refund.
    await using scene = await ReorgScene.start({ payments: {} });
    const { world, engine, escrow, payer } = scene;
    const before = await world.chain.client.getBlockNumber();
    await world.chain.mine(8);
    await engine.payments.operateEscrow(await toOrder(op, escrow, payer), "test", 20_000);
    const told = engine.hooks.news.length;
    await scene.takeBackUntil("deposited", before + 5n);
    await scene.told(status, told);
    expect(scene.shown.pending).toBeUndefined();
    expect(await reserved(world)).toBe(left);
    await scene.assertAgrees();
  },
);

test.concurrent("a refund taken back leaves the escrow to be released, and the books count that", async () => {
  await using scene = await ReorgScene.start();
  const block = await scene.change("refund", "recipient");
  await scene.told("refunded");
  await scene.takeBackUntil("deposited", block);
  await scene.change("release", "depositor");
  await scene.told("released");
  const [account] = await scene.engine.payments.accounts(EVER);
  expect(account).toMatchObject({ gross: "5000000", net: "4945000", refunded: "0" });
  await scene.assertAgrees();
});

describe.concurrent("a dispute that the arbiter decided by a release", () => {
  async function decide(scene: ReorgScene) {
    const disputed = await scene.change("dispute", "depositor");
    await scene.told("disputed");
    const decided = await scene.change("release", "arbiter");
    await scene.told("released");
    return { disputed, decided };
  }

  test("is open again where only the release was taken back, and may end in a refund", async () => {
    await using scene = await ReorgScene.start();
    const { decided } = await decide(scene);
    await scene.takeBackUntil("disputed", decided);
    const { escrow } = scene;
    const deadline = escrow.deadline + WEEK;
    expect(scene.shown).toEqual({ ...escrow, status: "disputed", deadline });
    await scene.assertAgrees();
    await scene.change("refund", "arbiter");
    await scene.told("refunded");
    await scene.assertAgrees();
  });

  test("never was where both were taken back", async () => {
    await using scene = await ReorgScene.start();
    const { disputed } = await decide(scene);
    await scene.takeBackUntil("deposited", disputed);
    await scene.assertDeposited();
  });
});

describe.concurrent("a release in whose place the reorg has", () => {
  test("a refund becomes that refund", async () => {
    await using scene = await ReorgScene.start();
    const { world, engine, escrow } = scene;
    const block = await scene.change("release", "depositor");
    await scene.told("released");
    await world.chain.rpc("anvil_impersonateAccount", [escrow.recipient]);
    const refund = { from: escrow.recipient, ...toRuleCall(world, "refund", escrow.escrow_id) };
    await scene.takeBack(block, [[refund, 0]]);
    await scene.told("refunded");
    expect(scene.shown).not.toHaveProperty("recipient_amount");
    expect(await engine.payments.accounts(EVER)).toEqual([]);
    await scene.assertAgrees();
  });

  test("another transaction's release is known by that one", async () => {
    await using scene = await ReorgScene.start();
    const { world, escrow, payer } = scene;
    const block = await scene.change("release", "depositor");
    await scene.told("released");
    const { escrowId, signature } = await toOrder("release", escrow, payer);
    const data = encodeFunctionData({
      abi: zoneEscrowAbi,
      functionName: "releaseWithSignature",
      args: [escrowId as Hex, signature as Hex],
    });
    const carrier = world.chain.accounts[7]?.address;
    await scene.whileDown(() =>
      scene.takeBack(block, [[{ from: carrier, to: world.escrow, data }, 0]]),
    );
    await scene.untilResolvedBy(carrier ?? "");
    await scene.assertAgrees();
  });
});
