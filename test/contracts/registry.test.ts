import type { Hex } from "viem";
import { encodeFunctionData, keccak256, toHex } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import { authorize, buildTerms, settleCall } from "../support/contracts/settlement.ts";
import { random32, sharesOf } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../support/contracts/world.ts";

const ZONE_ID = "zone_0199a1b2-0000-7000-8000-000000000001";
const ZONE_KEY = keccak256(toHex(ZONE_ID));

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

const register = ({
  from = people.carrier,
  zoneId = ZONE_ID,
  fee = 100,
  epoch = 1n,
  hash = random32(),
} = {}) => ({
  from,
  to: world.settlement,
  data: encodeFunctionData({
    abi: zoneSettlementAbi,
    functionName: "registerZone",
    args: [zoneId, people.creator.address, fee, epoch, hash],
  }),
});

const update = ({ from = people.carrier, fee = 200, epoch = 2n, hash = random32() } = {}) => ({
  from,
  to: world.settlement,
  data: encodeFunctionData({
    abi: zoneSettlementAbi,
    functionName: "updateZone",
    args: [ZONE_KEY, people.other.address, fee, epoch, hash],
  }),
});

const handOver = (from: typeof people.carrier, to: Hex) => ({
  from,
  to: world.settlement,
  data: encodeFunctionData({
    abi: zoneSettlementAbi,
    functionName: "handOverZone",
    args: [ZONE_KEY, to],
  }),
});

const entry = () =>
  world.chain.client.readContract({
    address: world.settlement,
    abi: zoneSettlementAbi,
    functionName: "zones",
    args: [ZONE_KEY],
  });

describe("the zone registry", () => {
  it("keeps what the first registrant says and announces it with the id in clear", async () => {
    const hash = random32();
    const receipt = await world.send(register({ hash }));
    expect(eventsOf(receipt, world.settlement)).toMatchObject([
      {
        eventName: "ZoneRegistered",
        args: {
          zoneKey: ZONE_KEY,
          registrant: people.carrier.address,
          creator: people.creator.address,
          zoneId: ZONE_ID,
          creatorFeeBps: 100,
          epoch: 1n,
          envelopeHash: hash,
        },
      },
    ]);
    expect(await entry()).toEqual([people.carrier.address, 1n, people.creator.address, 100, hash]);
  });

  it("does not let an id be registered twice", async () => {
    await world.send(register());
    expect(await world.refusalOf(register({ from: people.stranger }))).toBe("ZoneTaken");
    expect(await world.refusalOf(register())).toBe("ZoneTaken");
  });

  it("refuses an empty id, an id of 65 bytes and a fee of 301 bps", async () => {
    expect(await world.refusalOf(register({ zoneId: "" }))).toBe("ZoneIdInvalid");
    expect(await world.refusalOf(register({ zoneId: "z".repeat(65) }))).toBe("ZoneIdInvalid");
    expect(await world.refusalOf(register({ fee: 301 }))).toBe("ZoneFeeTooHigh");
    expect((await world.send(register({ zoneId: "z".repeat(64), fee: 300 }))).status).toBe(
      "success",
    );
  });

  it("is updated by its registrant only, and only forward", async () => {
    expect(await world.refusalOf(update())).toBe("NotRegistrant");
    await world.send(register());
    for (const from of [
      people.stranger,
      people.creator,
      people.deployer,
      people.recoverer,
      people.treasury,
    ]) {
      expect(await world.refusalOf(update({ from }))).toBe("NotRegistrant");
    }
    expect(await world.refusalOf(update({ epoch: 1n }))).toBe("ZoneEpochNotNewer");
    expect(await world.refusalOf(update({ fee: 301 }))).toBe("ZoneFeeTooHigh");
    const hash = random32();
    const receipt = await world.send(update({ hash }));
    expect(eventsOf(receipt, world.settlement)).toMatchObject([
      {
        eventName: "ZoneUpdated",
        args: {
          zoneKey: ZONE_KEY,
          creator: people.other.address,
          creatorFeeBps: 200,
          epoch: 2n,
          envelopeHash: hash,
        },
      },
    ]);
    expect(await entry()).toEqual([people.carrier.address, 2n, people.other.address, 200, hash]);
  });

  it("is handed over by its registrant only", async () => {
    await world.send(register());
    expect(await world.refusalOf(handOver(people.stranger, people.stranger.address))).toBe(
      "NotRegistrant",
    );
    expect(await world.refusalOf(handOver(people.carrier, `0x${"00".repeat(20)}`))).toBe(
      "ZoneRegistrantInvalid",
    );
    const receipt = await world.send(handOver(people.carrier, people.other.address));
    expect(eventsOf(receipt, world.settlement)).toMatchObject([
      {
        eventName: "ZoneHandedOver",
        args: { from: people.carrier.address, to: people.other.address },
      },
    ]);
    expect(await world.refusalOf(update())).toBe("NotRegistrant");
    expect((await world.send(update({ from: people.other }))).status).toBe("success");
  });

  it("changes nothing about a payment: a squatter's fee and creator are not read", async () => {
    await world.send(register({ from: people.stranger, fee: 300 }));
    const terms = await buildTerms(world, {
      zoneKey: ZONE_KEY,
      creatorFeeBps: 100,
      creator: people.other.address,
    });
    const data = settleCall(terms, await authorize(world, terms));
    await world.send({ from: people.carrier, to: world.settlement, data });
    expect(await world.balanceOf(people.other.address)).toBe(
      sharesOf(terms.amount, 100).creatorFee,
    );
    expect(await world.balanceOf(people.creator.address)).toBe(0n);
  });
});
