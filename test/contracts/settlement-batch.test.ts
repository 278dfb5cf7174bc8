import type { Hex, TransactionReceipt } from "viem";
import { decodeFunctionResult, parseEventLogs } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import { BATCH_FORMS } from "../support/contracts/packed.ts";
import type { Item } from "../support/contracts/settlement.ts";
import { authorize, buildTerms, settleCall } from "../support/contracts/settlement.ts";
import type { Terms } from "../support/contracts/terms.ts";
import { random32, sharesOf, termsNonce } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, revertName, startWorld } from "../support/contracts/world.ts";
import { deployHelper, helperCall } from "./support/helpers.ts";

let world: World;
let snapshot: Hex;
beforeAll(async () => {
  world = await startWorld();
  await world.mint(people.payer.address, 1_000_000_000n);
  snapshot = await world.chain.snapshot();
});
beforeEach(async () => {
  await world.chain.revert(snapshot);
  snapshot = await world.chain.snapshot();
});
afterAll(() => world[Symbol.asyncDispose]());

async function buildItem(change: Partial<Terms> = {}): Promise<Item> {
  const terms = await buildTerms(world, change);
  return { terms, authorization: await authorize(world, terms) };
}

/** Lists what the settlement contract itself paid, as recipient and amount. */
function payouts(receipt: TransactionReceipt): [string, bigint][] {
  return parseEventLogs({ abi: testUsdcAbi, logs: receipt.logs, eventName: "Transfer" })
    .filter(({ args }) => args.from === world.settlement)
    .map(({ args }) => [args.to, args.value]);
}

