import type { Address, Hex } from "viem";
import { decodeFunctionResult } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import {
  asWalletSignature,
  KIND_RECEIVE,
  KIND_TRANSFER,
} from "../support/contracts/authorization.ts";
import type { Item } from "../support/contracts/settlement.ts";
import {
  authorize,
  buildTerms,
  settleBatchCall,
  settleCall,
} from "../support/contracts/settlement.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, revertName, startWorld } from "../support/contracts/world.ts";
import { deployHelper, helperCall, MOOD } from "./support/helpers.ts";

let world: World;
let wallet: Address;
let snapshot: Hex;
beforeAll(async () => {
  world = await startWorld();
  wallet = await deployHelper(world, "SmartWallet", [people.other.address]);
  await world.mint(wallet, 1_000_000_000n);
  await world.mint(people.payer.address, 1_000_000_000n);
  snapshot = await world.chain.snapshot();
});
beforeEach(async () => {
  await world.chain.revert(snapshot);
  snapshot = await world.chain.snapshot();
});
afterAll(() => world[Symbol.asyncDispose]());

async function walletItem(kind = KIND_RECEIVE, signer = people.other): Promise<Item> {
  const terms = await buildTerms(world);
  const signed = await authorize(world, terms, { kind, signer, from: wallet });
  return { terms, authorization: asWalletSignature(signed) };
}

async function keyItem(): Promise<Item> {
  const terms = await buildTerms(world);
  return { terms, authorization: await authorize(world, terms) };
}

const setMood = (mood: number) => world.send(helperCall("SmartWallet", wallet, "setMood", [mood]));

describe("a smart account as payer", () => {
  it.each([
    ["receive", KIND_RECEIVE],
    ["transfer", KIND_TRANSFER],
  ])("pays with a %s authorization", async (_, kind) => {
    const { terms, authorization } = await walletItem(kind);
    const receipt = await world.send({
      from: people.carrier,
      to: world.settlement,
      data: settleCall(terms, authorization),
    });
    expect(eventsOf(receipt, world.settlement)).toMatchObject([
      { eventName: "Settled", args: { payer: wallet } },
    ]);
    expect(await world.balanceOf(wallet)).toBe(998_000_000n);
  });

  it("does not pay by a signature that is not its owner's", async () => {
    const { terms, authorization } = await walletItem(KIND_RECEIVE, people.stranger);
    const data = settleCall(terms, authorization);
    expect(await world.refusalOf({ from: people.carrier, to: world.settlement, data })).toBe(
      "ERC3009InvalidSignature",
    );
  });

  it.each([
    ["refuses", MOOD.refuse],
    ["reverts", MOOD.revert],
    ["burns all the gas it gets", MOOD.burnGas],
    ["answers garbage", MOOD.garbage],
  ])("that %s fails alone in a batch", async (_, mood) => {
    await setMood(mood);
    const items = [await keyItem(), await walletItem(), await keyItem()];
    const receipt = await world.send({
      from: people.carrier,
      to: world.settlement,
      data: settleBatchCall(items),
      gas: 2_500_000n,
    });
    const events = eventsOf(receipt, world.settlement);
    expect(events.map((event) => event.eventName)).toEqual(["Settled", "SettleFailed", "Settled"]);
    const failed = events[1];
    if (failed?.eventName !== "SettleFailed") throw new Error("no SettleFailed");
    expect(revertName(failed.args.reason)).toMatch(/ERC3009InvalidSignature|empty/);
    expect(receipt.gasUsed).toBeLessThan(1_500_000n);
  });

  it("is not made to fail by a caller with too little gas", async () => {
    const item = await walletItem();
    let id = await world.chain.snapshot();
    for (let gas = 200_000n; gas <= 1_500_000n; gas += 50_000n) {
      const receipt = await world.send({
        from: people.stranger,
        to: world.settlement,
        data: settleBatchCall([item]),
        gas,
      });
      const names = eventsOf(receipt, world.settlement).map((event) => event.eventName);
      expect(names).toEqual(receipt.status === "success" ? ["Settled"] : []);
      await world.chain.revert(id);
      id = await world.chain.snapshot();
    }
  });

  it("that needs all the gas it is promised gets all of it, or the whole call reverts", async () => {
    const data = settleBatchCall([await walletItem()]);
    const outcome = async (gas: bigint): Promise<string> => {
      const call = { account: people.stranger.address, to: world.settlement, data, gas };
      const answer = await world.chain.client.call(call).catch(() => undefined);
      if (answer?.data === undefined) return "reverted";
      const abi = zoneSettlementAbi;
      const settled = decodeFunctionResult({ abi, functionName: "settleBatch", data: answer.data });
      return settled[0] ? "settled" : "failed";
    };
    let [fed, starved] = [0, 1_000_000];
    while (starved - fed > 500) {
      const hunger = Math.floor((fed + starved) / 2);
      await world.send(helperCall("SmartWallet", wallet, "setHunger", [hunger]));
      if ((await outcome(5_000_000n)) === "settled") fed = hunger;
      else starved = hunger;
    }
    expect(fed).toBeGreaterThan(800_000);
    await world.send(helperCall("SmartWallet", wallet, "setHunger", [fed]));
    const outcomes = new Set<string>();
    for (let gas = 1_000_000n; gas <= 1_400_000n; gas += 3_000n) outcomes.add(await outcome(gas));
    expect(outcomes).toEqual(new Set(["reverted", "settled"]));
  });
});
