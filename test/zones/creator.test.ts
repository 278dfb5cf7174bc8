import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { signZone } from "../support/creator.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { listForks } from "../support/steward-file.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward({ config: { zones: { creation: "anyone" } } });
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
});

test("a remote creator creates, updates and stops its zone; members hear of each epoch", async () => {
  const key = createAgentKey();
  await using creator = await WireClient.connect(steward.wireUrl, { key });
  await using member = await WireClient.connect(steward.wireUrl);
  const first = signZone(key, steward.nodeId);
  const created = await creator.ask({ type: "zone.create", envelope: first.envelope });
  expect(created).toMatchObject({ type: "zone.manifest", state: "active", members: 0 });
  expect(created.envelope).toEqual(first.envelope);
  await member.ask({ type: "zone.join", zone_id: first.id });
  const second = first.next({ description: "Changed." });
  const updated = await creator.ask({ type: "zone.update", envelope: second.envelope });
  expect(updated.envelope).toEqual(second.envelope);
  expect(await member.nextBody("zone.event")).toMatchObject({ event: "updated", epoch: 2 });
  const stale = { type: "zone.message", zone_id: first.id, id: createId("zmsg"), content: 1 };
  expect((await member.ask({ ...stale, epoch: 1 })).code).toBe("stale_manifest");
  const third = second.next({}, { state: "stopped" });
  expect((await creator.ask({ type: "zone.update", envelope: third.envelope })).state).toBe(
    "stopped",
  );
  expect((await member.nextBody("zone.event")).event).toBe("stopped");
  const after = await creator.ask({
    type: "zone.update",
    envelope: third.next({}, { state: "active" }).envelope,
  });
  expect(after.code).toBe("stopped");
});

test("a stopped zone takes other stewards and entrypoints, stays stopped, and takes nothing else", async () => {
  const key = createAgentKey();
  await using creator = await WireClient.connect(steward.wireUrl, { key });
  await using member = await WireClient.connect(steward.wireUrl);
  const first = signZone(key, steward.nodeId);
  await creator.ask({ type: "zone.create", envelope: first.envelope });
  await member.ask({ type: "zone.join", zone_id: first.id });
  const update = (envelope: object) => creator.ask({ type: "zone.update", envelope });
  const second = first.next({}, { state: "stopped" });
  await update(second.envelope);
  expect((await member.nextBody("zone.event")).event).toBe("stopped");
  const moved = {
    steward_set: [
      { node_id: steward.nodeId, role: "primary" },
      { node_id: createAgentKey().nodeId, role: "replica" },
    ],
    entrypoints: ["wss://second.example/wire"],
  };
  const stopped = { state: "stopped" } as const;
  const replication = { min_acks: 1, lease_ms: 5_000 };
  const fork = first.next({ description: "Another two." }, stopped);
  for (const refused of [
    second.next({ ...moved, description: "Changed." }, stopped),
    second.next(moved, { state: "active" }),
    second.next(moved, { ...stopped, prev: "0".repeat(64) }),
    second.next(moved, { ...stopped, epoch: 4 }),
    fork,
    second,
  ]) {
    expect((await update(refused.envelope)).code).toBe("stopped");
  }
  const third = second.next(moved, { ...stopped, replication });
  expect(await update(third.envelope)).toMatchObject({
    type: "zone.manifest",
    state: "stopped",
    envelope: third.envelope,
  });
  expect(await member.nextBody("zone.event")).toMatchObject({ event: "updated", epoch: 3 });
  const join = { type: "zone.join", zone_id: first.id };
  expect((await member.ask(join)).code).toBe("stopped");
  const gone = third.next({ steward_set: moved.steward_set.slice(1) }, stopped);
  expect((await update(gone.envelope)).code).toBe("invalid_params");
});

test("replayed, gapped, forked, re-keyed, foreign and tampered envelopes are refused", async () => {
  const key = createAgentKey();
  await using creator = await WireClient.connect(steward.wireUrl, { key });
  const first = signZone(key, steward.nodeId);
  await creator.ask({ type: "zone.create", envelope: first.envelope });
  const second = first.next({ description: "Two." });
  const third = second.next({ description: "Three." });
  const update = (envelope: object, chain?: object[]) =>
    creator.ask({ type: "zone.update", envelope, ...(chain && { chain }) });
  expect((await update(first.envelope)).code).toBe("stale_manifest");
  expect((await update(third.envelope)).code).toBe("invalid_params");
  const gapless = await update(third.envelope, [second.envelope]);
  expect(gapless).toMatchObject({ type: "zone.manifest" });
  expect(gapless.envelope.epoch).toBe(3);
  const fork = second.next({ description: "Another three." });
  expect(await update(fork.envelope)).toMatchObject({ code: "stale_manifest", reason: "FORK" });
  expect(listForks(steward.dataDir, first.id)).toEqual([fork.envelope]);
  const posted = second.next({ description: "A third three." });
  const put = await steward.api(
    "PUT",
    `/v1/zones/${first.id}`,
    { envelope: posted.envelope },
    {
      "if-match": '"3"',
    },
  );
  expect(put).toMatchObject({ status: 409, body: { error: { code: "stale_manifest" } } });
  expect(listForks(steward.dataDir, first.id)).toHaveLength(2);
  const foreign = third.next({
    steward_set: [{ node_id: createAgentKey().nodeId, role: "primary" }],
  });
  expect((await update(foreign.envelope)).code).toBe("not_steward");
  const other = createAgentKey();
  const rekeyed = third.next({ creator: { node_id: other.nodeId } });
  expect((await update(rekeyed.envelope)).code).toBe("invalid_params");
  const tampered = { ...third.next().envelope, signed_at: 1 };
  expect((await update(tampered)).code).toBe("invalid_params");
  const inspected = await creator.ask({ type: "zone.inspect", zone_id: first.id });
  expect(inspected.envelope).toEqual(third.envelope);
});

