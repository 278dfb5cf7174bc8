import { expect, test } from "vitest";
import { type AgentOptions, createMemoryEnvelopes } from "../../../src/client/agent.ts";
import { verifyZoneEnvelope } from "../../../src/client/zones/envelope.ts";
import { type AnyBody, startScriptedSteward } from "../scripted-steward.ts";
import { createZoneEnvelope, toContentHash, toJson, ZONE_ID } from "../zone-fixture.ts";
import {
  bodiesOf,
  connect,
  creatorKey,
  messagesOf,
  refuse,
  startStewards,
  type ZoneSteward,
} from "./stewards.ts";

type Three = [ZoneSteward, ZoneSteward, ZoneSteward];

const start = async () => (await startStewards(3)) as Three;

const connectCreator = (steward: ZoneSteward, options: Partial<AgentOptions> = {}) =>
  connect(steward, { key: creatorKey.seed, name: "creator", ...options });

/** Who does what by an envelope: the primary's index, and what the others are. */
function rolesOf(envelope: AnyBody, stewards: readonly ZoneSteward[]) {
  const refs = envelope.manifest.steward_set as AnyBody[];
  return stewards.map(({ key }) => {
    const ref = refs.find(({ node_id }) => node_id === key.nodeId);
    if (ref?.role === "primary") return ref.accept_loss === true ? "primary, loss" : "primary";
    return ref?.voter === true ? "voter" : "learner";
  });
}

function kill({ peer, key }: ZoneSteward): void {
  peer.script = { key, onVerify: (socket) => socket.drop() };
  for (const socket of peer.sockets) socket.drop();
}

test("promote hands the next epoch to the new primary first, then to the others; who answered stays a voter", async () => {
  const stewards = await start();
  const [a, b, c] = stewards;
  const creator = await connectCreator(a);
  const told: string[] = [];
  for (const [name, steward] of Object.entries({ a, b, c })) {
    steward.answers["zone.update"] = (socket, body, message) => {
      told.push(name);
      delete steward.answers["zone.update"];
      steward.peer.script.onMessage?.(socket, body, message);
    };
  }
  const made = await creator.creator.promote(ZONE_ID, b.key.nodeId);
  expect(made).toMatchObject({ zoneId: ZONE_ID, epoch: 2, primary: b.key.nodeId });
  expect([...made.answered].sort()).toEqual(stewards.map(({ key }) => key.nodeId).sort());
  expect(rolesOf(made.envelope, stewards)).toEqual(["voter", "primary", "voter"]);
  expect(made.envelope.prev).not.toBeNull();
  await verifyZoneEnvelope(toJson(made.envelope), ZONE_ID);
  expect(told[0]).toBe("b");
  expect([...told].sort()).toEqual(["a", "b", "c"]);
  for (const steward of stewards) expect(steward.envelope.epoch).toBe(2);
  const [update] = messagesOf(b, "zone.update");
  expect([update?.to, update?.sig]).toEqual([
    b.key.nodeId,
    expect.stringMatching(/^[0-9a-f]{128}$/),
  ]);
  await creator.creator.promote(ZONE_ID, b.key.nodeId);
  expect(bodiesOf(b, "zone.update")).toHaveLength(1);
});

test("a former primary that does not answer becomes a learner, and min_acks no more than the voters", async () => {
  const stewards = await start();
  const [a, b, c] = stewards;
  const base = a.envelope;
  const creator = await connectCreator(a);
  const before = await creator.creator.update(ZONE_ID, {
    replication: { min_acks: 2, lease_ms: 500 },
  });
  expect(before.envelope).toMatchObject({ epoch: 2, replication: { min_acks: 2, lease_ms: 1000 } });
  expect(before.envelope.prev).toBe(toContentHash(base));
  kill(a);
  const other = await connectCreator(b);
  const { envelope, answered } = await other.creator.promote(ZONE_ID, c.key.nodeId);
  expect(rolesOf(envelope, stewards)).toEqual(["learner", "voter", "primary"]);
  expect(envelope).toMatchObject({ epoch: 3, replication: { min_acks: 1, lease_ms: 1000 } });
  expect(envelope.manifest.entrypoints).toEqual([c.peer.wireUrl]);
  expect(answered).not.toContain(a.key.nodeId);
});

