import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { NodeKey } from "../../src/identity/node-key.ts";
import { toHex } from "../../src/protocol/hex.ts";
import { createId } from "../../src/protocol/ids.ts";
import type { JsonObject } from "../../src/protocol/json.ts";
import { toMessageContent } from "../../src/protocol/signed-content.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, startReplica, toSet, until } from "./support/replicated-zone.ts";

const actions = [{ name: "echo", description: "Answers its params.", params: {} }];

let a: TestSteward;
let b: TestSteward;
let zoneId: string;
const creator = new Creator();

beforeAll(async () => {
  [a, b] = await Promise.all([startReplica(), startReplica()]);
  const zone = creator.sign(toSet(a, [b]), 1, { actions });
  await creator.create(a, zone);
  zoneId = zone.id;
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
});

async function connect(steward: TestSteward, key = createAgentKey()): Promise<WireClient> {
  const client = await WireClient.connect(steward.wireUrl, { key });
  onTestFinished(() => client[Symbol.asyncDispose]());
  return client;
}

/** Joins at a steward, once the zone's primary is in charge. */
async function member(steward: TestSteward, key = createAgentKey()): Promise<WireClient> {
  const client = await connect(steward, key);
  let answer = await client.ask({ type: "zone.join", request_id: "join", zone_id: zoneId });
  await until("the primary is in charge", async () => {
    if (answer.type === "zone.joined") return true;
    answer = await client.ask({ type: "zone.join", request_id: "join", zone_id: zoneId });
    return answer.type === "zone.joined";
  });
  return client;
}

const say = (client: WireClient, content: unknown) =>
  client.ask({ type: "zone.message", zone_id: zoneId, id: createId("zmsg"), content });

function sealed(key: NodeKey, to: string, body: JsonObject): JsonObject {
  const timestamp = Math.floor(Date.now() / 1000);
  const message = { id: createId("msg"), from: key.nodeId, to, timestamp, body };
  const sig = toHex(key.sign(toMessageContent(message)));
  return { ...message, public_key: key.publicKeyHex, sig };
}

async function askSealed(client: WireClient, key: NodeKey, body: JsonObject) {
  const message = sealed(key, a.nodeId, body);
  client.send("message", message);
  return await client.replyTo(String(message.id));
}

const heard = (client: WireClient, content: unknown) => () =>
  client.received.some(({ type, fields }) => {
    const { body } = fields as { body?: { type?: string; content?: unknown } };
    return type === "message" && body?.type === "zone.message" && body.content === content;
  });

test("members at a replica join, speak and hear, as those at the primary do", async () => {
  const here = await member(a);
  const there = await member(b);
  const sent = await say(there, "from the replica");
  expect(sent).toMatchObject({ type: "zone.sent", seq: expect.any(Number) });
  await until("the primary's member hears it", heard(here, "from the replica"));
  await say(here, "from the primary");
  await until("the replica's member hears it", heard(there, "from the primary"));
  expect(heard(there, "from the replica")()).toBe(false);
  const page = await there.ask({ type: "zone.history", zone_id: zoneId, after_seq: sent.seq - 1 });
  expect(page.entries[0].entry.data).toMatchObject({ content: "from the replica", via: b.nodeId });
});

test("a signed message carries its proof, and whoever signed must go on so through replicas", async () => {
  const key = createAgentKey();
  const there = await member(b, key);
  const id = createId("zmsg");
  const body = { type: "zone.message", request_id: "say", zone_id: zoneId, id, content: "signed" };
  const message = sealed(key, a.nodeId, body);
  there.send("message", message);
  const { seq } = await there.replyTo(String(message.id));
  const page = await there.ask({ type: "zone.history", zone_id: zoneId, after_seq: seq - 1 });
  const { id: message_id, timestamp, public_key, sig } = message;
  const proof = { message_id, to: a.nodeId, timestamp, request_id: "say", public_key, sig };
  expect(page.entries[0].entry.data).toEqual({ id, content: "signed", proof });
  there.sendBody({ type: "zone.message", zone_id: zoneId, id: createId("zmsg"), content: 1 });
  expect((await there.next("error")).fields).toMatchObject({
    code: 2001,
    reason: "SIGNATURE_REQUIRED",
  });
});

