import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/protocol/json.ts";
import { Browser, findForm } from "../admin/dashboard/browser.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";
import {
  Creator,
  epochAt,
  readReplication,
  startReplica,
  toSet,
  until,
} from "./support/replicated-zone.ts";

let a: TestSteward;
let b: TestSteward;
beforeAll(async () => {
  [a, b] = await Promise.all([startReplica(), startReplica()]);
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
});

test("a zone that begins at its primary is told to its voter, over a link each way", async () => {
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  await until("the voter has it", () => epochAt(b, zone.id) === 1);
  await until("a link each way", async () => (await readReplication(b))?.links === 2);
  expect(await readReplication(a)).toMatchObject({ zones: 1, primary: 1, links: 2, halted: 0 });
});

test("an update handed to a replica is adopted there, and told to the primary", async () => {
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  await until("the voter has it", () => epochAt(b, zone.id) === 1);
  const next = zone.next({ name: "renamed" });
  expect(await creator.update(b, next)).toMatchObject({
    type: "zone.manifest",
    envelope: { epoch: 2 },
  });
  await until("the primary has it", () => epochAt(a, zone.id) === 2);
});

test("a steward that is named for the first time is given every envelope", async () => {
  const creator = new Creator();
  let zone = creator.sign(toSet(a, [], [{ nodeId: creator.key.nodeId }]), 0);
  await creator.create(a, zone);
  for (let epoch = 2; epoch <= 70; epoch++) {
    zone = zone.next({ name: `name ${epoch}` });
    if (epoch < 70) await creator.update(a, zone);
  }
  const last = zone.again({
    manifest: { ...(zone.envelope.manifest as JsonObject), steward_set: toSet(a, [b]) },
  });
  expect(await creator.update(a, last)).toMatchObject({ envelope: { epoch: 70 } });
  await until("the new one has them", () => epochAt(b, zone.id) === 70);
});

test("a creator's two envelopes of one epoch are evidence at who is handed both", async () => {
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  const [one, other] = [zone.next({ name: "one" }), zone.next({ name: "other" })];
  await creator.update(a, one);
  expect(await creator.update(a, other)).toMatchObject({ reason: "FORK" });
  const { body } = await a.api("GET", `/v1/replicas/${zone.id}/evidence`);
  expect(body.evidence).toMatchObject([{ epoch: 2, signer: creator.key.nodeId }]);
  expect(body.evidence[0].documents).toEqual([one.envelope, other.envelope]);

  // Its operator may move the steward to the other one, and back.
  const path = `/v1/replicas/${zone.id}/resync`;
  expect((await a.api("POST", path, { branch: "0".repeat(64) })).status).toBe(404);
  for (const branch of [other, one]) {
    expect((await a.api("POST", path, { branch: branch.hash })).status).toBe(202);
    const shown = await a.api("GET", `/v1/zones/${zone.id}`);
    expect(shown.body.envelope).toEqual(branch.envelope);
  }

  // The dashboard shows the proof, and does the same after a question.
  const browser = new Browser(a);
  await browser.login(a.token);
  const at = `/admin/replication/${zone.id}`;
  const page = await browser.open(at);
  expect(page.text).toContain(`title="${creator.key.nodeId}"`);
  expect(page.text).toContain("<details><summary>Show</summary>");
  const asked = await browser.submit(at, "resyncReplica", { "f.branch": other.hash });
  expect(asked.text).toContain(`steward replica resync ${zone.id} --branch ${other.hash}`);
  const form = findForm(asked.text, "resyncReplica");
  expect((await browser.open("/admin/do/resyncReplica", { form })).status).toBe(303);
  const { envelope } = (await a.api("GET", `/v1/zones/${zone.id}`)).body;
  expect(envelope).toEqual(other.envelope);
});

test("a zone that its operator does not allow is neither begun nor made a replicated one", async () => {
  await using steward = await startReplica({ config: { replication: { allow: [] } } });
  const creator = new Creator();
  const zone = creator.sign(toSet(steward, [b]));
  const reply = await creator.ask(steward, { type: "zone.create", envelope: zone.envelope });
  expect(reply).toMatchObject({ code: "zone_not_found" });
  const plain = creator.sign([{ node_id: steward.nodeId, role: "primary" }]);
  await creator.create(steward, plain);
  const next = plain.next({ steward_set: toSet(steward, [b]) });
  expect(await creator.update(steward, next)).toMatchObject({ code: "zone_not_found" });
  expect(epochAt(steward, plain.id)).toBe(1);
});