test("the newest envelope of any steward is the one that is followed", async () => {
  const stewards = await start();
  const [a, b, c] = stewards;
  const second = await (await connectCreator(a)).creator.update(ZONE_ID, { description: "Two" });
  // b was away then.
  b.envelope = createZoneEnvelope(creatorKey, a.key, {
    manifest: { steward_set: a.envelope.manifest.steward_set as never },
  });
  const creator = await connectCreator(b, { envelopes: createMemoryEnvelopes() });
  const { envelope } = await creator.creator.promote(ZONE_ID, b.key.nodeId);
  expect(envelope).toMatchObject({ epoch: 3, prev: toContentHash(second.envelope) });
  expect(bodiesOf(b, "zone.update").at(-1)?.chain).toEqual([toJson(second.envelope)]);
  expect(stewards.map((steward) => steward.envelope.epoch)).toEqual([3, 3, 3]);
  expect(c.envelope.manifest.description).toBe("Two");
});

test("after a lost answer the same envelope is sent again, by another process with the same store, too", async () => {
  const stewards = await start();
  const [a, b] = stewards;
  const envelopes = createMemoryEnvelopes();
  b.answers["zone.update"] = (socket) => socket.drop();
  const first = await connectCreator(a, { envelopes });
  await expect(first.creator.promote(ZONE_ID, b.key.nodeId)).rejects.toMatchObject({
    code: "connection_failed",
  });
  delete b.answers["zone.update"];
  const second = await connectCreator(a, { envelopes });
  const { envelope } = await second.creator.promote(ZONE_ID, b.key.nodeId);
  const [lost, again] = bodiesOf(b, "zone.update");
  expect(again?.envelope).toEqual(lost?.envelope);
  expect(toJson(envelope)).toEqual(lost?.envelope);
});

test("what was signed and perhaps not taken comes before what is signed next", async () => {
  const stewards = await start();
  const [a, b, c] = stewards;
  b.answers["zone.update"] = (socket) => socket.drop();
  const creator = await connectCreator(a);
  await expect(creator.creator.promote(ZONE_ID, b.key.nodeId)).rejects.toThrow();
  const [lost] = bodiesOf(b, "zone.update");
  kill(b);
  const { envelope } = await creator.creator.promote(ZONE_ID, c.key.nodeId);
  expect(envelope.epoch).toBe(3);
  expect(bodiesOf(c, "zone.update")[0]?.chain).toEqual([lost?.envelope]);
  expect(rolesOf(envelope, stewards)).toEqual(["voter", "learner", "primary"]);
});

test("nothing is signed for a node that does not answer, is no steward, or where nothing can be stored", async () => {
  const [a, b] = await start();
  const envelopes = createMemoryEnvelopes();
  const creator = await connectCreator(a, { envelopes });
  await expect(creator.creator.promote(ZONE_ID, creatorKey.nodeId)).rejects.toMatchObject({
    code: "invalid_input",
  });
  kill(b);
  await expect(creator.creator.promote(ZONE_ID, b.key.nodeId)).rejects.toMatchObject({
    code: "connection_failed",
  });
  expect(await envelopes.get(ZONE_ID)).toBeUndefined();
  const full = {
    ...envelopes,
    put: async () => {
      throw new Error("disk full");
    },
  };
  const other = await connectCreator(a, { envelopes: full });
  await expect(
    other.creator.promote(ZONE_ID, a.key.nodeId, { acceptLoss: true }),
  ).rejects.toMatchObject({
    code: "ledger_failed",
  });
  expect(bodiesOf(a, "zone.update")).toEqual([]);
});