test("whatever form a member signs in, the entry is what was signed or names the replica, and copies go on", async () => {
  const key = createAgentKey();
  const there = await member(b, key);
  const odd = { big: 1e21, small: -0, text: "\u2028ä😀", deep: [[null]] };
  const forms: JsonObject[] = [
    { content: odd, topic: "t", reply_to: createId("zmsg") },
    { content: null, request_id: "with-id" },
    { content: odd, topic: null },
    { content: odd, reply_to: null },
    { content: odd, request_id: null },
    { content: odd, epoch: 1 },
    { content: odd, more: 1 },
  ];
  for (const form of forms) {
    const body = { type: "zone.message", zone_id: zoneId, id: createId("zmsg"), ...form };
    const message = sealed(key, b.nodeId, body);
    there.send("message", message);
    const { seq } = await there.replyTo(String(message.id));
    const page = await there.ask({ type: "zone.history", zone_id: zoneId, after_seq: seq - 1 });
    const isProven = forms.indexOf(form) < 2;
    expect(Object.keys(page.entries[0].entry.data)).toContain(isProven ? "proof" : "via");
  }
  const request = { type: "zone.request", zone_id: zoneId, action: "echo" };
  for (const [index, params] of [{}, { params: null }, { params: { odd } }].entries()) {
    const answer = await askSealed(there, key, { ...request, request_id: `s${index}`, ...params });
    expect(answer).toMatchObject({ type: "zone.response" });
  }
  const { body } = await b.api("GET", `/v1/replicas/${zoneId}`);
  expect(body).toMatchObject({ halted: null, evidence: 0 });
});

test("a request through a replica is run at the primary, once, and answered there", async () => {
  const key = createAgentKey();
  const there = await member(b, key);
  const params = { n: 1 };
  const body = { type: "zone.request", request_id: "r", zone_id: zoneId, action: "echo", params };
  const answer = await askSealed(there, key, body);
  expect(answer).toMatchObject({ type: "zone.response", request_id: "r", result: params });
  expect(await askSealed(there, key, body)).toEqual({ ...answer });
  const receipt = { type: "zone.receipt", request_id: "r", zone_id: zoneId };
  expect(await askSealed(there, key, receipt)).toEqual(answer);
  const row = a.steward.zones.requests.findNewestRequest(key.nodeId, "r");
  expect(JSON.parse(row?.sig ?? "{}")).toMatchObject({
    message: { from: key.nodeId, to: a.nodeId, body, public_key: key.publicKeyHex },
  });
});

test("whoever is present at any steward is online at each", async () => {
  const key = createAgentKey();
  const there = await member(b, key);
  const here = await member(a);
  const isOnline = async (client: WireClient, nodeId: string) => {
    const { members } = await client.ask({ type: "zone.members", zone_id: zoneId, limit: 500 });
    return members.find(({ node_id }: { node_id: string }) => node_id === nodeId)?.online;
  };
  await until("the primary knows", () => isOnline(here, key.nodeId));
  const hereId = String(here.nodeId);
  await until("the replica knows", () => isOnline(there, hereId));
  await there[Symbol.asyncDispose]();
  await until("it is gone", async () => !(await isOnline(here, key.nodeId)));
});

test("a provider at a replica is sent runs, and answers them", async () => {
  const handlers = { "*": { echo: { type: "provider" } } };
  const p = await startReplica({
    config: { zones: { creation: "anyone" }, replication: { allow: ["*"] }, handlers },
  });
  onTestFinished(() => p[Symbol.asyncDispose]());
  const zone = creator.sign(toSet(p, [b]), 1, { actions });
  await creator.create(p, zone);
  const zone_id = zone.id;
  const key = createAgentKey();
  // Of two primaries' zones, so that a result, which names neither, is for one of them.
  const there = await member(b, key);
  const join = { type: "zone.join", zone_id };
  await until("it is a member", async () => (await there.ask(join)).type === "zone.joined");
  const actionNames = ["echo"];
  const approval = { zone_id, node_id: key.nodeId, actions: actionNames };
  await creator.ask(p, { type: "zone.approve", ...approval });
  const send = (body: JsonObject) => {
    const message = sealed(key, p.nodeId, body);
    there.send("message", message);
    return String(message.id);
  };
  const offer = { type: "zone.provide", request_id: "p", zone_id, actions: actionNames };
  expect(await there.replyTo(send(offer))).toMatchObject({ type: "zone.providing" });
  const asker = await connect(p);
  await asker.ask(join);
  const request = { request_id: "r", zone_id, action: "echo", params: { n: 2 } };
  const id = asker.sendBody({ type: "zone.request", ...request });
  const invokes = () =>
    there.received.flatMap(({ type, fields }) => {
      const { body } = fields as { body?: Reply };
      return type === "message" && body?.type === "zone.invoke" ? [body] : [];
    });
  await until("it is asked", () => invokes().length === 1);
  expect(invokes()[0]).toMatchObject({ zone_id, action: "echo", params: { n: 2 } });
  send({ type: "zone.result", invoke_id: invokes()[0]?.invoke_id, result: "done" });
  expect(await asker.replyTo(id)).toMatchObject({ type: "zone.response", result: "done" });
});

