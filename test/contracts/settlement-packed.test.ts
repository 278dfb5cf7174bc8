import type { Hex } from "viem";
import { concatHex, size, slice } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KIND_TRANSFER } from "../support/contracts/authorization.ts";
import { GROUP_BYTES, ITEM_BYTES, pack, packedCall } from "../support/contracts/packed.ts";
import type { Item } from "../support/contracts/settlement.ts";
import { authorize, buildTerms } from "../support/contracts/settlement.ts";
import { random32, sharesOf } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, revertName, startWorld } from "../support/contracts/world.ts";

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

async function buildItem(change = {}, kind?: number): Promise<Item> {
  const terms = await buildTerms(world, change);
  return {
    terms,
    authorization: await authorize(world, terms, kind === undefined ? {} : { kind }),
  };
}

const call = (packed: Hex) => ({
  from: people.carrier,
  to: world.settlement,
  data: packedCall(packed),
});

/** The reasons of the items that failed, the names of the others' events. */
async function outcomes(packed: Hex): Promise<(string | undefined)[]> {
  const receipt = await world.send(call(packed));
  expect(receipt.status).toBe("success");
  return eventsOf(receipt, world.settlement).map((event) =>
    event.eventName === "SettleFailed" ? revertName(event.args.reason) : event.eventName,
  );
}

/** The same bytes with one of them changed. */
function flip(packed: Hex, offset: number): Hex {
  const byte = Number(slice(packed, offset, offset + 1));
  const other: Hex = `0x${(byte ^ 1).toString(16).padStart(2, "0")}`;
  const tail = offset + 1 < size(packed) ? slice(packed, offset + 1) : "0x";
  return concatHex([slice(packed, 0, offset), other, tail]);
}

describe("settlePacked", () => {
  it("settles both kinds, several zones, payees and fees, exactly by their terms", async () => {
    const zoneKey = random32();
    const items = [
      await buildItem({ zoneKey, amount: 1n }),
      await buildItem({ zoneKey, amount: 2n ** 32n - 1n - 2n ** 31n }, KIND_TRANSFER),
      await buildItem({ zoneKey, creatorFeeBps: 300 }),
      await buildItem({ recipient: people.other.address }),
    ];
    await world.mint(people.payer.address, 2n ** 33n);
    const before = await world.balanceOf(people.other.address);
    const receipt = await world.send(call(pack(items)));
    const events = eventsOf(receipt, world.settlement);
    expect(events.map(({ eventName }) => eventName)).toEqual(items.map(() => "Settled"));
    for (const [index, { terms, authorization }] of items.entries()) {
      const { protocolFee, creatorFee } = sharesOf(terms.amount, terms.creatorFeeBps);
      const { zoneKey: key, recipient, creator, amount } = terms;
      expect(events[index]).toMatchObject({
        args: { zoneKey: key, recipient, creator, amount, protocolFee, creatorFee },
      });
      expect(events[index]).toMatchObject({ args: { payer: authorization.from } });
    }
    const share = sharesOf(2_000_000n, 100).recipientAmount;
    expect(await world.balanceOf(people.other.address)).toBe(before + share);
  });

  it("takes no item of which any one byte was changed, and pays nobody for it", async () => {
    const packed = pack([await buildItem()]);
    const settled: number[] = [];
    for (let offset = 1; offset < 1 + GROUP_BYTES + ITEM_BYTES; offset += 1) {
      const changed = flip(packed, offset);
      const { data } = await world.chain.client
        .call({ account: people.carrier.address, to: world.settlement, data: packedCall(changed) })
        .catch(() => ({ data: undefined }));
      // [offset of the array, its length, its only value]
      if (data !== undefined && BigInt(slice(data, 64, 96)) === 1n) settled.push(offset);
    }
    expect(settled).toEqual([]);
    expect(await outcomes(packed)).toEqual(["Settled"]);
  });

  it("names each refusal and settles what stands beside it", async () => {
    const passed = await world.chain.now();
    const items = [
      await buildItem({ amount: 0n }),
      await buildItem({ creatorFeeBps: 301 }),
      await buildItem({ recipient: world.settlement }),
      await buildItem({ creator: `0x${"00".repeat(20)}` }),
      await buildItem({ deadline: passed }),
      await buildItem(),
    ];
    expect(await outcomes(pack(items))).toEqual([
      "InvalidAmount",
      "CreatorFeeTooHigh",
      "InvalidPayee",
      "InvalidPayee",
      "DeadlinePassed",
      "Settled",
    ]);
  });

  it("does nothing with bytes that are not whole groups and items", async () => {
    const good = pack([await buildItem()]);
    const malformed: Hex[] = [
      "0x",
      "0x01",
      slice(good, 0, GROUP_BYTES),
      slice(good, 0, size(good) - 1),
      concatHex([good, "0x00"]),
      // An item of a group that is not there, and flags that mean nothing.
      flip(good, 1 + GROUP_BYTES),
      concatHex([slice(good, 0, 2 + GROUP_BYTES), "0x04", slice(good, 3 + GROUP_BYTES)]),
    ];
    for (const bytes of malformed) {
      expect(await world.refusalOf(call(bytes))).toBe("MalformedBatch");
    }
    expect(await outcomes("0x00")).toEqual([]);
  });
});
