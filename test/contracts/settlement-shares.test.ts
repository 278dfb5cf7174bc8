import type { Address, Hex } from "viem";
import { encodeFunctionData } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import { KIND_TRANSFER } from "../support/contracts/authorization.ts";
import type { Item } from "../support/contracts/settlement.ts";
import {
  authorize,
  buildTerms,
  cancelCall,
  recoverCall,
  settleBatchCall,
  settleCall,
} from "../support/contracts/settlement.ts";
import { sharesOf, termsNonce } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../support/contracts/world.ts";
import { helperCall, withToken } from "./support/helpers.ts";

let world: World;
let snapshot: Hex;
beforeAll(async () => {
  world = await withToken(await startWorld(), "BlockingToken");
  await world.mint(people.payer.address, 1_000_000_000n);
  snapshot = await world.chain.snapshot();
});
beforeEach(async () => {
  await world.chain.revert(snapshot);
  snapshot = await world.chain.snapshot();
});
afterAll(() => world[Symbol.asyncDispose]());

const block = (account: Address, blocked = true) =>
  world.send(helperCall("BlockingToken", world.usdc, "setBlocked", [account, blocked]));

async function buildItem(): Promise<Item> {
  const terms = await buildTerms(world);
  return { terms, authorization: await authorize(world, terms) };
}

const sendSettle = async (gas?: bigint) => {
  const { terms, authorization } = await buildItem();
  return world.send({
    from: people.carrier,
    to: world.settlement,
    data: settleCall(terms, authorization),
    ...(gas === undefined ? {} : { gas }),
  });
};

const read = (functionName: "claimable" | "reserved" | "surplus", owner?: Address) =>
  world.chain.client.readContract({
    address: world.settlement,
    abi: zoneSettlementAbi,
    functionName,
    args: owner === undefined ? [] : [owner],
  } as Parameters<typeof world.chain.client.readContract>[0]);

const claimFor = (owner: Address) =>
  encodeFunctionData({ abi: zoneSettlementAbi, functionName: "claimFor", args: [owner] });
const claim = encodeFunctionData({ abi: zoneSettlementAbi, functionName: "claim" });
const shares = sharesOf(2_000_000n, 100);

describe("a share that the token refuses to pay", () => {
  it.each([
    ["creator", people.creator.address, shares.creatorFee],
    ["recipient", people.recipient.address, shares.recipientAmount],
    ["treasury", people.treasury.address, shares.protocolFee],
  ])("is kept for the %s, and the others are paid", async (_, blocked, amount) => {
    await block(blocked);
    const before = await world.balanceOf(people.payer.address);
    const receipt = await sendSettle();
    expect(receipt.status).toBe("success");
    expect(eventsOf(receipt, world.settlement).map((event) => event.eventName)).toEqual([
      "Settled",
      "ShareHeld",
    ]);
    expect(eventsOf(receipt, world.settlement)[1]).toMatchObject({
      args: { owner: blocked, amount },
    });
    expect(await read("claimable", blocked)).toBe(amount);
    expect(await read("reserved")).toBe(amount);
    expect(await read("surplus")).toBe(0n);
    expect(await world.balanceOf(world.settlement)).toBe(amount);
    expect(await world.balanceOf(people.payer.address)).toBe(before - 2_000_000n);
    const paid = [people.creator, people.recipient, people.treasury].map(
      (person) => person.address,
    );
    const balances = await Promise.all(paid.map((owner) => world.balanceOf(owner)));
    expect(balances.reduce((sum, value) => sum + value, 0n)).toBe(2_000_000n - amount);
  });

  it("is summed over a batch, and over batches", async () => {
    await block(people.creator.address);
    const items = [await buildItem(), await buildItem()];
    const receipt = await world.send({
      from: people.carrier,
      to: world.settlement,
      data: settleBatchCall(items),
    });
    expect(eventsOf(receipt, world.settlement).map((event) => event.eventName)).toEqual([
      "Settled",
      "Settled",
      "ShareHeld",
    ]);
    await sendSettle();
    expect(await read("claimable", people.creator.address)).toBe(3n * shares.creatorFee);
    expect(await read("reserved")).toBe(3n * shares.creatorFee);
  });

  it("is never held back because the caller gave too little gas", async () => {
    let id = await world.chain.snapshot();
    for (let gas = 100_000n; gas <= 600_000n; gas += 12_500n) {
      const receipt = await sendSettle(gas);
      const names = eventsOf(receipt, world.settlement).map((event) => event.eventName);
      expect(names).toEqual(receipt.status === "success" ? ["Settled"] : []);
      await world.chain.revert(id);
      id = await world.chain.snapshot();
    }
  });

  it("survives a payee that is blocked together with others", async () => {
    await block(people.creator.address);
    await block(people.recipient.address);
    await block(people.treasury.address);
    await sendSettle();
    expect(await read("reserved")).toBe(2_000_000n);
  });
});

