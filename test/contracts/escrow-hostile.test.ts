import type { Address, Hex } from "viem";
import { encodeFunctionData, parseEventLogs } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import { zoneEscrowAbi } from "../../src/abi/zone-escrow.generated.ts";
import { sharesOf } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, revertName, startWorld } from "../support/contracts/world.ts";
import {
  buildDeposit,
  depositCall,
  deposited,
  escrowOf,
  recoverDepositCall,
  reservedOf,
  ruleCall,
  STATUS,
  signDispute,
  signedDisputeCall,
  signedReleaseCall,
  signRelease,
} from "./support/escrow.ts";
import { helper, helperCall, TRICK, withToken } from "./support/helpers.ts";

const claimData = encodeFunctionData({ abi: zoneEscrowAbi, functionName: "claim" });

async function useToken(name: "BlockingToken" | "HostileToken"): Promise<World> {
  const world = await withToken(await startWorld(), name);
  await world.mint(people.payer.address, 1_000_000_000n);
  return world;
}

const claimableOf = (world: World, owner: Address) =>
  world.chain.client.readContract({
    address: world.escrow,
    abi: zoneEscrowAbi,
    functionName: "claimable",
    args: [owner],
  });

describe("an escrow whose token refuses a payout", () => {
  let world: World;
  let snapshot: Hex;
  beforeAll(async () => {
    world = await useToken("BlockingToken");
    snapshot = await world.chain.snapshot();
  });
  beforeEach(async () => {
    await world.chain.revert(snapshot);
    snapshot = await world.chain.snapshot();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const block = (account: Address, blocked: boolean) =>
    world.send(helperCall("BlockingToken", world.usdc, "setBlocked", [account, blocked]));
  const claim = (from: typeof people.payer) => ({ from, to: world.escrow, data: claimData });
  const { protocolFee, creatorFee, recipientAmount } = sharesOf(5_000_000n, 100);

  it.each([
    ["recipient", people.recipient, recipientAmount],
    ["creator", people.creator, creatorFee],
    ["treasury", people.treasury, protocolFee],
  ])("on release keeps the share of the %s, who claims it later", async (_, owner, amount) => {
    const { escrowId } = await deposited(world);
    const other = await deposited(world);
    await block(owner.address, true);
    const receipt = await world.send(ruleCall(world, "release", escrowId, people.payer));
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      { eventName: "Released" },
      { eventName: "ShareHeld", args: { owner: owner.address, amount } },
    ]);
    expect(await reservedOf(world)).toBe(5_000_000n + amount);
    expect((await world.send(claim(owner))).status).toBe("reverted");
    expect(await world.refusalOf(claim(people.stranger))).toBe("NothingToClaim");
    await block(owner.address, false);
    expect((await world.send(claim(owner))).status).toBe("success");
    expect(await world.balanceOf(owner.address)).toBe(amount);
    expect(await reservedOf(world)).toBe(5_000_000n);
    expect(await escrowOf(world, other.escrowId)).toMatchObject({ status: STATUS.deposited });
  });

  it("on refund keeps the depositor's money for the depositor", async () => {
    const { escrowId } = await deposited(world);
    await block(people.payer.address, true);
    const receipt = await world.send(ruleCall(world, "refund", escrowId, people.recipient));
    expect(eventsOf(receipt, world.escrow).map((event) => event.eventName)).toEqual([
      "Refunded",
      "ShareHeld",
    ]);
    expect(await claimableOf(world, people.payer.address)).toBe(5_000_000n);
    expect(await world.refusalOf(ruleCall(world, "refund", escrowId, people.recipient))).toBe(
      "EscrowNotHeld",
    );
    await block(people.payer.address, false);
    expect((await world.send(claim(people.payer))).status).toBe("success");
    expect(await world.balanceOf(world.escrow)).toBe(0n);
  });

  it("is not refused because the caller gave too little gas", async () => {
    const { escrowId } = await deposited(world);
    let id = await world.chain.snapshot();
    for (const [rule, from] of [
      ["release", people.payer],
      ["refund", people.recipient],
    ] as const) {
      for (let gas = 40_000n; gas <= 440_000n; gas += 10_000n) {
        const receipt = await world.send({ ...ruleCall(world, rule, escrowId, from), gas });
        const names = eventsOf(receipt, world.escrow).map((event) => event.eventName);
        const done = rule === "release" ? "Released" : "Refunded";
        expect(names).toEqual(receipt.status === "success" ? [done] : []);
        await world.chain.revert(id);
        id = await world.chain.snapshot();
      }
    }
  });
});