test("a replica says how far it is, and waits a second for what its reader has seen", async () => {
  const there = await member(b);
  const { seq } = await say(there, "seen");
  const ask = (steward: WireClient, type: string, min_seq: number) =>
    steward.ask({ type, zone_id: zoneId, after_seq: 0, min_seq });
  for (const type of ["zone.history", "zone.members", "zone.inspect"]) {
    const answer = await ask(there, type, seq);
    expect(answer.replica).toEqual({
      state: "ready",
      seq: expect.any(Number),
      stale_ms: expect.any(Number),
      primary: a.nodeId,
    });
    expect(answer.replica.seq).toBeGreaterThanOrEqual(seq);
  }
  const startMs = performance.now();
  expect(await ask(there, "zone.history", seq + 1000)).toMatchObject({
    code: "replica_not_ready",
    reason: "BEHIND",
    retry_after_ms: expect.any(Number),
  });
  expect(performance.now() - startMs).toBeGreaterThan(950);
  const here = await member(a);
  const page = await ask(here, "zone.history", seq + 1000);
  expect(page).toMatchObject({ type: "zone.page", primary_head: { steward: a.nodeId } });
  expect(page.replica).toBeUndefined();
});

test("a direct message goes to whichever steward its receiver is at, and is acknowledged there", async () => {
  const key = createAgentKey();
  const here = await member(a);
  const there = await member(b, key);
  const ack = async (client: WireClient, to: string, content: string) => {
    const id = client.sendBody({ type: "note", content }, { to });
    await until("it is taken", () =>
      client.received.some(({ type, fields }) => type === "message_ack" && fields.msg_id === id),
    );
    return id;
  };
  const isThere = (client: WireClient, id: string) => () =>
    client.received.some(({ type, fields }) => type === "message" && fields.id === id);
  await until("it is known to be there", async () => {
    const { members } = await here.ask({ type: "zone.members", zone_id: zoneId, limit: 500 });
    return members.find(({ node_id }: { node_id: string }) => node_id === key.nodeId)?.online;
  });
  const out = await ack(here, key.nodeId, "out");
  await until("it arrived", isThere(there, out));
  const back = await ack(there, here.nodeId, "back");
  await until("the answer arrived", isThere(here, back));
  there.send("message_ack", { msg_id: out, status: "received" });
  here.send("message_ack", { msg_id: back, status: "received" });
  const count = ({ steward }: TestSteward) =>
    steward.zones.store.raw.prepare("SELECT count(*) FROM direct_messages").pluck().get();
  await until("nobody keeps them", () => count(a) === 0 && count(b) === 0);
});

test("with its primary gone a replica goes on reading, and says why it does no more", async () => {
  const [p, r] = await Promise.all([startReplica(), startReplica()]);
  onTestFinished(() => r[Symbol.asyncDispose]());
  const zone = creator.sign(toSet(p, [r]));
  await creator.create(p, zone);
  const client = await connect(r);
  const join = { type: "zone.join", zone_id: zone.id };
  await until("it is a member", async () => (await client.ask(join)).type === "zone.joined");
  await p[Symbol.asyncDispose]();
  const ask = () => client.ask(join);
  await until("the link is gone", async () => (await ask()).reason === "NO_PRIMARY");
  expect(await ask()).toMatchObject({ code: "steward_unavailable", recovery: "retry" });
  const change = { node_id: createAgentKey().nodeId };
  expect(await r.api("PUT", `/v1/zones/${zone.id}/bans/${change.node_id}`, {})).toMatchObject({
    status: 409,
    body: { error: { code: "conflict", details: { primary: p.nodeId } } },
  });
  const page = await client.ask({ type: "zone.history", zone_id: zone.id, after_seq: 0 });
  expect(page).toMatchObject({ type: "zone.page", head_seq: 2 });
});