test("creator-only messages need the creator and a bound session", async () => {
  const key = createAgentKey();
  const zone = signZone(key, steward.nodeId);
  await using creator = await WireClient.connect(steward.wireUrl, { key });
  await creator.ask({ type: "zone.create", envelope: zone.envelope });
  await using stranger = await WireClient.connect(steward.wireUrl);
  const plainKey = createAgentKey();
  await using plain = await WireClient.connect(steward.wireUrl, { key: plainKey, bound: false });
  const bodies = [
    { type: "zone.update", envelope: zone.next().envelope },
    { type: "zone.ban", zone_id: zone.id, node_id: plainKey.nodeId },
    { type: "zone.unban", zone_id: zone.id, node_id: plainKey.nodeId },
    { type: "zone.invite", zone_id: zone.id },
    { type: "zone.create", envelope: signZone(key, steward.nodeId).envelope },
  ];
  for (const body of bodies) {
    stranger.sendBody(body);
    expect((await stranger.next("error")).fields).toMatchObject({
      code: 2003,
      reason: "NOT_ALLOWED",
    });
    plain.sendBody(body);
    expect((await plain.next("error")).fields).toMatchObject({ code: 2001 });
  }
  expect(stranger.received.filter((e) => e.type === "message_ack")).toEqual([]);
});

test("under the default policy only the operator creates zones", async () => {
  await using closed = await startSteward();
  const key = createAgentKey();
  await using client = await WireClient.connect(closed.wireUrl, { key });
  client.sendBody({ type: "zone.create", envelope: signZone(key, closed.nodeId).envelope });
  expect((await client.next("error")).fields).toMatchObject({ code: 2003, reason: "NOT_ALLOWED" });
});

test("the operator suspends a remote creator's zone and resumes it; nobody else signs for it", async () => {
  const key = createAgentKey();
  const zone = signZone(key, steward.nodeId);
  await using creator = await WireClient.connect(steward.wireUrl, { key });
  await creator.ask({ type: "zone.create", envelope: zone.envelope });
  const path = `/v1/zones/${zone.id}`;
  expect((await steward.api("POST", `${path}/stop`)).body.state).toBe("suspended");
  expect((await creator.ask({ type: "zone.join", zone_id: zone.id })).code).toBe("stopped");
  expect((await creator.ask({ type: "zone.inspect", zone_id: zone.id })).envelope).toEqual(
    zone.envelope,
  );
  expect((await steward.api("POST", `${path}/resume`)).body.state).toBe("active");
  expect((await creator.ask({ type: "zone.join", zone_id: zone.id })).role).toBe("creator");
});

test("the creator bans with a reason and for a time, and lifts it", async () => {
  let offsetMs = 0;
  await using timed = await startSteward({
    config: { zones: { creation: "anyone" } },
    nowMs: () => Date.now() + offsetMs,
  });
  const key = createAgentKey();
  const zone = signZone(key, timed.nodeId);
  await using creator = await WireClient.connect(timed.wireUrl, { key });
  await creator.ask({ type: "zone.create", envelope: zone.envelope });
  await using member = await WireClient.connect(timed.wireUrl);
  const join = { type: "zone.join", zone_id: zone.id };
  await member.ask(join);
  const expires_at = Math.floor(Date.now() / 1000) + 60;
  const ban = { type: "zone.ban", zone_id: zone.id, node_id: member.nodeId, reason: "spam" };
  expect((await creator.ask({ ...ban, expires_at })).type).toBe("zone.done");
  expect(await member.nextBody("zone.event")).toMatchObject({ event: "banned", reason: "spam" });
  expect((await member.ask(join)).code).toBe("banned");
  offsetMs = 61_000;
  expect((await member.ask(join)).type).toBe("zone.joined");
  await creator.ask(ban);
  expect((await member.ask(join)).code).toBe("banned");
  await creator.ask({ type: "zone.unban", zone_id: zone.id, node_id: member.nodeId });
  expect((await member.ask(join)).type).toBe("zone.joined");
});
