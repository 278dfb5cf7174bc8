import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NodeKey } from "../../src/identity/node-key.ts";
import { toHex } from "../../src/protocol/hex.ts";
import { createId } from "../../src/protocol/ids.ts";
import type { JsonObject } from "../../src/protocol/json.ts";
import { toMessageContent } from "../../src/protocol/signed-content.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

let a: TestSteward;
let b: TestSteward;
beforeAll(async () => {
  [a, b] = await Promise.all([startReplica(), startReplica()]);
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
});

/** A message as its sender made it, signed where there is a key. */
function toMessage(sender: NodeKey, to: string, body: JsonObject, isSigned = true): JsonObject {
  const timestamp = Math.floor(Date.now() / 1000);
  const message = { id: createId("msg"), from: sender.nodeId, to, timestamp, body };
  if (!isSigned) return message;
  const sig = toHex(sender.sign(toMessageContent(message)));
  return { ...message, public_key: sender.publicKeyHex, sig };
}

function toForward(zoneId: string, sender: NodeKey, message: JsonObject): JsonObject {
  const member = { node_id: sender.nodeId, name: "agent", skills: [], trust: "unknown" };
  return { type: "zone.forward", zone_id: zoneId, session: "s1", member, message };
}

describe("a primary", () => {
  const key = createAgentKey();
  const member = createAgentKey();
  let zoneId: string;
  let link: WireClient;

  beforeAll(async () => {
    const creator = new Creator();
    const zone = creator.sign(toSet(a, [{ nodeId: key.nodeId }]));
    await creator.create(a, zone);
    zoneId = zone.id;
    link = await WireClient.connect(a.wireUrl, { key });
  });
  afterAll(async () => {
    await link[Symbol.asyncDispose]();
  });

  async function forward(message: JsonObject): Promise<Reply> {
    return await link.replyTo(link.sendBody(toForward(zoneId, member, message)));
  }

  const request = () => ({
    type: "zone.request",
    request_id: "r",
    zone_id: zoneId,
    action: "echo",
  });

  test("answers what a replica forwards by zone.answer, with the member's id and session", async () => {
    const body = { type: "zone.join", request_id: "join", zone_id: zoneId };
    const message = toMessage(member, a.nodeId, body, false);
    const id = link.sendBody(toForward(zoneId, member, message));
    const about = { type: "zone.answer", zone_id: zoneId, node_id: member.nodeId, session: "s1" };
    expect(await link.replyTo(id)).toMatchObject({
      ...about,
      reply_to: message.id,
      ack: "received",
    });
  });

  test.each([
    ["unsigned", () => toMessage(member, a.nodeId, request(), false), "SIGNATURE_REQUIRED"],
    [
      "signed for something else",
      () => ({ ...toMessage(member, a.nodeId, request()), id: createId("msg") }),
      "SIGNATURE_INVALID",
    ],
    [
      "signed by another key",
      () => ({ ...toMessage(createAgentKey(), a.nodeId, request()), from: member.nodeId }),
      "SIGNATURE_INVALID",
    ],
  ])("refuses a request that is %s", async (_, create, reason) => {
    const message: JsonObject = create();
    const answer = await forward(message);
    expect(answer).toMatchObject({ reply_to: message.id, session: "s1" });
    expect(answer.error).toMatchObject({ code: 2001, reason, ref_msg_id: message.id });
  });

  test.each([
    ["another node's", () => ({ from: createAgentKey().nodeId })],
    ["for another steward", () => ({ to: b.nodeId })],
    ["late", () => ({ timestamp: Math.floor(Date.now() / 1000) - 1000 })],
    ["of an unknown type", () => ({ body: { type: "zone.nothing" } })],
    ["a new envelope", () => ({ body: { type: "zone.update", envelope: {} } })],
    ["about another zone", () => ({ body: { type: "zone.leave", zone_id: "zone_1" } })],
  ])("refuses a message that is %s", async (_, change) => {
    const body = { type: "zone.leave", zone_id: zoneId };
    const message = { ...toMessage(member, a.nodeId, body, false), ...change() };
    expect((await forward(message)).error).toMatchObject({ code: 2003 });
  });

  test("refuses by zone.answer what is not for it to order", async () => {
    const creator = new Creator();
    const replicaKey = createAgentKey();
    const zone = creator.sign(toSet(b, [a, { nodeId: replicaKey.nodeId }]));
    await creator.create(b, zone);
    await until("a has it", () => epochAt(a, zone.id) === 1);
    await using other = await WireClient.connect(a.wireUrl, { key: replicaKey });
    const body = { type: "zone.join", request_id: "join", zone_id: zone.id };
    const message = toMessage(member, a.nodeId, body, false);
    const answer = await other.replyTo(other.sendBody(toForward(zone.id, member, message)));
    expect(answer).toMatchObject({ type: "zone.answer", reply_to: message.id });
    expect(answer.body).toMatchObject({
      type: "zone.error",
      request_id: "join",
      code: "steward_unavailable",
      reason: "NOT_PRIMARY",
    });
  });
});