describe("an escrow whose token is hostile", () => {
  let world: World;
  let snapshot: Hex;
  beforeAll(async () => {
    world = await useToken("HostileToken");
    snapshot = await world.chain.snapshot();
  });
  beforeEach(async () => {
    await world.chain.revert(snapshot);
    snapshot = await world.chain.snapshot();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("is not entered again, neither while taking nor while paying", async () => {
    const victim = await deposited(world);
    const next = await buildDeposit(world);
    const { escrowId } = victim;
    const message = { escrowId, recipient: people.recipient.address, amount: 5_000_000n };
    const calls: Hex[] = [
      depositCall(world, next).data,
      recoverDepositCall(world, next).data,
      ruleCall(world, "release", escrowId, people.payer).data,
      ruleCall(world, "refund", escrowId, people.payer).data,
      ruleCall(world, "dispute", escrowId, people.payer).data,
      signedReleaseCall(world, escrowId, await signRelease(world, people.payer, message)).data,
      signedDisputeCall(
        world,
        escrowId,
        people.payer.address,
        await signDispute(world, people.payer, escrowId),
      ).data,
      claimData,
    ];
    for (const data of calls) {
      await world.send(helperCall("HostileToken", world.usdc, "setReentry", [world.escrow, data]));
      const deposit = await buildDeposit(world);
      const taken = await world.send(depositCall(world, deposit));
      const paid = await world.send(ruleCall(world, "release", deposit.escrowId, people.payer));
      const logs = [...taken.logs, ...paid.logs];
      const attempts = parseEventLogs({
        abi: helper("HostileToken").abi,
        logs,
        eventName: "Reentered",
      });
      expect(attempts).toHaveLength(4);
      for (const attempt of attempts) {
        const { ok, result } = attempt.args as unknown as { ok: boolean; result: Hex };
        expect(ok).toBe(false);
        expect(revertName(result)).toBe("ReentrancyGuardReentrantCall");
      }
    }
    expect(await escrowOf(world, escrowId)).toMatchObject({ status: STATUS.deposited });
    expect(await reservedOf(world)).toBe(5_000_000n);
  });

  it("does not count a deposit that was not delivered", async () => {
    await deposited(world);
    const stuck = encodeFunctionData({
      abi: testUsdcAbi,
      functionName: "transfer",
      args: [world.escrow, 50_000_000n],
    });
    await world.send({ from: people.payer, to: world.usdc, data: stuck });
    await world.send(helperCall("HostileToken", world.usdc, "setTrick", [TRICK.keepAuthorized]));
    expect(await world.refusalOf(depositCall(world, await buildDeposit(world)))).toBe(
      "TokenShortfall",
    );
    expect(await reservedOf(world)).toBe(5_000_000n);
  });

  it.each([
    ["false", TRICK.returnFalse],
    ["the number 2", TRICK.returnTwo],
  ])("holds the shares when a payout answers %s", async (_, trick) => {
    const { escrowId } = await deposited(world);
    await world.send(helperCall("HostileToken", world.usdc, "setTrick", [trick]));
    const receipt = await world.send(ruleCall(world, "release", escrowId, people.payer));
    const names = eventsOf(receipt, world.escrow).map((event) => event.eventName);
    expect(names).toEqual(["Released", "ShareHeld", "ShareHeld", "ShareHeld"]);
  });
});
