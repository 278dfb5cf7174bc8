import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import type { TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { answersTo } from "./support/outcome.ts";
import { LEASE_MS, startReplica, until } from "./support/replicated-zone.ts";
import { joinHeld, openHeldZone } from "./support/voter.ts";

let a: TestSteward;
beforeAll(async () => {
  a = await startReplica({ config: { handlers: { "*": { echo: { type: "provider" } } } } });
});
afterAll(async () => {
  await a[Symbol.asyncDispose]();
});

const toMessage = (zoneId: string) => ({
  type: "zone.message",
  zone_id: zoneId,
  id: createId("zmsg"),
  content: "hello",
});

test("nothing of a commit leaves before a voter holds it, and then all of it does, in order", async () => {
  const opened = await openHeldZone(a);
  await joinHeld(opened);
  const { client, voter, zoneId } = opened;
  const before = voter.newest?.n ?? 0;
  const id = client.sendBody(toMessage(zoneId));
  await until("the commit came", () => (voter.newest?.n ?? 0) > before);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(answersTo(client, id)).toEqual([]);
  voter.ack();
  await until("both came", () => answersTo(client, id).length === 2);
  expect(answersTo(client, id)).toEqual(["ack", "zone.sent"]);
});

test("without an acknowledgement for L the MessageAck goes, and the answer is REPLICATION_TIMEOUT; then nobody is in charge", async () => {
  const opened = await openHeldZone(a);
  await joinHeld(opened);
  const { client, zoneId } = opened;
  const message = toMessage(zoneId);
  const id = client.sendBody(message);
  const read = client.sendBody({ type: "zone.members", zone_id: zoneId });
  const startMs = performance.now();
  expect(await client.replyTo(id)).toMatchObject({
    type: "zone.error",
    code: "internal",
    reason: "REPLICATION_TIMEOUT",
    recovery: "reconcile",
  });
  expect(performance.now() - startMs).toBeGreaterThan(LEASE_MS - 50);
  expect(answersTo(client, id)).toEqual(["ack"]);
  expect(await client.replyTo(read)).toMatchObject({
    code: "steward_unavailable",
    reason: "NO_LEASE",
  });
  clearInterval(opened.pings);
  await until("the lease is over", async () => {
    const answer = await client.ask(toMessage(zoneId));
    return answer.reason === "NO_LEASE";
  });
  expect(await client.ask(toMessage(zoneId))).toMatchObject({
    code: "steward_unavailable",
    retry_after_ms: expect.any(Number),
    entrypoints: expect.any(Array),
  });
});

test("a page ends at the newest released entry", async () => {
  const opened = await openHeldZone(a);
  await joinHeld(opened);
  const { client, voter, zoneId } = opened;
  const before = voter.newest?.n ?? 0;
  client.sendBody(toMessage(zoneId));
  await until("the commit came", () => (voter.newest?.n ?? 0) > before);
  const id = client.sendBody({ type: "zone.history", zone_id: zoneId, after_seq: 0 });
  setTimeout(() => voter.ack(), 100);
  const page = await client.replyTo(id);
  expect(page).toMatchObject({ type: "zone.page", head_seq: 2, epoch_seq: 1 });
  expect(page.entries).toHaveLength(2);
  expect(page.primary_head).toMatchObject({ seq: 2, epoch: 1, steward: a.nodeId });
  const next = client.sendBody({ type: "zone.history", zone_id: zoneId, after_seq: 2 });
  expect((await client.replyTo(next)).entries).toHaveLength(1);
});

test("a free action is run once a voter holds its record", async () => {
  const opened = await openHeldZone(a);
  const { client, voter, zoneId, creator } = opened;
  const provider = await WireClient.connect(a.wireUrl);
  onTestFinished(() => provider[Symbol.asyncDispose]());
  for (const member of [client, provider]) await joinHeld(opened, member);
  const end = voter.ackAll();
  const of = { zone_id: zoneId, actions: ["echo"] };
  await creator.ask(a, { type: "zone.approve", node_id: provider.nodeId, ...of });
  const offer = await provider.ask({ type: "zone.provide", ...of });
  expect(offer).toMatchObject({ type: "zone.providing" });
  end();
  const before = voter.newest?.n ?? 0;
  const body = { request_id: "r", zone_id: zoneId, action: "echo", params: { n: 1 } };
  const id = client.sendBody({ type: "zone.request", ...body });
  await until("the commit came", () => (voter.newest?.n ?? 0) > before);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(answersTo(client, id)).toEqual([]);
  const isAsked = ({ fields }: { fields: Readonly<Record<string, unknown>> }) =>
    (fields.body as { type?: string } | undefined)?.type === "zone.invoke";
  expect(provider.received.filter(isAsked)).toEqual([]);
  onTestFinished(voter.ackAll());
  const { invoke_id } = await provider.nextBody("zone.invoke");
  provider.sendBody({ type: "zone.result", invoke_id, result: { n: 1 } });
  expect(await client.replyTo(id)).toMatchObject({ type: "zone.response", result: { n: 1 } });
});

test("with min_acks 0 messages go at once, and money waits for a voter", async () => {
  const opened = await openHeldZone(a, { minAcks: 0 });
  const { client, zoneId } = opened;
  expect(await client.ask({ type: "zone.join", zone_id: zoneId })).toMatchObject({
    type: "zone.joined",
  });
  expect(await client.ask(toMessage(zoneId))).toMatchObject({ type: "zone.sent" });
});
