import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const ZONE = "zone_019a2f3c-5b60-7c1e-9d2a-4f6b8c0d1e2f";
const HEX = "a".repeat(64);
const ASKS = {
  "zone.epoch": { envelopes: [{ manifest: { creator: { node_id: `atlas_${HEX}` } } }] },
  "zone.replicate": {
    ...{ epoch: 1, envelope_hash: HEX, position: null, window: 65_536 },
    log: [{ seq: 0, hash: HEX }],
  },
  "zone.entries": { epoch: 1, commits: [], released: 0 },
  "zone.replica_ack": { epoch: 1, n: 1, digest: HEX },
  "zone.head": { n: 1, head: {} },
  "zone.direct": { message: {} },
};

let steward: TestSteward;
beforeAll(async () => {
  steward = await startSteward();
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
});

describe.each(Object.entries(ASKS))("%s, where the operator allows no zone", (type, fields) => {
  test("is zone_not_found, without a MessageAck", async () => {
    await using client = await WireClient.connect(steward.wireUrl);
    const id = client.sendBody({ type, zone_id: ZONE, ...fields });
    const answer = await client.next("message");
    expect(answer.fields.reply_to).toBe(id);
    expect(answer.fields.body).toMatchObject({ type: "zone.error", code: "zone_not_found" });
    expect(client.received).toEqual([]);
    // No row of it either: the same id is asked, and answered, again.
    client.sendBody({ type, zone_id: ZONE, ...fields }, { id });
    expect(await client.replyTo(id)).toMatchObject({ code: "zone_not_found" });
  });

  test("is 2001, BOUND_REQUIRED on a session of the plain form", async () => {
    await using client = await WireClient.connect(steward.wireUrl, { bound: false });
    const id = client.sendBody({ type, zone_id: ZONE, ...fields });
    const { fields: error } = await client.next("error");
    expect(error).toMatchObject({ code: 2001, ref_msg_id: id, reason: "BOUND_REQUIRED" });
  });

  test("is invalid_params without a zone", async () => {
    await using client = await WireClient.connect(steward.wireUrl);
    const id = client.sendBody({ type, ...fields });
    expect(await client.replyTo(id)).toMatchObject({ code: "invalid_params" });
  });
});

/** Beyond the limits of members' bodies, and with what no text of theirs may hold. */
function createLargeHead() {
  let deep: unknown = "\u202e";
  for (let depth = 0; depth < 40; depth++) deep = [deep];
  return { deep, many: Array.from({ length: 20_000 }, () => 1) };
}

describe("where the operator allows zones", () => {
  let open: TestSteward;
  beforeAll(async () => {
    open = await startSteward({ config: { replication: { allow: ["*"] } } });
  });
  afterAll(async () => {
    await open[Symbol.asyncDispose]();
  });

  test("the limits of members' bodies do not hold for stewards' bodies, and hold for others", async () => {
    await using client = await WireClient.connect(open.wireUrl);
    const head = createLargeHead();
    const id = client.sendBody({ type: "zone.head", zone_id: ZONE, n: 1, head });
    expect(await client.replyTo(id)).toMatchObject({ code: "zone_not_found" });
    const other = client.sendBody({ type: "zone.inspect", zone_id: ZONE, head });
    const { fields } = await client.next("error");
    expect(fields).toMatchObject({ code: 2003, ref_msg_id: other });
  });

  const many = Array.from({ length: 10_001 }, () => 1);
  const tooMany = Array.from({ length: 11 }, () => many.slice(1));
  let tooDeep: unknown = 1;
  for (let depth = 0; depth < 32; depth++) tooDeep = [tooDeep];
  test.each([
    ["an array of more than 10,000 items", many],
    ["more than 100,000 values", tooMany],
    ["more than 32 levels", tooDeep],
    ["NUL in a text", "a\0b"],
    ["a bidirectional control in a text", "a\u202eb"],
  ])("an agent cannot send another one %s under a stewards' type", async (_, head) => {
    const zone_id = await open.createZone();
    await using alice = await WireClient.connect(open.wireUrl);
    await using bob = await WireClient.connect(open.wireUrl);
    for (const member of [alice, bob]) await member.ask({ type: "zone.join", zone_id });
    const to = bob.nodeId;
    const id = alice.sendBody({ type: "zone.head", zone_id, head }, { id: createId("msg"), to });
    const { fields } = await alice.next("error");
    expect(fields).toMatchObject({ code: 2003, ref_msg_id: id });
    alice.sendBody({ type: "zone.head", zone_id }, { id: createId("msg"), to });
    expect(await bob.nextBody("zone.head")).toEqual({ type: "zone.head", zone_id });
  });
});

test("the limits of members' bodies hold for stewards' types, too, where the operator allows no zone", async () => {
  await using client = await WireClient.connect(steward.wireUrl);
  const id = client.sendBody({ type: "zone.head", zone_id: ZONE, n: 1, head: createLargeHead() });
  const { fields } = await client.next("error");
  expect(fields).toMatchObject({ code: 2003, ref_msg_id: id });
});

test("envelopes of a zone that is not allowed are refused before they are read", async () => {
  await using client = await WireClient.connect(steward.wireUrl);
  const creator = { node_id: `atlas_${HEX}` };
  for (const envelopes of [
    [7, { manifest: { creator } }],
    [{ manifest: { creator }, epoch: "" }],
  ]) {
    const id = client.sendBody({ type: "zone.epoch", zone_id: ZONE, envelopes });
    expect(await client.replyTo(id)).toMatchObject({ code: "zone_not_found" });
  }
  const many = Array(65).fill({ manifest: { creator } });
  const unnamed: unknown[] = [[{ manifest: { creator: {} } }], [{ manifest: 7 }], [], 7, undefined];
  for (const envelopes of [many, ...unnamed]) {
    const id = client.sendBody({ type: "zone.epoch", zone_id: ZONE, envelopes });
    expect(await client.replyTo(id)).toMatchObject({
      code: "invalid_params",
      message: expect.stringContaining("envelopes"),
    });
  }
});

test("between two agents a message of such a type is one like any other", async () => {
  const zoneId = await steward.createZone();
  await using alice = await WireClient.connect(steward.wireUrl);
  await using bob = await WireClient.connect(steward.wireUrl);
  for (const member of [alice, bob]) {
    expect(await member.ask({ type: "zone.join", zone_id: zoneId })).toMatchObject({
      type: "zone.joined",
    });
  }
  alice.sendBody({ type: "zone.head", zone_id: zoneId }, { id: createId("msg"), to: bob.nodeId });
  expect(await bob.nextBody("zone.head")).toMatchObject({ zone_id: zoneId });
});
