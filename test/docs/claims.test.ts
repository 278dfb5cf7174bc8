import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward, type TestSteward, WIDE_LIMITS } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";

/** What `docs/protocol.md` says about zones and sessions where no example shows it. */
let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward();
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
});

function say(client: WireClient, zone_id: string, content: unknown): Promise<Reply> {
  return client.ask({ type: "zone.message", zone_id, id: createId("zmsg"), content });
}

/** The positions that were delivered to a session, in their order. */
function deliveredTo(client: WireClient): number[] {
  return client.received
    .filter(({ type, fields }) => type === "message" && fields.reply_to === undefined)
    .map(({ fields }) => (fields.body as { seq: number }).seq);
}

test("§6: own messages, joined and left leave gaps that zone.sent and zone.joined fill", async () => {
  const zone_id = await steward.createZone();
  const key = createAgentKey();
  await using first = await WireClient.connect(steward.wireUrl, { key });
  await using second = await WireClient.connect(steward.wireUrl, { key });
  await using other = await WireClient.connect(steward.wireUrl);
  expect((await first.ask({ type: "zone.join", zone_id })).seq).toBe(2);
  expect((await other.ask({ type: "zone.join", zone_id })).seq).toBe(3);
  expect((await say(first, zone_id, "mine")).seq).toBe(4);
  expect((await say(other, zone_id, "yours")).seq).toBe(5);
  await other.ask({ type: "zone.leave", zone_id });
  await say(first, zone_id, "bye");
  await second.take(({ fields }) => (fields.body as Reply | undefined)?.seq === 7);
  expect(deliveredTo(first)).toEqual([3, 5, 6]);
  expect(deliveredTo(second)).toEqual([3, 4, 5, 6]);
  await other.ask({ type: "zone.discover" });
  expect(deliveredTo(other)).toEqual([4]);
});

test("§6: a new member reads what was before it; beyond the head there is nothing", async () => {
  const zone_id = await steward.createZone();
  await using old = await WireClient.connect(steward.wireUrl);
  await using young = await WireClient.connect(steward.wireUrl);
  await old.ask({ type: "zone.join", zone_id });
  await say(old, zone_id, "early");
  await young.ask({ type: "zone.join", zone_id });
  const read = (after_seq: number) => young.ask({ type: "zone.history", zone_id, after_seq });
  const all = await read(0);
  expect(all.entries.map(({ entry }: Reply) => entry.data.content ?? entry.data.event)).toEqual([
    "created",
    "joined",
    "early",
    "joined",
  ]);
  for (const after of [4, 5, 1_000_000]) {
    expect(await read(after)).toMatchObject({ type: "zone.page", entries: [], head_seq: 4 });
  }
});

test("§6: an epoch higher than the zone's is let through, a lower one is stale", async () => {
  const zone_id = await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  expect((await client.ask({ type: "zone.join", zone_id, epoch: 99 })).epoch).toBe(1);
  const stale = await client.ask({ type: "zone.join", zone_id, epoch: 0 });
  expect(stale.code).toBe("stale_manifest");
});

test("§5: a zone.error repeats a request_id that is none", async () => {
  await using client = await WireClient.connect(steward.wireUrl);
  const request_id = "not an id!";
  const answer = await client.ask({ type: "zone.discover", request_id });
  expect(answer).toMatchObject({ type: "zone.error", code: "invalid_params", request_id });
});

test("§6: who is banned may not even inspect; the same ban again changes nothing", async () => {
  const zone_id = await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  await steward.api("PUT", `/v1/zones/${zone_id}/bans/${client.nodeId}`);
  await steward.api("PUT", `/v1/zones/${zone_id}/bans/${client.nodeId}`);
  expect((await client.ask({ type: "zone.inspect", zone_id })).code).toBe("banned");
  const log = await steward.api("GET", `/v1/zones/${zone_id}/log`);
  expect(log.body.entries).toHaveLength(2);
});

describe("§6: zone.discover", () => {
  const mark = createAgentKey().nodeId.slice(-12);
  const zones = [
    { name: `Alpha ${mark}`, type: "topic", topic: "Cats", description: "100%" },
    { name: "Beta", type: "topic", topic: "cats", description: `about ${mark}` },
    { name: "Gamma", type: "market", topic: `x${mark}x`, description: "1000" },
  ];

  beforeAll(async () => {
    for (const zone of zones) await steward.createZone(zone);
  });

  test.each<[object, string[]]>([
    [{ keyword: mark }, ["Alpha", "Beta", "Gamma"]],
    [{ keyword: mark.toUpperCase() }, ["Alpha", "Beta", "Gamma"]],
    [{ keyword: mark, type: "topic" }, ["Alpha", "Beta"]],
    [{ keyword: mark, type: "topic", topic: "Cats" }, ["Alpha"]],
    [{ keyword: mark, topic: "Cat" }, []],
    [{ keyword: mark, type: "nonsense" }, []],
    [{ keyword: "100%" }, ["Alpha"]],
    [{ keyword: "", type: "market" }, ["Gamma"]],
  ])("%j finds %j", async (filter, names) => {
    await using client = await WireClient.connect(steward.wireUrl);
    const { zones: found } = await client.ask({ type: "zone.discover", filter });
    expect(found.map(({ name }: Reply) => name.split(" ")[0])).toEqual(names);
  });
});

test("§4: the third violation is answered like the others, what follows is BANNED and undecoded; the session stays", async () => {
  const now = Date.now();
  await using strict = await startSteward({
    nowMs: () => now,
    config: {
      limits: { ...WIDE_LIMITS, unknown: { ...WIDE_LIMITS.unknown, messages_per_second: 3 } },
    },
  });
  const zone_id = await strict.createZone();
  await using noisy = await WireClient.connect(strict.wireUrl);
  await using quiet = await WireClient.connect(strict.wireUrl);
  for (const client of [noisy, quiet]) await client.ask({ type: "zone.join", zone_id });
  for (let i = 0; i < 2; i++) await noisy.ask({ type: "zone.inspect", zone_id });
  for (let i = 0; i < 5; i++) {
    const id = noisy.sendBody({ type: "zone.inspect", zone_id });
    const { code, reason, ref_msg_id } = (await noisy.next("error")).fields;
    const expected = i < 3 ? { ref_msg_id: id } : { reason: "BANNED" };
    expect({ code, reason, ref_msg_id }).toEqual({ code: 4001, ...expected });
  }
  await say(quiet, zone_id, "still there?");
  expect((await noisy.nextBody("zone.message")).content).toBe("still there?");
  expect(noisy.received.filter(({ type }) => type === "disconnect")).toEqual([]);
});
