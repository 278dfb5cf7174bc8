import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { SignatureVerifier } from "../../src/identity/verify.ts";
import { findBytesOfHex } from "../../src/protocol/hex.ts";
import { createId } from "../../src/protocol/ids.ts";
import { toCanonicalJson } from "../../src/protocol/json.ts";
import { toSignedJson } from "../../src/protocol/signed-content.ts";
import { startSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

function isSigned(head: Reply): boolean {
  const { zone_id, seq, hash, signed_at } = head;
  const bytes = (hex: string) => findBytesOfHex(hex) ?? new Uint8Array();
  return new SignatureVerifier().verify(
    bytes(head.public_key),
    toSignedJson("atlas-head-v1", { zone_id, seq, hash, signed_at }),
    bytes(head.signature),
  );
}

test("a pruned log begins at a signed checkpoint from which its chain verifies to the signed head", async () => {
  await using steward = await startSteward({
    config: {
      zones: { retention: { "*": { entries_max: 10 } } },
      store: { prune_interval_ms: 10 },
    },
  });
  const zone_id = await steward.createZone();
  await using alice = await WireClient.connect(steward.wireUrl);
  await alice.ask({ type: "zone.join", zone_id });
  for (let i = 0; i < 30; i++) {
    await alice.ask({ type: "zone.message", zone_id, id: createId("zmsg"), content: i });
  }
  const ask = { type: "zone.history", zone_id, after_seq: 0, limit: 500 };
  await expect.poll(async () => (await alice.ask(ask)).entries.length).toBe(10);
  const page = await alice.ask(ask);
  expect(page.checkpoint.seq).toBe(22);
  expect(isSigned(page.checkpoint)).toBe(true);
  let hash = Buffer.from(page.checkpoint.hash, "hex");
  for (const { entry, hash: told } of page.entries) {
    hash = createHash("sha256").update(hash).update(toCanonicalJson(entry)).digest();
    expect(hash.toString("hex")).toBe(told);
  }
  expect(page.head).toMatchObject({ seq: 32, hash: hash.toString("hex") });
  expect(isSigned(page.head)).toBe(true);
  expect(isSigned({ ...page.head, seq: 31 })).toBe(false);
  const tail = await alice.ask({ type: "zone.history", zone_id, after_seq: 22 });
  expect(tail.checkpoint).toBeUndefined();
});

test("by age the older entries go and the head stays", async () => {
  let offsetMs = 0;
  await using steward = await startSteward({
    config: {
      zones: { retention: { "*": { age_secs_max: 60 } } },
      store: { prune_interval_ms: 10 },
    },
    nowMs: () => Date.now() + offsetMs,
  });
  const zone_id = await steward.createZone();
  await using alice = await WireClient.connect(steward.wireUrl);
  await alice.ask({ type: "zone.join", zone_id });
  offsetMs = 120_000;
  const ask = { type: "zone.history", zone_id, after_seq: 0 };
  const listSeqs = async () => (await alice.ask(ask)).entries.map((e: Reply) => e.entry.seq);
  await expect.poll(listSeqs).toEqual([2]);
  expect((await alice.ask(ask)).checkpoint.seq).toBe(1);
});
