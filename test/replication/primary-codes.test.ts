import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { beginForeignZone, openForeignZone } from "./support/foreign-primary.ts";
import { ForeignSteward, heard } from "./support/foreign-steward.ts";
import { answersTo, expectSentOn } from "./support/outcome.ts";
import { LEASE_MS, startReplica, toSet, until } from "./support/replicated-zone.ts";
import { ToldZone } from "./support/told-zone.ts";
import { type HeldZone, joinHeld, openHeldZone } from "./support/voter.ts";

/** Longer than any of these tests. */
const LONG_MS = 60_000;
const FRAMES = 200;
const MIB = 1024 * 1024;

let a: TestSteward;
let small: TestSteward;
beforeAll(async () => {
  const replication = { allow: ["*"], gate_frames_per_zone: FRAMES, gate_bytes_per_zone: MIB };
  [a, small] = await Promise.all([startReplica(), startReplica({ config: { replication } })]);
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), small[Symbol.asyncDispose]()]);
});

const toMessage = ({ zoneId: zone_id }: Pick<HeldZone, "zoneId">, content: unknown = "hello") => ({
  ...{ type: "zone.message", zone_id, id: createId("zmsg"), content },
});

async function openJoined(steward: TestSteward, options: Parameters<typeof openHeldZone>[1] = {}) {
  const held = await openHeldZone(steward, options);
  await joinHeld(held);
  return held;
}

/** Sends a message, and waits until its commit is at the voter, who does not acknowledge it. */
async function sendUnacknowledged(held: HeldZone, body: Reply = toMessage(held)): Promise<string> {
  const before = held.voter.newest?.n ?? 0;
  const id = held.client.sendBody(body);
  await until("the commit came", () => (held.voter.newest?.n ?? 0) > before);
  return id;
}

async function connect({ wireUrl }: TestSteward): Promise<WireClient> {
  const client = await WireClient.connect(wireUrl);
  onTestFinished(() => client[Symbol.asyncDispose]());
  return client;
}

const overloaded = { code: "steward_unavailable", reason: "OVERLOADED", recovery: "retry" };

describe("what waits for acknowledgements has a bound, beyond which nothing is begun", () => {
  test("of frames, changes and questions alike, until they are gone", async () => {
    const held = await openJoined(small, { leaseMs: LONG_MS });
    const { client, voter, zoneId } = held;
    const ids = Array.from({ length: FRAMES }, () => client.sendBody(toMessage(held)));
    const refusal = await client.replyTo(ids.at(-1) ?? "");
    expectSentOn(refusal, overloaded, small.nodeId);
    const read = { type: "zone.members", zone_id: zoneId };
    expectSentOn(await client.ask(read), overloaded, small.nodeId);
    const refused = ids.filter((id) => answersTo(client, id).includes("OVERLOADED"));
    const end = voter.ackAll();
    await until("what was taken is answered", () =>
      ids.every((id) => answersTo(client, id).length > 0),
    );
    const taken = ids.filter((id) => answersTo(client, id).includes("zone.sent"));
    expect(taken.length + refused.length + 1).toBe(FRAMES);
    expect(taken.length).toBeGreaterThan(FRAMES / 4);
    expect(await client.ask(toMessage(held))).toMatchObject({ type: "zone.sent" });
    end();
  });

  test("of bytes", async () => {
    const held = await openJoined(small, { leaseMs: LONG_MS });
    const { client, voter, zoneId } = held;
    const end = voter.ackAll();
    await client.ask(toMessage(held, "x".repeat(300 * 1024)));
    end();
    await sendUnacknowledged(held);
    const read = async () => {
      const id = client.sendBody({ type: "zone.history", zone_id: zoneId, after_seq: 0 });
      client.send("ping", { ts: 1 });
      await client.next("pong");
      return id;
    };
    const ids = [await read(), await read(), await read(), await read(), await read()];
    expectSentOn(await client.replyTo(ids[4] ?? ""), overloaded, small.nodeId);
    voter.ack();
    expect((await client.replyTo(ids[0] ?? "")).entries).toHaveLength(3);
  });
});

