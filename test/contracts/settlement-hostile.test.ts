import type { Hex } from "viem";
import { encodeFunctionData, parseEventLogs } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import { BATCH_FORMS } from "../support/contracts/packed.ts";
import type { Item } from "../support/contracts/settlement.ts";
import { authorize, buildTerms, recoverCall, settleCall } from "../support/contracts/settlement.ts";
import { sharesOf } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, revertName, startWorld } from "../support/contracts/world.ts";
import { helper, helperCall, TRICK, withToken } from "./support/helpers.ts";

let world: World;
let snapshot: Hex;
beforeAll(async () => {
  world = await withToken(await startWorld(), "HostileToken");
  await world.mint(people.payer.address, 1_000_000_000n);
  snapshot = await world.chain.snapshot();
});
beforeEach(async () => {
  await world.chain.revert(snapshot);
  snapshot = await world.chain.snapshot();
});
afterAll(() => world[Symbol.asyncDispose]());

async function buildItem(): Promise<Item> {
  const terms = await buildTerms(world);
  return { terms, authorization: await authorize(world, terms) };
}

const setTrick = (trick: number) =>
  world.send(helperCall("HostileToken", world.usdc, "setTrick", [trick]));

const settle = async () => {
  const { terms, authorization } = await buildItem();
  return { from: people.carrier, to: world.settlement, data: settleCall(terms, authorization) };
};

describe("a token that calls back", () => {
  const calls: [string, (item: Item) => Hex][] = [
    ["settle", ({ terms, authorization }) => settleCall(terms, authorization)],
    ...BATCH_FORMS.map(([name, encode]): [string, (item: Item) => Hex] => [
      name,
      (item) => encode([item]),
    ]),
    ["recover", ({ terms, authorization }) => recoverCall(terms, authorization)],
    ["claim", () => encodeFunctionData({ abi: zoneSettlementAbi, functionName: "claim" })],
  ];
  it.each(calls)("is locked out of %s, at every transfer", async (_, call) => {
    const data = call(await buildItem());
    await world.send(
      helperCall("HostileToken", world.usdc, "setReentry", [world.settlement, data]),
    );
    const receipt = await world.send(await settle());
    expect(receipt.status).toBe("success");
    const attempts = parseEventLogs({
      abi: helper("HostileToken").abi,
      logs: receipt.logs,
      eventName: "Reentered",
    });
    expect(attempts).toHaveLength(4);
    for (const attempt of attempts) {
      const { ok, result } = attempt.args as unknown as { ok: boolean; result: Hex };
      expect(ok).toBe(false);
      expect(revertName(result)).toBe("ReentrancyGuardReentrantCall");
    }
    expect(await world.balanceOf(people.recipient.address)).toBe(
      sharesOf(2_000_000n, 100).recipientAmount,
    );
  });

  it("is locked out while a claim is paid", async () => {
    await setTrick(TRICK.returnFalse);
    await world.send(await settle());
    const claim = encodeFunctionData({ abi: zoneSettlementAbi, functionName: "claim" });
    await world.send(
      helperCall("HostileToken", world.usdc, "setReentry", [world.settlement, claim]),
    );
    const receipt = await world.send({ from: people.creator, to: world.settlement, data: claim });
    const [attempt] = parseEventLogs({
      abi: helper("HostileToken").abi,
      logs: receipt.logs,
      eventName: "Reentered",
    });
    expect(attempt?.args).toMatchObject({ ok: false });
    expect(await world.balanceOf(people.creator.address)).toBe(
      sharesOf(2_000_000n, 100).creatorFee,
    );
  });
});

describe("a token that does not deliver what it accepted", () => {
  it("cannot have shares paid out of older money, alone or in a batch", async () => {
    const stuck = encodeFunctionData({
      abi: testUsdcAbi,
      functionName: "transfer",
      args: [world.settlement, 100_000_000n],
    });
    await world.send({ from: people.payer, to: world.usdc, data: stuck });
    await setTrick(TRICK.keepAuthorized);
    expect(await world.refusalOf(await settle())).toBe("TokenShortfall");
    for (const [, encode] of BATCH_FORMS) {
      const data = encode([await buildItem(), await buildItem()]);
      expect(await world.refusalOf({ from: people.carrier, to: world.settlement, data })).toBe(
        "TokenShortfall",
      );
    }
    expect(await world.balanceOf(world.settlement)).toBe(100_000_000n);
  });
});

describe("a token that answers a payout strangely", () => {
  it.each([
    ["false", TRICK.returnFalse],
    ["the number 2", TRICK.returnTwo],
    ["10,000 bytes", TRICK.returnLong],
  ])("with %s: the shares are held", async (_, trick) => {
    await setTrick(trick);
    const receipt = await world.send(await settle());
    const names = eventsOf(receipt, world.settlement).map((event) => event.eventName);
    expect(names).toEqual(["Settled", "ShareHeld", "ShareHeld", "ShareHeld"]);
  });

  it("with nothing, as some tokens do: that is a payment", async () => {
    await setTrick(TRICK.returnNothing);
    const receipt = await world.send(await settle());
    expect(eventsOf(receipt, world.settlement).map((event) => event.eventName)).toEqual([
      "Settled",
    ]);
  });
});

describe.each(BATCH_FORMS)("a token that wants to make %s expensive", (_, encode) => {
  it("gets 256 bytes of its 10,000 byte reason logged", async () => {
    await setTrick(TRICK.revertLong);
    const data = encode([await buildItem()]);
    const receipt = await world.send({ from: people.carrier, to: world.settlement, data });
    const [failed] = eventsOf(receipt, world.settlement);
    if (failed?.eventName !== "SettleFailed") throw new Error("no SettleFailed");
    expect(failed.args.reason).toHaveLength(2 + 2 * 256);
  });

  it("can burn 250,000 gas an item and not more", async () => {
    await setTrick(TRICK.burnGas);
    const data = encode([await buildItem(), await buildItem()]);
    const receipt = await world.send({ from: people.carrier, to: world.settlement, data });
    expect(eventsOf(receipt, world.settlement).map((event) => event.eventName)).toEqual([
      "SettleFailed",
      "SettleFailed",
    ]);
    expect(receipt.gasUsed).toBeLessThan(600_000n);
  });
});
