import { expect, onTestFinished, test } from "vitest";
import { Agent, type AgentOptions, type ZoneInput } from "../../src/client/agent.ts";
import type { JsonObject } from "../../src/protocol/json.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { createTestKey } from "./keys.ts";
import { startScriptedSteward } from "./scripted-steward.ts";

const CREATION = { zones: { creation: "anyone" } };
const INPUT: ZoneInput = {
  name: "remote",
  description: "A zone of a remote creator.",
  type: "service",
  topic: "tests",
  creator: { wallet: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" },
  creator_fee_bps: 100,
  actions: [{ name: "echo", description: "Answers.", params: { any: { thing: "string" } } }],
};

async function boot(config: Record<string, unknown> = CREATION): Promise<TestSteward> {
  const steward = await startSteward({ config });
  onTestFinished(() => steward[Symbol.asyncDispose]());
  return steward;
}

async function connect(
  wireUrl: string,
  pattern: number,
  options: Partial<AgentOptions> = {},
): Promise<Agent> {
  const key = createTestKey(pattern).seed;
  const agent = await Agent.connect(wireUrl, { key, name: "tester", pacing: false, ...options });
  onTestFinished(() => agent.close());
  return agent;
}

test("a creator signs a zone here, and the steward hosts exactly what was signed", async () => {
  const steward = await boot();
  const creator = await connect(steward.wireUrl, 11);
  const zone = await creator.creator.create(INPUT);
  expect(zone).toMatchObject({ epoch: 1, state: "active", members: 0 });
  expect(zone.manifest).toMatchObject({
    creator: { node_id: creator.nodeId, wallet: INPUT.creator?.wallet },
    steward_set: [{ node_id: steward.nodeId, role: "primary", entrypoint: steward.wireUrl }],
    entrypoints: [steward.wireUrl],
  });
  const hosted = await steward.api("GET", `/v1/zones/${zone.zoneId}`);
  expect(hosted.body.envelope).toEqual(JSON.parse(JSON.stringify(zone.envelope)));
  expect(zone.envelope.public_key).toBe(createTestKey(11).publicKeyHex);
  const member = await connect(steward.wireUrl, 12);
  expect(await member.join(zone.zoneId)).toMatchObject({ epoch: 1, role: "member" });
});

test("an update is the next epoch on the one before; null removes a field, the rest stays", async () => {
  const steward = await boot();
  const creator = await connect(steward.wireUrl, 11);
  const member = await connect(steward.wireUrl, 12);
  const { zoneId, manifest } = await creator.creator.create(INPUT);
  await member.join(zoneId);
  const heard = new Promise((resolve) => member.on("event", resolve));
  const actions = [{ name: "sum", description: "Adds.", price: { ...PRICE, amount: "5" } }];
  const next = await creator.creator.update(zoneId, { actions, topic: null });
  expect(next.epoch).toBe(2);
  const { topic, ...kept } = manifest;
  expect(topic).toBe(INPUT.topic);
  expect(next.manifest).toMatchObject({ ...kept, actions });
  expect(next.envelope.manifest).not.toHaveProperty("topic");
  expect(next.envelope.manifest.creator).toEqual({ ...INPUT.creator, node_id: creator.nodeId });
  expect(await heard).toMatchObject({ event: "updated", epoch: 2 });
  expect((await member.inspect(zoneId)).epoch).toBe(2);
  expect((await creator.creator.update(zoneId, { actions })).epoch).toBe(2);
});

const PRICE = { asset: "USDC", network: "base" };

test("changes asked for at once become one epoch after the other, never a fork", async () => {
  const steward = await boot();
  const creator = await connect(steward.wireUrl, 11);
  const { zoneId } = await creator.creator.create(INPUT);
  const names = Array.from({ length: 8 }, (_, n) => `name ${n}`);
  const zones = await Promise.all(names.map((name) => creator.creator.update(zoneId, { name })));
  expect(zones.map((zone) => [zone.epoch, zone.manifest.name])).toEqual(
    names.map((name, n) => [n + 2, name]),
  );
});

test("a stop is signed, is final, and may be asked for again", async () => {
  const steward = await boot();
  const creator = await connect(steward.wireUrl, 11);
  const { zoneId } = await creator.creator.create(INPUT);
  const ended = await creator.creator.stop(zoneId);
  expect(ended).toMatchObject({ epoch: 2, state: "stopped", envelope: { state: "stopped" } });
  expect(await creator.creator.stop(zoneId)).toEqual(ended);
  await expect(creator.creator.update(zoneId, { name: "again" })).rejects.toMatchObject({
    code: "stopped",
  });
  const entrypoints = [steward.wireUrl, "wss://second.example/wire"];
  expect(await creator.creator.update(zoneId, { entrypoints })).toMatchObject({
    epoch: 3,
    state: "stopped",
    manifest: { entrypoints },
  });
});

test("only the creator signs and moderates, and only where the operator lets it create", async () => {
  const steward = await boot();
  const creator = await connect(steward.wireUrl, 11);
  const other = await connect(steward.wireUrl, 12);
  const { zoneId } = await creator.creator.create(INPUT);
  const refused = { code: 2003, reason: "NOT_ALLOWED" };
  await expect(other.creator.update(zoneId, { name: "mine" })).rejects.toMatchObject(refused);
  await expect(other.creator.stop(zoneId)).rejects.toMatchObject(refused);
  await expect(other.creator.ban(zoneId, creator.nodeId)).rejects.toMatchObject(refused);
  await expect(other.creator.invite(zoneId)).rejects.toMatchObject(refused);
  const closed = await boot({});
  const guest = await connect(closed.wireUrl, 11);
  await expect(guest.creator.create(INPUT)).rejects.toMatchObject(refused);
});

test("what the manifest's schema refuses or ignores is refused before anything is signed", async () => {
  const steward = await boot();
  const creator = await connect(steward.wireUrl, 11);
  const bad: [object, RegExp][] = [
    [{ name: "" }, /name/],
    [{ acitons: [] }, /acitons/],
    [{ id: "zone_x" }, /id/],
    [{ rules: { open: true, max_member: 3 } }, /rules\.max_member/],
    [{ creator: { walet: "0x" }, creator_fee_bps: 0 }, /creator\.walet/],
    [{ creator: null }, /creator_fee_bps/],
    [{ description: "x".repeat(257) }, /description/],
    [{ actions: [{ name: "a", description: "b", params: { x: "y".repeat(300_000) } }] }, /larger/],
  ];
  for (const [change, message] of bad) {
    const refused = { code: "invalid_input", message: expect.stringMatching(message) };
    await expect(
      creator.creator.create({ ...INPUT, ...change } as ZoneInput),
    ).rejects.toMatchObject(refused);
  }
  const { zoneId } = await creator.creator.create(INPUT);
  for (const [change, message] of bad) {
    const refused = { code: "invalid_input", message: expect.stringMatching(message) };
    await expect(creator.creator.update(zoneId, change)).rejects.toMatchObject(refused);
  }
  expect((await creator.inspect(zoneId)).epoch).toBe(1);
});

test("a creator bans, lifts the ban, and invites into a closed zone", async () => {
  const steward = await boot();
  const creator = await connect(steward.wireUrl, 11);
  const guest = await connect(steward.wireUrl, 12);
  const { zoneId } = await creator.creator.create({ ...INPUT, rules: { open: false } });
  await expect(guest.join(zoneId)).rejects.toMatchObject({ code: "not_open" });
  const expiresAt = Math.floor(Date.now() / 1000) + 3600;
  const made = await creator.creator.invite(zoneId, {
    nodeId: guest.nodeId,
    maxUses: 2,
    expiresAt,
  });
  expect(made).toMatchObject({ zoneId, maxUses: 2, expiresAt });
  await guest.join(zoneId, { invite: made.invite });
  const heard = new Promise((resolve) => guest.on("event", resolve));
  await creator.creator.ban(zoneId, guest.nodeId, { reason: "noise", expiresAt });
  expect(await heard).toMatchObject({ event: "banned", node_id: guest.nodeId, reason: "noise" });
  await expect(guest.join(zoneId, { invite: made.invite })).rejects.toMatchObject({
    code: "banned",
  });
  await creator.creator.unban(zoneId, guest.nodeId);
  await guest.join(zoneId, { invite: made.invite });
});

test("a creator approves a provider, and withdraws it with an empty list", async () => {
  const steward = await boot();
  const creator = await connect(steward.wireUrl, 11);
  const provider = await connect(steward.wireUrl, 12);
  const { zoneId } = await creator.creator.create(INPUT);
  await provider.join(zoneId);
  const roles = async () => (await provider.members(zoneId)).members.map(({ role }) => role);
  await creator.creator.approve(zoneId, provider.nodeId, ["echo"]);
  expect(await roles()).toEqual(["provider"]);
  await creator.creator.approve(zoneId, provider.nodeId, []);
  expect(await roles()).toEqual(["member"]);
  await expect(creator.creator.approve(zoneId, provider.nodeId, ["fly"])).rejects.toMatchObject({
    code: "action_not_found",
  });
});

test("an envelope whose answer was lost is not signed again, and counts once", async () => {
  let hosted: JsonObject | undefined;
  const peer = await startScriptedSteward({
    onMessage: (socket, body, message) => {
      const shown = { type: "zone.manifest", members: 0, state: "active", envelope: hosted };
      if (body.type === "zone.inspect") return socket.reply(message, shown);
      if (hosted === undefined) {
        hosted = body.envelope;
        return socket.drop();
      }
      socket.reply(message, { type: "zone.error", code: "stale_manifest", message: "exists" });
    },
  });
  const creator = await connect(peer.wireUrl, 11, { reconnect: { initialDelayMs: 5 } });
  const zone = await creator.creator.create(INPUT);
  expect(peer.bodies.map((body) => body.type)).toEqual([
    "zone.create",
    "zone.create",
    "zone.inspect",
  ]);
  expect(peer.bodies[1]?.envelope).toEqual(hosted);
  expect(JSON.parse(JSON.stringify(zone.envelope))).toEqual(hosted);
});

test("a steward that shows another envelope than the one it was sent is not believed", async () => {
  const peer = await startScriptedSteward({
    onMessage: (socket, body, message) => {
      const envelope = { ...body.envelope, epoch: 2 };
      socket.reply(message, { type: "zone.manifest", members: 0, state: "active", envelope });
    },
  });
  const creator = await connect(peer.wireUrl, 11);
  await expect(creator.creator.create(INPUT)).rejects.toMatchObject({ code: "envelope_invalid" });
});

test("no zone is given to a node that proved nothing", async () => {
  const peer = await startScriptedSteward({ proof: "none", bound: false });
  const creator = await connect(peer.wireUrl, 11, { allowPlainVerify: true });
  await expect(creator.creator.create(INPUT)).rejects.toMatchObject({ code: "identity_unproven" });
  expect(peer.bodies).toEqual([]);
});