test("whoever waits at a primary that another one replaces is told DEPOSED; then it sends on, or is no steward", async () => {
  const held = await openJoined(a, { leaseMs: LONG_MS });
  const { client, zone, zoneId, creator, voter } = held;
  const run = {
    type: "zone.request",
    request_id: "r",
    zone_id: zoneId,
    action: "echo",
    params: {},
  };
  const ids = [await sendUnacknowledged(held), await sendUnacknowledged(held, run)];
  const voterRef = { nodeId: voter.key.nodeId };
  const next = zone.next({ steward_set: toSet(voterRef, [a]) });
  expect(await creator.update(a, next)).toMatchObject({ type: "zone.manifest" });
  for (const id of ids) {
    const reply = await client.replyTo(id);
    expect(reply).toMatchObject({
      code: "stale_manifest",
      reason: "DEPOSED",
      recovery: "reconcile",
    });
    expect(answersTo(client, id)).toEqual(["ack"]);
  }
  const away = { code: "steward_unavailable", reason: "NO_PRIMARY" };
  expectSentOn(await client.ask(toMessage(held)), away, voterRef.nodeId);
  const last = next.next({ steward_set: toSet(voterRef, [{ nodeId: createAgentKey().nodeId }]) });
  voter.link.sendBody({ type: "zone.epoch", zone_id: zoneId, envelopes: [last.envelope] });
  await until("it is named no more", async () => {
    return (await client.ask(toMessage(held))).code === "not_steward";
  });
  for (const body of [toMessage(held), { type: "zone.inspect", zone_id: zoneId }]) {
    expectSentOn(await client.ask(body), { code: "not_steward" }, voterRef.nodeId);
  }
});

test("a zone begins at its primary: another steward of it says who that is", async () => {
  const held = await openHeldZone(a);
  const { creator } = held;
  const other = creator.sign(toSet({ nodeId: held.voter.key.nodeId }, [a]));
  const reply = await creator.ask(a, { type: "zone.create", envelope: other.envelope });
  expectSentOn(reply, { code: "not_steward" }, held.voter.key.nodeId);
});

test("a disk that is slow: answers are REPLICATION_TIMEOUT after L, and what they told of happens once it is acknowledged", async () => {
  const held = await openJoined(a);
  const { client, voter, zoneId } = held;
  const listener = await connect(a);
  await joinHeld(held, listener);
  const said = toMessage(held, "late");
  const run = {
    type: "zone.request",
    request_id: "r",
    zone_id: zoneId,
    action: "echo",
    params: { n: 1 },
  };
  const ids = [await sendUnacknowledged(held, said), await sendUnacknowledged(held, run)];
  const startMs = performance.now();
  const timeout = { code: "internal", reason: "REPLICATION_TIMEOUT", recovery: "reconcile" };
  for (const id of ids) {
    expect(await client.replyTo(id)).toMatchObject(timeout);
    expect(answersTo(client, id)).toEqual(["ack"]);
  }
  expect(performance.now() - startMs).toBeGreaterThan(LEASE_MS / 2);
  const isHeard = () =>
    listener.received.some(({ fields }) => (fields.body as Reply | undefined)?.content === "late");
  expect(isHeard()).toBe(false);
  const end = voter.ackAll();
  await until("the others hear it", isHeard);
  expect(await client.ask(said)).toMatchObject({ type: "zone.sent", id: said.id });
  await until("the request is answered", async () => {
    const receipt = await client.ask({ type: "zone.receipt", zone_id: zoneId, request_id: "r" });
    return receipt.type === "zone.response" && receipt.result.n === 1;
  });
  end();
});

