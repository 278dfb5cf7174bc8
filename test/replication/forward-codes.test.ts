import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { toHex } from "../../src/protocol/hex.ts";
import { createId } from "../../src/protocol/ids.ts";
import { toMessageContent } from "../../src/protocol/signed-content.ts";
import { replicationSchema } from "../../src/replication/config.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { openForeignZone } from "./support/foreign-primary.ts";
import { type Asked, ForeignSteward, heard } from "./support/foreign-steward.ts";
import { answersTo, expectSentOn } from "./support/outcome.ts";
import { epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

const TIMEOUT_MS = 600;
const { forwards_per_link: COUNT, forward_bytes_per_link: BYTES } = replicationSchema.parse({});
const MIB = 1024 * 1024;

let b: TestSteward;
beforeAll(async () => {
  const replication = { allow: ["*"], forward_timeout_ms: TIMEOUT_MS };
  b = await startReplica({ config: { replication } });
});
afterAll(async () => {
  await b[Symbol.asyncDispose]();
});

/** A replica of a primary that a test speaks for, and a member there. */
async function open() {
  const primary = await ForeignSteward.start();
  const key = createAgentKey();
  const zone = await openForeignZone(primary, b, [key.nodeId]);
  const member = await WireClient.connect(b.wireUrl, { key });
  onTestFinished(() => member[Symbol.asyncDispose]());
  const say = (content: unknown) =>
    member.sendBody({
      ...{ type: "zone.message", zone_id: zone.zone.id, request_id: "say" },
      ...{ id: createId("zmsg"), content },
    });
  return { primary, member, say, ...zone, zoneId: zone.zone.id };
}

type World = Awaited<ReturnType<typeof open>>;

/** The primary's zone.answer to what was forwarded, of a commit that the replica has released. */
function answer({ primary }: World, forward: Asked, part: Reply): void {
  const { zone_id, member, message, session } = forward.body;
  const about = { zone_id, node_id: member.node_id, session, reply_to: message.id };
  primary.reply(forward, { type: "zone.answer", ...about, n: 3, ...part });
}

const sent = ({ body }: Asked, seq: number): Reply => {
  const { zone_id, body: asked } = { ...body.message, zone_id: body.zone_id };
  return { body: { type: "zone.sent", request_id: "say", zone_id, id: asked.id, seq } };
};

const isLost = { code: "steward_unavailable", reason: "FORWARD_LOST", recovery: "reconcile" };

test("what a primary has and says nothing to is FORWARD_LOST after a while: its effect is unknown", async () => {
  const world = await open();
  const { member, say, primary, zoneId } = world;
  const startMs = performance.now();
  const id = say("unanswered");
  await heard(primary, zoneId, "zone.forward");
  const reply = await member.replyTo(id);
  expect(performance.now() - startMs).toBeGreaterThan(TIMEOUT_MS - 50);
  expectSentOn(reply, { ...isLost, request_id: "say" }, primary.nodeId);
  expect(answersTo(member, id)).toEqual(["ack"]);
});

test("a link that breaks loses what is on its way, after the acknowledgement that came, and nothing that was answered", async () => {
  const world = await open();
  const { member, say, primary, zoneId } = world;
  const ids = ["nothing", "acknowledged", "answered"].map(say);
  await heard(primary, zoneId, "zone.forward", 3);
  const forwards = primary.listAsked(zoneId, "zone.forward");
  for (const forward of forwards.slice(1)) answer(world, forward, { ack: "received" });
  answer(world, forwards[2] as Asked, sent(forwards[2] as Asked, 3));
  await until("the answer is passed on", () => answersTo(member, ids[2] ?? "").length === 2);
  primary.drop();
  await until("the others are lost", () =>
    ids.slice(0, 2).every((id) => answersTo(member, id).length === 2),
  );
  expect(ids.map((id) => answersTo(member, id))).toEqual([
    ["ack", "FORWARD_LOST"],
    ["ack", "FORWARD_LOST"],
    ["ack", "zone.sent"],
  ]);
  const reply = await member.ask({ type: "zone.leave", zone_id: zoneId });
  expectSentOn(reply, { code: "steward_unavailable", reason: "NO_PRIMARY" }, primary.nodeId);
});

test("what waits for a primary that another one replaces is FORWARD_LOST at once, though that one has it", async () => {
  const world = await open();
  const { member, say, primary, zoneId, creator, zone } = world;
  const ids = ["nothing", "acknowledged"].map(say);
  const forward = await heard(primary, zoneId, "zone.forward", 2);
  answer(world, forward, { ack: "received" });
  await until(
    "the acknowledgement is passed on",
    () => answersTo(member, ids[1] ?? "").length === 1,
  );
  const next = zone.next({ steward_set: toSet(b, [], [primary]) });
  expect(await creator.update(b, next)).toMatchObject({ type: "zone.manifest" });
  for (const id of ids) {
    expectSentOn(await member.replyTo(id), isLost, b.nodeId);
    expect(answersTo(member, id)).toEqual(["ack"]);
  }
  expect(epochAt(b, zoneId)).toBe(2);
});

test("a provider's result has no answer but its acknowledgement: nothing of it is lost later", async () => {
  const world = await open();
  const { member, primary, zoneId } = world;
  const body = { type: "zone.result", invoke_id: "inv_1", result: 1 };
  const timestamp = Math.floor(Date.now() / 1000);
  const fields = { id: createId("msg"), from: member.nodeId, to: primary.nodeId, timestamp, body };
  const sig = toHex(member.key.sign(toMessageContent(fields)));
  member.send("message", { ...fields, public_key: member.key.publicKeyHex, sig });
  answer(world, await heard(primary, zoneId, "zone.forward"), { ack: "received" });
  await until("it is acknowledged", () => answersTo(member, fields.id).length === 1);
  primary.drop();
  await until("the link is gone", async () => {
    return (await member.ask({ type: "zone.leave", zone_id: zoneId })).reason === "NO_PRIMARY";
  });
  expect(answersTo(member, fields.id)).toEqual(["ack"]);
});

test("of what a primary says nothing to so many messages may be on their way over a link, and one more once it has one", async () => {
  const world = await open();
  const { member, say, primary, zoneId } = world;
  for (let i = 0; i < COUNT; i++) say({ i });
  const id = say("one too many");
  const reply = await member.replyTo(id);
  expectSentOn(reply, { code: "steward_unavailable", reason: "OVERLOADED" }, primary.nodeId);
  await heard(primary, zoneId, "zone.forward", COUNT);
  const [first] = primary.listAsked(zoneId, "zone.forward");
  answer(world, first as Asked, { ack: "received" });
  await until("it is acknowledged", () =>
    member.received.some(({ type }) => type === "message_ack"),
  );
  say("now there is room");
  const last = await heard(primary, zoneId, "zone.forward", COUNT + 1);
  expect(last.body.message.body.content).toBe("now there is room");
});

test("or 8 MiB, and of one message less than what carries it may be", async () => {
  const world = await open();
  const { member, say, primary, zoneId } = world;
  const content = "x".repeat((BYTES * 3) / 8);
  const ids = [say(content), say(content), say(content)];
  const reply = await member.replyTo(ids[2] ?? "");
  expectSentOn(reply, { code: "steward_unavailable", reason: "OVERLOADED" }, primary.nodeId);
  await heard(primary, zoneId, "zone.forward", 2);
  const tooLong = say("x".repeat(4 * MIB - 4096));
  expect((await member.next("error")).fields).toMatchObject({ code: 2003, ref_msg_id: tooLong });
  expect(primary.listAsked(zoneId, "zone.forward")).toHaveLength(2);
});