describe.each(BATCH_FORMS)("%s", (name, encode) => {
  const sendBatch = (items: Item[], gas?: bigint) =>
    world.send({
      from: people.carrier,
      to: world.settlement,
      data: encode(items),
      ...(gas === undefined ? {} : { gas }),
    });

  describe("a batch", () => {
    it("pays each distinct payee once, with the sum of its shares", async () => {
      const amounts = [1n, 999n, 1_000_000n, 12_345_679n];
      const creators = [people.creator, people.other, people.creator, people.other];
      const items: Item[] = [];
      for (const [index, amount] of amounts.entries()) {
        const creator = creators[index] ?? people.creator;
        items.push(await buildItem({ amount, creator: creator.address, creatorFeeBps: 300 }));
      }
      const receipt = await sendBatch(items);
      const owed = new Map<string, bigint>();
      const owe = (owner: string, amount: bigint) =>
        owed.set(owner, (owed.get(owner) ?? 0n) + amount);
      for (const { terms } of items) {
        const shares = sharesOf(terms.amount, terms.creatorFeeBps);
        owe(terms.creator, shares.creatorFee);
        owe(terms.recipient, shares.recipientAmount);
        owe(people.treasury.address, shares.protocolFee);
      }
      const paid = payouts(receipt);
      expect(paid).toHaveLength(4);
      expect(new Map(paid)).toEqual(owed);
      expect(await world.balanceOf(world.settlement)).toBe(0n);
    });

    it("makes one transfer where recipient, creator and treasury are the same account", async () => {
      const same = people.treasury.address;
      const items = [
        await buildItem({ recipient: same, creator: same }),
        await buildItem({ recipient: same, creator: same }),
      ];
      expect(payouts(await sendBatch(items))).toEqual([[same, 4_000_000n]]);
    });

    it("ignores the creator where its fee is 0", async () => {
      const zero = `0x${"00".repeat(20)}` as const;
      const receipt = await sendBatch([await buildItem({ creator: zero, creatorFeeBps: 0 })]);
      expect(payouts(receipt)).toEqual([
        [people.recipient.address, 1_998_000n],
        [people.treasury.address, 2_000n],
      ]);
    });

    it("settles a payment that is in it twice only once", async () => {
      const item = await buildItem();
      const receipt = await sendBatch([item, item]);
      const events = eventsOf(receipt, world.settlement);
      expect(events.map((event) => event.eventName)).toEqual(["Settled", "SettleFailed"]);
      expect(events[1]).toMatchObject({ args: { index: 1n, nonce: termsNonce(item.terms) } });
      const failed = events[1];
      if (failed?.eventName !== "SettleFailed") throw new Error("no SettleFailed");
      expect(revertName(failed.args.reason)).toBe("ERC3009UsedAuthorization");
    });

    it("answers a simulation with one truth value per item", async () => {
      const bad = await buildItem({ amount: 10_000_000_000n });
      const items = [await buildItem(), bad, await buildItem()];
      const { data } = await world.chain.client.call({
        account: people.carrier.address,
        to: world.settlement,
        data: encode(items),
      });
      const settled = decodeFunctionResult({
        abi: zoneSettlementAbi,
        functionName: "settleBatch",
        data: data ?? "0x",
      });
      expect(settled).toEqual([true, false, true]);
    });

    it("moves nothing where every item fails, and nothing where there is none", async () => {
      const receipt = await sendBatch([await buildItem({ amount: 10_000_000_000n })]);
      expect(receipt.status).toBe("success");
      expect(payouts(receipt)).toEqual([]);
      expect((await sendBatch([])).logs).toEqual([]);
    });

    it("does not carry sums over to a second call within one transaction", async () => {
      const wallet = await deployHelper(world, "SmartWallet", [people.other.address]);
      const first = await buildItem();
      const second = await buildItem();
      const third = await buildItem();
      const receipt = await world.send(
        helperCall("SmartWallet", wallet, "execute", [
          [world.settlement, world.settlement, world.settlement],
          [encode([first, second]), encode([second]), settleCall(third.terms, third.authorization)],
        ]),
      );
      const toRecipient = payouts(receipt).filter(([to]) => to === people.recipient.address);
      const share = sharesOf(2_000_000n, 100).recipientAmount;
      expect(toRecipient.map(([, amount]) => amount)).toEqual([2n * share, share]);
    });
  });

  describe("a caller with too little gas", () => {
    it("gets all or nothing, at every gas limit: never a failed item, never a held share", async () => {
      const fresh = () => privateKeyToAccount(random32()).address;
      const items = [
        await buildItem({ recipient: fresh(), creator: fresh() }),
        await buildItem({ recipient: fresh(), creator: fresh() }),
      ];
      const clean = await world.chain.snapshot();
      let id = clean;
      const outcomes: string[] = [];
      for (let gas = 60_000n; gas <= 900_000n; gas += 14_000n) {
        const receipt = await sendBatch(items, gas);
        const names = eventsOf(receipt, world.settlement).map((event) => event.eventName);
        if (receipt.status === "reverted") outcomes.push("reverted");
        else outcomes.push(names.join());
        await world.chain.revert(id);
        id = await world.chain.snapshot();
      }
      expect(new Set(outcomes)).toEqual(new Set(["reverted", "Settled,Settled"]));
      expect(outcomes.at(0)).toBe("reverted");
      expect(outcomes.at(-1)).toBe("Settled,Settled");
      expect(outcomes).toEqual(
        [...outcomes].sort((a, b) => (a === b ? 0 : a === "reverted" ? -1 : 1)),
      );
    });

    it("is told so by name", async () => {
      const items = [await buildItem()];
      const call = { from: people.carrier, to: world.settlement, data: encode(items) };
      expect(await world.refusalOf({ ...call, gas: 250_000n })).toBe("InsufficientGas");
    });

    it("finds by eth_estimateGas a limit that suffices, and so does the documented rule", async () => {
      const items = [await buildItem(), await buildItem()];
      const data = encode(items);
      const estimate = await world.chain.client.estimateGas({
        account: people.carrier.address,
        to: world.settlement,
        data,
      });
      const rule = 60_000n * 2n + 60_000n * 3n + 400_000n;
      expect(estimate).toBeLessThanOrEqual(rule);
      const receipt = await sendBatch(items, estimate);
      expect(eventsOf(receipt, world.settlement).map((event) => event.eventName)).toEqual([
        "Settled",
        "Settled",
      ]);
    });
  });

  describe("gas", () => {
    it("stays under its bound in batches of 50 with the three-way split", async () => {
      for (const owner of [people.recipient, people.creator, people.treasury])
        await world.mint(owner.address, 1n);
      const zoneKey = random32();
      const items: Item[] = [];
      for (let index = 0; index < 50; index += 1) {
        const signer = privateKeyToAccount(random32());
        await world.mint(signer.address, 10_000_000n);
        const terms = await buildTerms(world, { zoneKey });
        items.push({ terms, authorization: await authorize(world, terms, { signer }) });
      }
      const receipt = await sendBatch(items);
      expect(
        eventsOf(receipt, world.settlement).filter((event) => event.eventName === "Settled"),
      ).toHaveLength(50);
      expect(receipt.gasUsed / 50n).toBeLessThanOrEqual(
        name === "settlePacked" ? 50_000n : 60_000n,
      );
    });
  });
});
