import { expect, test } from "vitest";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";

function join(client: WireClient, zone_id: string): Promise<Reply> {
  return client.ask({ type: "zone.join", zone_id });
}

async function countersOf(steward: TestSteward): Promise<unknown> {
  return (await steward.api("GET", "/readyz?verbose")).body.counters;
}

const FULL = { type: "zone.error", code: "full", reason: "OVERLOADED" };

test("all zones together have no more members than may be; who leaves makes room", async () => {
  await using steward = await startSteward({ config: { zones: { members_max: 2 } } });
  const zones = [await steward.createZone(), await steward.createZone()] as const;
  await using first = await WireClient.connect(steward.wireUrl);
  await using second = await WireClient.connect(steward.wireUrl);
  await join(first, zones[0]);
  await join(second, zones[1]);
  expect(await join(first, zones[1])).toMatchObject(FULL);
  // Joining again where one is changes nothing.
  expect((await join(second, zones[1])).type).toBe("zone.joined");
  await second.ask({ type: "zone.leave", zone_id: zones[1] });
  expect((await join(first, zones[1])).type).toBe("zone.joined");
  expect(await countersOf(steward)).toEqual({ "zones.members_max": 1 });
});

test("a node is a member of no more zones than one may be", async () => {
  await using steward = await startSteward({ config: { zones: { memberships_per_node: 1 } } });
  const zones = [await steward.createZone(), await steward.createZone()] as const;
  await using client = await WireClient.connect(steward.wireUrl);
  await using other = await WireClient.connect(steward.wireUrl);
  await join(client, zones[0]);
  expect(await join(client, zones[1])).toMatchObject(FULL);
  expect((await join(other, zones[1])).type).toBe("zone.joined");
  expect(await countersOf(steward)).toEqual({ "zones.memberships_per_node": 1 });
});

test("a zone has no more invitations than it may; those that admit nobody make room", async () => {
  await using steward = await startSteward({ config: { zones: { invites_per_zone: 2 } } });
  const zoneId = await steward.createZone({ rules: { open: false } });
  const invite = () => steward.api("POST", `/v1/zones/${zoneId}/invites`, {});
  const { body } = await invite();
  const used = (await invite()).body;
  expect((await invite()).status).toBe(429);
  await using client = await WireClient.connect(steward.wireUrl);
  const joined = await client.ask({ type: "zone.join", zone_id: zoneId, invite: used.invite });
  expect(joined.type).toBe("zone.joined");
  expect((await invite()).status).toBe(201);
  expect((await invite()).status).toBe(429);
  await steward.api("DELETE", `/v1/zones/${zoneId}/invites/${body.invite_id}`);
  expect((await invite()).status).toBe(201);
  expect(await countersOf(steward)).toEqual({ "zones.invites_per_zone": 2 });
});

test("a zone has no more bans than it may; one that is there can be changed and lifted", async () => {
  await using steward = await startSteward({ config: { zones: { bans_per_zone: 1 } } });
  const zoneId = await steward.createZone();
  const first = createAgentKey().nodeId;
  const ban = (nodeId: string, fields: object = {}) =>
    steward.api("PUT", `/v1/zones/${zoneId}/bans/${nodeId}`, fields);
  expect((await ban(first)).status).toBe(200);
  expect((await ban(createAgentKey().nodeId)).status).toBe(429);
  expect((await ban(first, { reason: "again" })).status).toBe(200);
  await steward.api("DELETE", `/v1/zones/${zoneId}/bans/${first}`);
  expect((await ban(createAgentKey().nodeId)).status).toBe(200);
  expect(await countersOf(steward)).toEqual({ "zones.bans_per_zone": 1 });
});

test("of more node ids that verified bound than are kept, those not seen for longest are forgotten", async () => {
  let nowMs = Date.now();
  await using steward = await startSteward({
    config: { wire: { bound_nodes_max: 1 }, store: { prune_interval_ms: 10 } },
    nowMs: () => nowMs,
  });
  const [old, young] = [createAgentKey(), createAgentKey()];
  const plain = async (key: typeof old) => {
    await using client = await WireClient.open(steward.wireUrl, key);
    return (await client.handshake({ bound: false })).status;
  };
  for (const key of [old, young]) {
    await using _client = await WireClient.connect(steward.wireUrl, { key });
    nowMs += 5000;
  }
  await expect.poll(() => plain(old)).toBe("ok");
  expect(await plain(young)).toBe("rejected");
  expect(await countersOf(steward)).toEqual({ "wire.bound_nodes_max": 1 });
});
