import { expect, test } from "vitest";
import { ZONES_REMEMBERED_MAX, ZoneBook } from "../../src/client/zones/book.ts";
import { assertSteward, verifyZoneEnvelope } from "../../src/client/zones/envelope.ts";
import { createTestKey } from "./keys.ts";
import {
  CREATOR_WALLET,
  createZoneEnvelope,
  toContentHash,
  toJson,
  ZONE_ID,
  type ZoneChanges,
} from "./zone-fixture.ts";

const creator = createTestKey(1);
const steward = createTestKey(2);
const stranger = createTestKey(3);
const otherZone = "zone_01890a5d-ac96-774b-bcce-b302099a8058";

const make = (changes: ZoneChanges = {}) => createZoneEnvelope(creator, steward, changes);
const invalid = (reason: string) => expect.objectContaining({ code: "envelope_invalid", reason });

test("an envelope signed by its creator verifies, defaults applied beside it", async () => {
  const envelope = make();
  const zone = await verifyZoneEnvelope(toJson(envelope), ZONE_ID);
  expect(zone.manifest.rules.open).toBe(true);
  expect(zone.envelope.manifest.rules).toBeUndefined();
  expect(zone.contentHash).toBe(toContentHash(envelope));
});

test.each([
  ["another zone's", toJson(make({ manifest: { id: otherZone } })), "OTHER_ZONE"],
  ["one whose price was changed", withPrice(make(), "1"), "SIGNATURE_INVALID"],
  ["one with another epoch", toJson({ ...make(), epoch: 2 }), "SIGNATURE_INVALID"],
  [
    "one with an added replication",
    toJson({ ...make(), replication: { min_acks: 0, lease_ms: 1000 } }),
    "SIGNATURE_INVALID",
  ],
  ["one signed by a stranger with his key", toJson(createZoneEnvelopeBy()), "CREATOR_MISMATCH"],
  [
    "one with the creator's key and a stranger's signature",
    toJson({ ...createZoneEnvelopeBy(), public_key: creator.publicKeyHex }),
    "SIGNATURE_INVALID",
  ],
  ["one without signature", toJson({ ...make(), signature: undefined }), "MALFORMED"],
  [
    "one with two primaries",
    toJson(
      make({
        manifest: {
          steward_set: [1, 2].map((n) => ({ node_id: createTestKey(n).nodeId, role: "primary" })),
        },
      }),
    ),
    "MALFORMED",
  ],
])("%s envelope is refused", async (_name, json, reason) => {
  await expect(verifyZoneEnvelope(json, ZONE_ID)).rejects.toEqual(invalid(reason));
});

function withPrice(envelope: ReturnType<typeof make>, amount: string) {
  return JSON.parse(JSON.stringify(envelope).replace('"2000000"', `"${amount}"`));
}

function createZoneEnvelopeBy() {
  const forged = createZoneEnvelope(stranger, steward, {
    manifest: { creator: { node_id: creator.nodeId, wallet: CREATOR_WALLET } },
  });
  return forged;
}

test.each<[string, ZoneChanges, string | undefined]>([
  [
    "the same, moved",
    { state: "stopped", manifest: { entrypoints: ["wss://b.example"] } },
    undefined,
  ],
  ["active again", {}, "STOPPED"],
  ["with another name", { state: "stopped", manifest: { name: "Harbour 2" } }, "STOPPED"],
])("after a stop the book takes an envelope that is %s: %#", async (_is, changes, reason) => {
  const ended = make({ state: "stopped" });
  const next = (epoch: number) => toJson(make({ epoch, prev: toContentHash(ended), ...changes }));
  for (const epoch of [2, 5]) {
    const book = new ZoneBook(() => false);
    await book.accept(ZONE_ID, toJson(ended));
    const taken = book.accept(ZONE_ID, next(epoch));
    if (reason === undefined) expect((await taken).envelope.epoch).toBe(epoch);
    else await expect(taken).rejects.toEqual(invalid(reason));
  }
});

test("the book follows successors and refuses what goes back, forks, or changes hands", async () => {
  const book = new ZoneBook(() => false);
  const first = make();
  const second = make({ epoch: 2, prev: toContentHash(first), manifest: { name: "Harbour 2" } });
  await book.accept(ZONE_ID, toJson(first));
  await book.accept(ZONE_ID, toJson(first));
  await book.accept(ZONE_ID, toJson(second));
  const accept = (changes: ZoneChanges) => book.accept(ZONE_ID, toJson(make(changes)));
  await expect(book.accept(ZONE_ID, toJson(first))).rejects.toEqual(invalid("ROLLBACK"));
  await expect(accept({ epoch: 2, prev: toContentHash(first) })).rejects.toEqual(invalid("FORK"));
  await expect(accept({ epoch: 3, prev: toContentHash(first) })).rejects.toEqual(invalid("FORK"));
  const taken = createZoneEnvelope(stranger, steward, { epoch: 3, prev: toContentHash(second) });
  await expect(book.accept(ZONE_ID, toJson(taken))).rejects.toEqual(invalid("CREATOR_MISMATCH"));
  expect(book.find(ZONE_ID)?.envelope.epoch).toBe(2);
  await accept({ epoch: 5, prev: "00".repeat(32) });
  expect(book.findFresh(ZONE_ID)?.envelope.epoch).toBe(5);
  book.markStale(ZONE_ID);
  expect(book.findFresh(ZONE_ID)).toBeUndefined();
  expect(book.find(ZONE_ID)?.envelope.epoch).toBe(5);
});

test("only a node in the signed steward_set may act for the zone", async () => {
  const zone = await verifyZoneEnvelope(toJson(make()), ZONE_ID);
  expect(() => assertSteward(zone, steward.nodeId)).not.toThrow();
  expect(() => assertSteward(zone, stranger.nodeId)).toThrow(
    expect.objectContaining({ code: "not_steward" }),
  );
  const empty = make({ manifest: { steward_set: [] } });
  const nobody = await verifyZoneEnvelope(toJson(empty), ZONE_ID);
  expect(() => assertSteward(nobody, steward.nodeId)).toThrow(
    expect.objectContaining({ code: "not_steward" }),
  );
});

test("the book is bounded, and zones in use are not the ones forgotten", async () => {
  expect(ZONES_REMEMBERED_MAX).toBe(10_000);
  const book = new ZoneBook((zoneId) => zoneId === ZONE_ID, 2);
  const toId = (n: number) => `zone_01890a5d-ac96-774b-bcce-b3020000000${n}`;
  await book.accept(ZONE_ID, toJson(make()));
  for (const n of [1, 2, 3]) {
    await book.accept(toId(n), toJson(make({ manifest: { id: toId(n) } })));
  }
  expect([ZONE_ID, toId(1), toId(2), toId(3)].map((id) => book.find(id) !== undefined)).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