test("a zone that was hosted by one steward becomes a replicated one, and begins with its log", async () => {
  const creator = new Creator();
  const plain = creator.sign([{ node_id: a.nodeId, role: "primary" }]);
  await creator.create(a, plain);
  await using member = await WireClient.connect(a.wireUrl);
  await member.ask({ type: "zone.join", zone_id: plain.id });
  await creator.update(a, plain.next({ steward_set: toSet(a, [b]) }));
  await until("the voter has it all", () => {
    const [here, there] = [a, b].map(({ steward }) => steward.zones.queries.findZone(plain.id));
    return here?.headSeq === 3 && here.headHash === there?.headHash && there.memberCount === 1;
  });
});

test("a new steward that the creator hands every envelope to needs nobody to tell it", async () => {
  const creator = new Creator();
  const nobody = { nodeId: creator.key.nodeId };
  const first = creator.sign(toSet(nobody, [{ nodeId: a.nodeId }]));
  const second = first.next({ steward_set: toSet(nobody, [{ nodeId: b.nodeId }]) });
  const body = { type: "zone.update", chain: [first.envelope], envelope: second.envelope };
  expect(await creator.ask(b, body)).toMatchObject({ envelope: { epoch: 2 } });
  expect(await creator.ask(a, body)).toMatchObject({ code: "not_steward" });
});

describe("who speaks for a steward", () => {
  test("a zone begins nowhere but at its primary", async () => {
    const creator = new Creator();
    const zone = creator.sign(toSet(a, [b]));
    const reply = await creator.ask(b, { type: "zone.create", envelope: zone.envelope });
    expect(reply).toMatchObject({ code: "not_steward" });
  });

  test("a voter asks for the position, is outside all limits, and pings are answered", async () => {
    const creator = new Creator();
    const key = createAgentKey();
    const zone = creator.sign(toSet(a, [{ nodeId: key.nodeId }]));
    await creator.create(a, zone);
    await using link = await WireClient.connect(a.wireUrl, { key });
    const id = link.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes: [zone.envelope] });
    expect(await link.replyTo(id)).toEqual({
      type: "zone.position",
      zone_id: zone.id,
      epoch: 1,
      envelope_hash: expect.any(String),
      // Its first commit is made, and not acknowledged.
      state: "recovering",
      position: { epoch: 1, n: 1, digest: expect.any(String) },
      head: expect.objectContaining({ epoch: 1, seq: 1, steward: a.nodeId }),
    });
    // What was sent before it was a link took part in counts, and a link has none.
    expect(await a.listOnline()).not.toContain(key.nodeId);
    const ping = await link.next("ping");
    link.send("pong", { ts: 1, echo: ping.fields.ts });
    expect(link.received.filter(({ type }) => type === "message_ack")).toEqual([]);
  });

  test("a stranger is told 2003, NOT_ALLOWED, and nothing is adopted", async () => {
    const creator = new Creator();
    const zone = creator.sign(toSet(a, [b]));
    await creator.create(a, zone);
    await using stranger = await WireClient.connect(a.wireUrl);
    const envelopes = [zone.next().envelope];
    const id = stranger.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes });
    const { fields } = await stranger.next("error");
    expect(fields).toMatchObject({ code: 2003, reason: "NOT_ALLOWED", ref_msg_id: id });
    expect(epochAt(a, zone.id)).toBe(1);
  });

  test("another envelope of an epoch is refused as a fork, whoever brings it", async () => {
    const creator = new Creator();
    const key = createAgentKey();
    const zone = creator.sign(toSet(a, [{ nodeId: key.nodeId }]));
    await creator.create(a, zone);
    await creator.update(a, zone.next({ name: "first" }));
    const other = zone.next({ name: "second" });
    await using link = await WireClient.connect(a.wireUrl, { key });
    const envelopes = [other.envelope];
    const id = link.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes });
    expect(await link.replyTo(id)).toMatchObject({ code: "stale_manifest", reason: "FORK" });
    expect(await creator.update(a, other)).toMatchObject({
      code: "stale_manifest",
      reason: "FORK",
    });
    expect(epochAt(a, zone.id)).toBe(2);
  });

  test("what a steward's body lacks is invalid_params, and changes nothing", async () => {
    const creator = new Creator();
    const key = createAgentKey();
    const zone = creator.sign(toSet(a, [{ nodeId: key.nodeId }]));
    await creator.create(a, zone);
    await using link = await WireClient.connect(a.wireUrl, { key });
    const broken = { ...zone.next().envelope, signature: "00".repeat(64) };
    for (const envelopes of [undefined, [], [broken], [zone.envelope, { epoch: 2 }], 7]) {
      const id = link.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes });
      expect(await link.replyTo(id)).toMatchObject({ code: "invalid_params" });
    }
    expect(epochAt(a, zone.id)).toBe(1);
  });
});
