import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { EventReader } from "../support/event-reader.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

test("a reader is told of what happens as it happens, and of the present at its beginning", async () => {
  await using steward = await startSteward();
  const zone = await steward.createZone();
  await using ann = await WireClient.connect(steward.wireUrl, { name: "ann" });
  await ann.ask({ type: "zone.join", zone_id: zone });
  await using reader = await EventReader.open(steward);
  expect(reader.headers.get("content-type")).toBe("text/event-stream");
  await reader.find("zone.head", { zone_id: zone, seq: 2 });
  expect(reader.types).toEqual(["present", "session.opened", "zone.head"]);
  expect(reader.ids).toEqual([]);
  const bob = await WireClient.connect(steward.wireUrl, { name: "bob" });
  await reader.find("session.opened", { node_id: bob.nodeId, name: "bob" });
  await bob.ask({ type: "zone.join", zone_id: zone });
  const joined = await reader.find("member.joined");
  expect(joined.data).toEqual({
    id: joined.id,
    type: "member.joined",
    created_at: expect.any(Number),
    zone_id: zone,
    subject: bob.nodeId,
    data: { node_id: bob.nodeId, seq: 3, name: "bob", role: "member" },
  });
  await bob[Symbol.asyncDispose]();
  await reader.find("session.closed", { node_id: bob.nodeId });
});

test("of a busy zone the latest head is told, once a second and no more", async () => {
  await using steward = await startSteward();
  const zone = await steward.createZone();
  const other = await steward.createZone();
  await using ann = await WireClient.connect(steward.wireUrl, { name: "ann" });
  for (const zone_id of [zone, other]) await ann.ask({ type: "zone.join", zone_id });
  await using reader = await EventReader.open(steward, `?types=zone.head&zone_id=${zone}`);
  await reader.find("zone.head", { seq: 2 });
  const say = (zone_id: string) =>
    ann.ask({ type: "zone.message", zone_id, id: createId("zmsg"), content: "x" });
  const beganMs = performance.now();
  for (let count = 0; count < 60; count++) await Promise.all([say(zone), say(other)]);
  await reader.find("zone.head", { seq: 62 });
  const seconds = (performance.now() - beganMs) / 1000;
  const heads = reader.messages.slice(1);
  expect(heads.length).toBeLessThanOrEqual(seconds + 2);
  const [last] = (await steward.api("GET", `/v1/zones/${zone}/log?after=61`)).body.entries;
  expect(last.entry.seq).toBe(62);
  expect(heads.every(({ data, id }) => id === undefined && data.data.zone_id === zone)).toBe(true);
});

test("types and a zone narrow the feed, and what is asked wrongly is refused", async () => {
  await using steward = await startSteward();
  const [zone, other] = [await steward.createZone(), await steward.createZone()];
  await using reader = await EventReader.open(steward, `?types=zone.*&after=0&zone_id=${zone}`);
  await steward.api("POST", `/v1/zones/${other}/stop`);
  await steward.api("POST", `/v1/zones/${zone}/stop`);
  await reader.find("zone.stopped");
  expect(reader.types.filter((type) => type !== "zone.head")).toEqual([
    "zone.created",
    "present",
    "zone.stopped",
  ]);
  for (const query of [
    "types=zone.eaten",
    "types=",
    "after=-1",
    "after=x",
    "zone_id=z",
    "last=1",
  ]) {
    const { status, body } = await steward.api("GET", `/v1/events?${query}`);
    expect([status, body.error.code], query).toEqual([400, "invalid_request"]);
  }
  const wrong = { "last-event-id": "a" };
  expect((await steward.api("GET", "/v1/events", undefined, wrong)).status).toBe(400);
});

test("a reader goes on after the last event it knows, and is told what is gone for good", async () => {
  let nowMs = Date.now();
  const config = { store: { prune_interval_ms: 10 }, events: { kept_secs: 3600 } };
  await using steward = await startSteward({ nowMs: () => nowMs, config });
  const zones = [await steward.createZone(), await steward.createZone()];
  const types = "?types=zone.created,zone.updated,zone.stopped";
  const first = await EventReader.open(steward, `${types}&after=0`);
  await first.until(() => first.ids.length === 2);
  await first[Symbol.asyncDispose]();
  zones.push(await steward.createZone());
  await using second = await EventReader.open(steward, types, first.lastEventId);
  await second.find("zone.created");
  expect(second.ids).toEqual([Number(first.ids[1]) + 1]);
  expect(second.messages[0]?.data.zone_id).toBe(zones[2]);
  nowMs += 3_601_000;
  await steward.createZone();
  await expect
    .poll(async () => {
      await using reader = await EventReader.open(steward, types, "1");
      await reader.until(() => reader.messages.length > 0);
      return reader.messages[0];
    })
    .toEqual({
      id: second.ids[0],
      type: "gap",
      data: {
        type: "gap",
        data: {
          after: 1,
          from: 2,
          to: second.ids[0],
          ids: Number(second.ids[0]) - 1,
          reason: "FORGOTTEN",
        },
      },
    });
  await using ahead = await EventReader.open(steward, types, "999999");
  const gap = await ahead.find("gap");
  expect(gap.data.data).toMatchObject({ after: 999_999, reason: "UNKNOWN_ID" });
  await steward.createZone();
  await ahead.find("zone.created");
  expect(ahead.ids).toEqual([Number(gap.id) + 1]);
});

test("there are no more readers than may be, and the place of one that goes is free", async () => {
  await using steward = await startSteward({ config: { events: { readers_max: 2 } } });
  const one = await EventReader.open(steward);
  await using two = await EventReader.open(steward);
  const { status, body, headers } = await steward.api("GET", "/v1/events");
  expect([status, body.error.code]).toEqual([429, "rate_limited"]);
  expect(body.error.message).toContain("events.readers_max");
  expect(headers.get("retry-after")).toBe("5");
  await one[Symbol.asyncDispose]();
  const retry = async () => (await EventReader.open(steward)).status;
  await expect.poll(retry).toBe(200);
  expect(two.hasEnded).toBe(false);
});

test("a feed ends with its token, and with the steward", async () => {
  const steward = await startSteward({ config: { events: { heartbeat_ms: 100 } } });
  const made = (await steward.api("POST", "/v1/tokens", { name: "page", scope: "read" })).body;
  await using reader = await EventReader.open({ httpUrl: steward.httpUrl, token: made.token });
  await using other = await EventReader.open(steward);
  await other.find("present");
  await steward.api("DELETE", `/v1/tokens/${made.id}`);
  await reader.ended();
  expect(other.hasEnded).toBe(false);
  await steward[Symbol.asyncDispose]();
  await other.ended();
  expect(other.types).toContain("token.deleted");
});