describe("a replica without a copy", () => {
  const primary = createAgentKey();
  let zoneId: string;
  beforeAll(async () => {
    const creator = new Creator();
    const zone = creator.sign(toSet({ nodeId: primary.nodeId }, [b]));
    const { envelope } = zone.next();
    const update = { type: "zone.update", envelope, chain: [zone.envelope] };
    expect(await creator.ask(b, update)).toMatchObject({ type: "zone.manifest" });
    zoneId = zone.id;
  });

  test("asks for a signature before anything else", async () => {
    await using client = await WireClient.connect(b.wireUrl);
    const id = client.sendBody({ type: "zone.request", zone_id: zoneId });
    const { fields } = await client.next("error");
    expect(fields).toMatchObject({ code: 2001, reason: "SIGNATURE_REQUIRED", ref_msg_id: id });
  });

  test("takes what is signed for the primary alone", async () => {
    const key = createAgentKey();
    await using client = await WireClient.connect(b.wireUrl, { key });
    const body = { type: "zone.request", request_id: "r", zone_id: zoneId, action: "echo" };
    client.send("message", toMessage(key, b.nodeId, body));
    expect((await client.next("error")).fields).toMatchObject({ code: 2003 });
    const message = toMessage(key, primary.nodeId, body);
    client.send("message", message);
    expect(await client.replyTo(String(message.id))).toMatchObject({ code: "replica_not_ready" });
  });

  test("says who else is there", async () => {
    await using client = await WireClient.connect(b.wireUrl);
    const body = { type: "zone.join", request_id: "join", zone_id: zoneId };
    expect(await client.ask(body)).toMatchObject({
      type: "zone.error",
      code: "replica_not_ready",
      retry_after_ms: expect.any(Number),
      entrypoints: [
        { node_id: primary.nodeId, role: "primary" },
        { node_id: b.nodeId, entrypoint: b.wireUrl, role: "replica" },
      ],
    });
    expect(await client.ask({ type: "zone.inspect", zone_id: zoneId })).toMatchObject({
      code: "replica_not_ready",
    });
  });
});

test("an update that its creator signed is taken by a replica, whichever of the two it is sent to", async () => {
  const creator = new Creator();
  let zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  await until("b has it", () => epochAt(b, zone.id) === 1);
  for (const to of [b, a]) {
    zone = zone.next({ name: `for ${to.nodeId.slice(0, 12)}` });
    await using client = await WireClient.connect(b.wireUrl, { key: creator.key });
    const body = { type: "zone.update", request_id: "u", envelope: zone.envelope };
    const message = toMessage(creator.key, to.nodeId, body);
    client.send("message", message);
    const answer = await client.replyTo(String(message.id));
    expect(answer).toMatchObject({
      type: "zone.manifest",
      envelope: { signature: expect.any(String) },
    });
  }
});
