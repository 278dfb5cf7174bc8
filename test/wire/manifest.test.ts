import { describe, expect, test } from "vitest";
import {
  findAction,
  findPrimary,
  type Manifest,
  manifestSchema,
  toEnvelopeContent,
  toEnvelopeJson,
  zoneEnvelopeSchema,
} from "../../src/protocol/manifest.ts";
import { AGENT, CREATOR, MANIFEST, STEWARD, TIMESTAMP } from "./sources/cast.ts";

type Changes = Readonly<Record<string, unknown>>;
const fits = (changes: Changes) => manifestSchema.safeParse({ ...MANIFEST, ...changes }).success;
const action = (changes: Changes) => ({ actions: [{ ...MANIFEST.actions[1], ...changes }] });
const price = (changes: Changes) =>
  action({ price: { amount: "1", asset: "USDC", network: "anvil", ...changes } });
const rules = (changes: Changes) => ({ rules: changes });
const ref = (role: string, node_id = STEWARD.nodeId) => ({ node_id, role });
const voter = (value: unknown) => ({ ...ref("replica", AGENT.nodeId), voter: value });

describe("limits of a manifest", () => {
  test.each<[string, Changes, boolean]>([
    ["name of 64 bytes", { name: "a".repeat(64) }, true],
    ["name of 65 bytes", { name: "a".repeat(65) }, false],
    ["name of 64 bytes in 32 characters", { name: "é".repeat(32) }, true],
    ["name of 66 bytes in 33 characters", { name: "é".repeat(33) }, false],
    ["name of 64 bytes in 16 emoji", { name: "😀".repeat(16) }, true],
    ["name of 68 bytes in 17 emoji", { name: "😀".repeat(17) }, false],
    ["empty name", { name: "" }, false],
    ["description of 256 bytes", { description: `${"日".repeat(85)}a` }, true],
    ["description of 257 bytes", { description: `${"日".repeat(85)}aa` }, false],
    ["empty description", { description: "" }, false],
    ["version 2", { version: "2" }, false],
    ["version as a number", { version: 1 }, false],
    ["id that is no UUIDv7", { id: "zone_019a2f3c-5b60-4c1e-9d2a-4f6b8c0d1e2f" }, false],
    ["id in upper case", { id: MANIFEST.id.toUpperCase() }, false],
    ["unknown type", { type: "club" }, false],
    ["creator without node_id", { creator: {} }, false],
    [
      "creator's wallet of 19 bytes",
      { creator: { node_id: CREATOR.nodeId, wallet: "0x12" } },
      false,
    ],
    ["fee of 300 bps", { creator_fee_bps: 300 }, true],
    ["fee of 301 bps", { creator_fee_bps: 301 }, false],
    ["negative fee", { creator_fee_bps: -1 }, false],
    ["fee with a fraction", { creator_fee_bps: 1.5 }, false],
    ["fee without a wallet", { creator: { node_id: CREATOR.nodeId } }, false],
    ["no fee and no wallet", { creator: { node_id: CREATOR.nodeId }, creator_fee_bps: 0 }, true],
    [
      "nil for every optional field",
      {
        topic: null,
        rules: null,
        actions: null,
        creator_fee_bps: null,
        steward_set: null,
        entrypoints: null,
        chain_id: null,
      },
      true,
    ],
    ["created_at missing", { created_at: undefined }, false],
    ["unknown fields", { extra: { a: 1 } }, true],
    ["32 skills", rules({ skills_required: new Array(32).fill("s") }), true],
    ["33 skills", rules({ skills_required: new Array(33).fill("s") }), false],
    ["skill of 64 bytes", rules({ skills_required: ["ü".repeat(32)] }), true],
    ["skill of 65 bytes", rules({ skills_required: [`${"ü".repeat(32)}a`] }), false],
    ["empty skill", rules({ skills_required: [""] }), false],
    ["max_members null", rules({ max_members: null }), true],
    ["max_members 0", rules({ max_members: 0 }), false],
    ["no primary", { steward_set: [ref("replica")] }, false],
    ["two primaries", { steward_set: [ref("primary"), ref("primary", AGENT.nodeId)] }, false],
    [
      "one primary, one replica",
      { steward_set: [ref("primary"), ref("replica", AGENT.nodeId)] },
      true,
    ],
    ["a voter", { steward_set: [ref("primary"), voter(true)] }, true],
    ["a learner", { steward_set: [ref("primary"), voter(false)] }, true],
    ["voter null", { steward_set: [ref("primary"), voter(null)] }, true],
    ["voter as text", { steward_set: [ref("primary"), voter("true")] }, false],
    ["voter as a number", { steward_set: [ref("primary"), voter(1)] }, false],
    ["voter on the primary", { steward_set: [{ ...ref("primary"), voter: true }] }, false],
    ["voter false on the primary", { steward_set: [{ ...ref("primary"), voter: false }] }, false],
    ["accept_loss", { steward_set: [{ ...ref("primary"), accept_loss: true }] }, true],
    ["accept_loss false", { steward_set: [{ ...ref("primary"), accept_loss: false }] }, false],
    [
      "accept_loss on a replica",
      { steward_set: [ref("primary"), { ...ref("replica", AGENT.nodeId), accept_loss: true }] },
      false,
    ],
    ["a node twice", { steward_set: [ref("primary"), ref("replica")] }, true],
    [
      "a node twice beside a voter",
      { steward_set: [ref("primary"), ref("replica"), voter(false)] },
      false,
    ],
    ["unknown role", { steward_set: [ref("leader")] }, false],
    ["steward with a malformed node_id", { steward_set: [ref("primary", "atlas_1")] }, false],
  ])("%s", (_name, changes, expected) => {
    expect(fits(changes)).toBe(expected);
  });

  test.each<[string, Changes, boolean]>([
    ["name of 64", action({ name: "a.B_9".padEnd(64, "x") }), true],
    ["name of 65", action({ name: "a".repeat(65) }), false],
    ["name with a dash", action({ name: "a-b" }), false],
    ["the same name twice", { actions: [MANIFEST.actions[0], MANIFEST.actions[0]] }, false],
    ["params no object", action({ params: ["text"] }), false],
    ["price without mode", price({}), true],
    ["price, unknown mode", price({ settlement_mode: "later" }), false],
    ["price 0", price({ amount: "0" }), false],
    ["price with a leading zero", price({ amount: "01" }), false],
    ["price with a fraction", price({ amount: "1.5" }), false],
    ["price as a number", price({ amount: 1 }), false],
    ["price 2^128", price({ amount: String(2n ** 128n) }), true],
    ["price 2^128 + 1", price({ amount: String(2n ** 128n + 1n) }), false],
    [
      "escrow",
      price({ settlement_mode: "escrow", escrow_secs: 60, arbiter: `0x${"1".repeat(40)}` }),
      true,
    ],
    ["escrow of 0 seconds", price({ settlement_mode: "escrow", escrow_secs: 0 }), false],
  ])("action: %s", (_name, changes, expected) => {
    expect(fits(changes)).toBe(expected);
  });
});

