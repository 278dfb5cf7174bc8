import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { toCanonicalJson } from "../../src/protocol/json.ts";
import { startSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";

/** Recomputes a log's hash chain from what `zone.page` carries. */
function verifyChain(zoneId: string, entries: Reply[]): void {
  let hash = createHash("sha256").update("atlas-zone-log-v1").update(zoneId).digest();
  entries.forEach(({ entry, hash: told }, index) => {
    expect(entry.seq).toBe(index + 1);
    hash = createHash("sha256").update(hash).update(toCanonicalJson(entry)).digest();
    expect(told).toBe(hash.toString("hex"));
  });
}

test("a message reaches every other member once, in seq order, and the sender its place", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  await using alice = await WireClient.connect(steward.wireUrl, { name: "alice" });
  await using bob = await WireClient.connect(steward.wireUrl, { name: "bob" });
  await alice.ask({ type: "zone.join", zone_id });
  const joined = await bob.ask({ type: "zone.join", zone_id });
  expect(joined).toMatchObject({ members: 2, epoch: 1, role: "member", seq: 3 });
  expect(await alice.nextBody("zone.event")).toMatchObject({
    event: "joined",
    node_id: bob.nodeId,
  });
  const ids = Array.from({ length: 50 }, () => createId("zmsg"));
  for (const id of ids) alice.sendBody({ type: "zone.message", zone_id, id, content: { id } });
  for (const [index, id] of ids.entries()) {
    const delivered = await bob.nextBody("zone.message");
    expect(delivered).toMatchObject({ id, seq: 4 + index, from: alice.nodeId, content: { id } });
  }
  await alice.nextBody("zone.sent");
  expect(alice.received.some((e) => (e.fields.body as Reply)?.type === "zone.message")).toBe(false);
  const page = await bob.ask({ type: "zone.history", zone_id, after_seq: 0, limit: 500 });
  expect(page.head_seq).toBe(53);
  verifyChain(zone_id, page.entries);
});

test("floats beyond 2^64 that hold whole numbers are delivered, kept and forwarded as they came", async () => {
  await using steward = await startSteward();
  const actions = [{ name: "echo", description: "Gives the params back." }];
  const zone_id = await steward.createZone({ actions });
  await using alice = await WireClient.connect(steward.wireUrl);
  await using bob = await WireClient.connect(steward.wireUrl);
  await alice.ask({ type: "zone.join", zone_id });
  await bob.ask({ type: "zone.join", zone_id });
  const content = { whole: 1, far: [2 ** 64, 1e20, -1e20, 123456789012345680000, 1e21] };
  const id = createId("zmsg");
  await alice.ask({ type: "zone.message", zone_id, id, content });
  expect(await bob.nextBody("zone.message")).toMatchObject({ content });
  const page = await bob.ask({ type: "zone.history", zone_id, after_seq: 0, limit: 500 });
  expect(page.entries.at(-1).entry.data.content).toEqual(content);
  verifyChain(zone_id, page.entries);
  const request = { type: "zone.request", zone_id, request_id: "r", action: "echo" };
  const response = await alice.ask({ ...request, params: content });
  expect(response).toMatchObject({ type: "zone.response", result: content });
});

test("the same zone message id gets the same seq; with other content it is a conflict", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  await using alice = await WireClient.connect(steward.wireUrl);
  await alice.ask({ type: "zone.join", zone_id });
  const id = createId("zmsg");
  const first = await alice.ask({ type: "zone.message", zone_id, id, content: { b: 1, a: 2 } });
  const again = await alice.ask({ type: "zone.message", zone_id, id, content: { a: 2, b: 1 } });
  expect(again.seq).toBe(first.seq);
  const other = await alice.ask({ type: "zone.message", zone_id, id, content: "x" });
  expect(other).toMatchObject({ code: "invalid_params", reason: "MESSAGE_ID_CONFLICT" });
});

test("the same message id is acknowledged again and not processed again, restart included", async () => {
  const first = await startSteward();
  const zone_id = await first.createZone();
  const key = createAgentKey();
  const id = createId("msg");
  const body = { type: "zone.leave", zone_id };
  {
    await using alice = await WireClient.connect(first.wireUrl, { key });
    await alice.ask({ type: "zone.join", zone_id });
    alice.sendBody(body, { id });
    await alice.nextBody("zone.left");
    alice.sendBody(body, { id });
    await alice.take((e) => e.type === "message_ack");
    await alice.take((e) => e.type === "message_ack");
    expect(alice.received.filter((e) => e.type === "message")).toEqual([]);
  }
  await first.steward[Symbol.asyncDispose]();
  await using second = await startSteward({ dataDir: first.dataDir });
  await using alice = await WireClient.connect(second.wireUrl, { key });
  await alice.ask({ type: "zone.join", zone_id });
  alice.sendBody(body, { id });
  await alice.take((e) => e.type === "message_ack");
  const page = await alice.ask({ type: "zone.members", zone_id });
  expect(page.members).toHaveLength(1);
});

test("directory and members are paged by cursor without a gap", async () => {
  await using steward = await startSteward();
  const zones = [];
  for (let i = 0; i < 5; i++) zones.push(await steward.createZone({ name: `zone ${i}` }));
  await using alice = await WireClient.connect(steward.wireUrl);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await alice.ask({ type: "zone.discover", limit: 2, ...(cursor && { cursor }) });
    seen.push(...page.zones.map((zone: { zone_id: string }) => zone.zone_id));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(zones);
  const found = await alice.ask({ type: "zone.discover", filter: { keyword: "ZONE 3" } });
  expect(found.zones.map((zone: { name: string }) => zone.name)).toEqual(["zone 3"]);
});

test("on shutdown every session is told server_shutdown", async () => {
  const steward = await startSteward();
  await using alice = await WireClient.connect(steward.wireUrl);
  const ended = steward[Symbol.asyncDispose]();
  expect((await alice.next("disconnect")).fields.reason).toBe("server_shutdown");
  await alice.waitClosed();
  await ended;
});