test("a primary that finds evidence is HALTED: nothing is changed, reads go on, until its operator decides", async () => {
  const former = await ForeignSteward.start();
  const key = createAgentKey();
  const { zone, told, creator, link } = await openForeignZone(former, a, [key.nodeId]);
  const next = zone.next({ steward_set: toSet(a, [], [former]) });
  await creator.update(a, next);
  const member = await WireClient.connect(a.wireUrl, { key });
  onTestFinished(() => member[Symbol.asyncDispose]());
  const say = () => member.ask(toMessage({ zoneId: zone.id }));
  await until("it has taken over", async () => (await say()).type === "zone.sent");

  const fork = new ToldZone({ zoneId: zone.id, envelopeHash: zone.hash, signer: former.signer });
  fork.commit({ epoch: 1, messages: ["first"], isFirst: true });
  fork.commit({ epoch: 1, messages: ["another second"] });
  for (const history of [told, fork]) {
    const head = history.headAt(history.commits.length);
    former.say(link, { type: "zone.head", zone_id: zone.id, n: 3, head });
  }
  let refusal: Reply = {};
  await until("it is halted", async () => {
    refusal = await say();
    return refusal.type === "zone.error";
  });
  expectSentOn(refusal, { code: "steward_unavailable", reason: "HALTED" }, a.nodeId);
  const page = await member.ask({ type: "zone.history", zone_id: zone.id, after_seq: 0 });
  expect(page.entries.length).toBeGreaterThan(2);
  const { body } = await a.api("GET", `/v1/replicas/${zone.id}/evidence`);
  expect(body.evidence).toMatchObject([{ kind: "HEADS", signer: former.nodeId, epoch: 1, seq: 3 }]);
  expect((await a.api("POST", `/v1/replicas/${zone.id}/resync`)).status).toBe(202);
  expect(await say()).toMatchObject({ type: "zone.sent" });
});

describe("a zone.replicate is refused, by the first rule that applies, where", () => {
  /** A learner's question to a steward that follows a primary that a test speaks for. */
  async function open(hasCopy: boolean) {
    const primary = await ForeignSteward.start();
    const learner = await ForeignSteward.start();
    const begun = await (hasCopy ? openForeignZone(primary, a) : beginForeignZone(primary, [a]));
    const { zone, creator } = begun;
    const next = zone.next({ steward_set: toSet(primary, [a], [learner]) });
    await creator.update(a, next);
    const { link, position } = await learner.dial(a, next);
    onTestFinished(() => link[Symbol.asyncDispose]());
    const ask = (change: Reply = {}) => {
      const { envelope_hash } = position;
      const asked = { zone_id: zone.id, epoch: 2, envelope_hash, window: 65_536, position: null };
      const log = [{ seq: 0, hash: "0".repeat(64) }];
      return link.replyTo(link.sendBody({ type: "zone.replicate", ...asked, log, ...change }));
    };
    return { ask, primary, learner, zone: next, creator };
  }

  test("the steward is a replica, or the question of another epoch or envelope", async () => {
    const { ask, primary } = await open(true);
    const refused = { code: "steward_unavailable", reason: "NOT_PRIMARY" };
    expectSentOn(await ask(), refused, primary.nodeId);
    expectSentOn(await ask({ recover: true }), refused, primary.nodeId);
    expect(await ask({ epoch: 1 })).toMatchObject({
      code: "stale_manifest",
      envelopes: [{ epoch: 2 }],
    });
    expect(await ask({ epoch: 3 })).toMatchObject({ code: "stale_manifest" });
    expect((await ask({ epoch: 3 })).envelopes).toBeUndefined();
    const fork = { envelope_hash: "0".repeat(64) };
    expect(await ask(fork)).toMatchObject({ code: "stale_manifest", reason: "FORK" });
  });

  test("the steward has no copy, or the zone is not here", async () => {
    const { ask, primary, zone } = await open(false);
    await heard(primary, zone.id, "zone.replicate");
    expectSentOn(await ask(), { code: "replica_not_ready" }, primary.nodeId);
    const other = createId("zone");
    expect(await ask({ zone_id: other })).toMatchObject({ code: "zone_not_found" });
  });

  test("the steward is named no more", async () => {
    const { ask, primary, learner, zone, creator } = await open(true);
    const next = zone.next({ steward_set: toSet(primary, [], [learner]) });
    const { link } = await primary.dial(a, next);
    onTestFinished(() => link[Symbol.asyncDispose]());
    expect(await creator.update(a, next)).toMatchObject({ code: "not_steward" });
    expectSentOn(await ask({ epoch: 3 }), { code: "not_steward" }, primary.nodeId);
  });
});