test("an accepted loss is signed for one epoch, and for a primary that is named already", async () => {
  const stewards = await start();
  const [a, b] = stewards;
  const creator = await connectCreator(a);
  await creator.creator.promote(ZONE_ID, b.key.nodeId);
  const lossy = await creator.creator.promote(ZONE_ID, b.key.nodeId, { acceptLoss: true });
  expect(lossy.epoch).toBe(3);
  expect(rolesOf(lossy.envelope, stewards)).toEqual(["voter", "primary, loss", "voter"]);
  const after = await creator.creator.update(ZONE_ID, { description: "After" });
  expect(after.epoch).toBe(4);
  expect(rolesOf(after.envelope, stewards)).toEqual(["voter", "primary", "voter"]);
});

test("an epoch that was refused for certain is signed anew, and nobody has the first", async () => {
  const [a, b] = await start();
  const creator = await connectCreator(a);
  b.answers["zone.update"] = refuse("invalid_params");
  await expect(creator.creator.promote(ZONE_ID, b.key.nodeId)).rejects.toMatchObject({
    code: "invalid_params",
  });
  delete b.answers["zone.update"];
  const { envelope } = await creator.creator.promote(ZONE_ID, b.key.nodeId, { acceptLoss: true });
  expect(envelope.epoch).toBe(2);
  expect(bodiesOf(b, "zone.update")[1]?.envelope).toEqual(toJson(envelope));
});

test("two stewards with two envelopes of one epoch stop the creator's agent, with both as evidence", async () => {
  const [a, b] = await start();
  b.envelope = createZoneEnvelope(creatorKey, a.key, {
    manifest: { steward_set: a.envelope.manifest.steward_set as never, name: "Other" },
  });
  const creator = await connectCreator(a);
  await expect(creator.creator.promote(ZONE_ID, b.key.nodeId)).rejects.toMatchObject({
    code: "envelope_invalid",
    reason: "FORK",
    details: { envelopes: [expect.anything(), expect.anything()] },
  });
});

test("only the creator promotes, and only in a zone that is replicated", async () => {
  const [a, b] = await start();
  const stranger = await connect(a);
  await expect(stranger.creator.promote(ZONE_ID, b.key.nodeId)).rejects.toMatchObject({
    code: 2003,
    reason: "NOT_ALLOWED",
  });
  const envelope = createZoneEnvelope(creatorKey, a.key);
  const lone = await startScriptedSteward({
    key: a.key,
    onMessage: (socket, _body, message) =>
      socket.reply(message, { type: "zone.manifest", envelope, members: 0, state: "active" }),
  });
  const creator = await connectCreator({ ...a, peer: lone });
  await expect(creator.creator.promote(ZONE_ID, a.key.nodeId)).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("a steward that cannot show its envelope is handed the next one alone, and what it lacks only if it must", async () => {
  const [a, b, c] = await start();
  const creator = await connectCreator(a);
  await creator.inspect(ZONE_ID);
  for (const steward of [a, b, c]) {
    steward.answers["zone.inspect"] = refuse("steward_unavailable", { reason: "NO_LEASE" });
  }
  expect(await creator.creator.promote(ZONE_ID, b.key.nodeId)).toMatchObject({ epoch: 2 });
  expect(bodiesOf(b, "zone.update")[0]?.chain).toBeUndefined();
  // c was away when the next one came, and says so.
  const behind = c.envelope;
  const { envelope } = await creator.creator.promote(ZONE_ID, a.key.nodeId);
  c.envelope = behind;
  c.answers["zone.update"] = (socket, body, message) => {
    if (body.chain === undefined) return refuse("invalid_params")(socket, body, message);
    delete c.answers["zone.update"];
    c.peer.script.onMessage?.(socket, body, message);
  };
  expect(await creator.creator.promote(ZONE_ID, c.key.nodeId)).toMatchObject({ epoch: 4 });
  expect(bodiesOf(c, "zone.update").at(-1)?.chain).toEqual([toJson(envelope)]);
  expect(c.envelope.epoch).toBe(4);
});