test("what is left out has its default", () => {
  const { version, id, name, description, creator, type, created_at } = MANIFEST;
  const bare = { version, id, name, description, creator, type, created_at };
  const manifest: Manifest = manifestSchema.parse(bare);
  expect(manifest).toEqual({
    ...bare,
    topic: undefined,
    creator: { ...creator, operator_fid: undefined, operator_username: undefined },
    rules: { open: true, skills_required: [], max_members: undefined },
    actions: [],
    creator_fee_bps: 0,
    steward_set: [],
    entrypoints: [],
    chain_id: 8453,
  });
  expect(findPrimary(manifest)).toBeUndefined();
});

test("the primary and the actions are found by name only", () => {
  const manifest = manifestSchema.parse({
    ...MANIFEST,
    steward_set: [ref("replica", AGENT.nodeId), ref("primary")],
  });
  expect(findPrimary(manifest)).toBe(STEWARD.nodeId);
  expect(findAction(manifest, "translate")?.price?.settlement_mode).toBe("direct");
  expect(findAction(manifest, "toString")).toBeUndefined();
});

describe("zone envelope", () => {
  const ENVELOPE = {
    manifest: MANIFEST,
    epoch: 1,
    state: "active",
    signed_at: TIMESTAMP,
    prev: null,
    public_key: "a".repeat(64),
    signature: "b".repeat(128),
  };

  test.each<[string, Changes]>([
    ["epoch 0", { epoch: 0 }],
    ["unknown state", { state: "suspended" }],
    ["prev left out", { prev: undefined }],
    ["prev in upper case", { prev: "A".repeat(64) }],
    ["signature of 63 bytes", { signature: "b".repeat(126) }],
    ["public_key as bytes", { public_key: [1] }],
    ["manifest a list", { manifest: [] }],
    ["replication without lease_ms", { replication: { min_acks: 1 } }],
  ])("%s is refused", (_name, changes) => {
    expect(zoneEnvelopeSchema.safeParse({ ...ENVELOPE, ...changes }).success).toBe(false);
  });

  test("the manifest inside stays as it was sent, defaults and unknown fields included", () => {
    const manifest = { ...MANIFEST, rules: null, later: { a: [1] } };
    const envelope = zoneEnvelopeSchema.parse({ ...ENVELOPE, manifest });
    expect(envelope.manifest).toEqual(manifest);
    expect(toEnvelopeJson(envelope)).toEqual({ ...ENVELOPE, manifest });
    expect(new TextDecoder().decode(toEnvelopeContent(envelope))).toContain('"rules":null');
  });

  test("replication is signed where it is there, and left out where it is not", () => {
    const replication = { min_acks: 1, lease_ms: 5000 };
    const text = (changes: Changes) =>
      new TextDecoder().decode(
        toEnvelopeContent(zoneEnvelopeSchema.parse({ ...ENVELOPE, ...changes })),
      );
    expect(text({ replication })).toContain('"replication":{"lease_ms":5000,"min_acks":1}');
    expect(text({ replication: null })).not.toContain("replication");
    expect(text({})).toContain('"prev":null');
  });
});