describe("a held share", () => {
  it("is out of reach of a recovery", async () => {
    await block(people.recipient.address);
    await sendSettle();
    await sendSettle();
    const terms = await buildTerms(world);
    const authorization = await authorize(world, terms, { kind: KIND_TRANSFER });
    const data = await cancelCall(world, people.payer, termsNonce(terms));
    expect((await world.send({ from: people.payer, to: world.usdc, data })).status).toBe("success");
    expect(await world.balanceOf(world.settlement)).toBeGreaterThan(terms.amount);
    const recover = {
      from: people.recoverer,
      to: world.settlement,
      data: recoverCall(terms, authorization),
    };
    expect(await world.refusalOf(recover)).toBe("InsufficientSurplus");
  });
});

describe("claim", () => {
  it("pays the owner once, after the token stopped refusing", async () => {
    await block(people.creator.address);
    await sendSettle();
    const call = { from: people.creator, to: world.settlement, data: claim };
    expect((await world.send(call)).status).toBe("reverted");
    expect(await read("claimable", people.creator.address)).toBe(shares.creatorFee);
    await block(people.creator.address, false);
    const receipt = await world.send(call);
    expect(eventsOf(receipt, world.settlement)).toMatchObject([
      { eventName: "Claimed", args: { owner: people.creator.address, amount: shares.creatorFee } },
    ]);
    expect(await world.balanceOf(people.creator.address)).toBe(shares.creatorFee);
    expect(await read("reserved")).toBe(0n);
    expect(await world.refusalOf(call)).toBe("NothingToClaim");
  });

  it("may be carried by anyone, to the owner and once", async () => {
    await block(people.creator.address);
    await sendSettle();
    const data = claimFor(people.creator.address);
    const call = { from: people.stranger, to: world.settlement, data };
    expect((await world.send(call)).status).toBe("reverted");
    expect(await read("claimable", people.creator.address)).toBe(shares.creatorFee);
    await block(people.creator.address, false);
    const before = await world.balanceOf(people.stranger.address);
    expect((await world.send(call)).status).toBe("success");
    expect(await world.balanceOf(people.creator.address)).toBe(shares.creatorFee);
    expect(await world.balanceOf(people.stranger.address)).toBe(before);
    expect(await read("reserved")).toBe(0n);
    expect(await world.refusalOf(call)).toBe("NothingToClaim");
  });

  it("gives a stranger nothing", async () => {
    await block(people.creator.address);
    await sendSettle();
    for (const from of [people.stranger, people.recoverer, people.deployer, people.treasury]) {
      expect(await world.refusalOf({ from, to: world.settlement, data: claim })).toBe(
        "NothingToClaim",
      );
    }
    expect(await world.balanceOf(world.settlement)).toBe(shares.creatorFee);
  });
});

describe("a token that is paused, or a payer that is blocked", () => {
  it("fails the items and moves nothing", async () => {
    const items = [await buildItem(), await buildItem()];
    await world.send(helperCall("BlockingToken", world.usdc, "setPaused", [true]));
    const receipt = await world.send({
      from: people.carrier,
      to: world.settlement,
      data: settleBatchCall(items),
    });
    expect(eventsOf(receipt, world.settlement).map((event) => event.eventName)).toEqual([
      "SettleFailed",
      "SettleFailed",
    ]);
    await world.send(helperCall("BlockingToken", world.usdc, "setPaused", [false]));
    await block(people.payer.address);
    expect((await sendSettle()).status).toBe("reverted");
    await block(people.payer.address, false);
    const again = await world.send({
      from: people.carrier,
      to: world.settlement,
      data: settleBatchCall(items),
    });
    expect(eventsOf(again, world.settlement).map((event) => event.eventName)).toEqual([
      "Settled",
      "Settled",
    ]);
  });
});
