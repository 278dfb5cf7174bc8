import { expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { createNodeId, expectError } from "./support.ts";

test("sessions are listed in pages and can be closed one by one", async () => {
  await using steward = await startSteward();
  await using ann = await WireClient.connect(steward.wireUrl, { name: "ann", skills: ["x"] });
  await using bob = await WireClient.connect(steward.wireUrl, { name: "bob", bound: false });
  await using _stranger = await WireClient.open(steward.wireUrl);
  const first = (await steward.api("GET", "/v1/sessions?limit=1")).body;
  const second = (await steward.api("GET", `/v1/sessions?limit=1&after=${first.next}`)).body;
  expect(second.next).toBeUndefined();
  expect([...first.sessions, ...second.sessions]).toMatchObject([
    { node_id: ann.nodeId, name: "ann", skills: ["x"], bound: true, address: "127.0.0.1" },
    { node_id: bob.nodeId, name: "bob", bound: false, trust: "unknown" },
  ]);
  const [session] = first.sessions;
  expect((await steward.api("DELETE", `/v1/sessions/${session.id}`)).status).toBe(204);
  expect((await ann.next("disconnect")).fields).toMatchObject({ reason: "normal" });
  await ann.waitClosed();
  expect(bob.closed).toBe(false);
  expectError(await steward.api("DELETE", `/v1/sessions/${session.id}`), 404, "not_found");
  const left = (await steward.api("GET", "/v1/sessions")).body.sessions;
  expect(left.map((one: { node_id: string }) => one.node_id)).toEqual([bob.nodeId]);
});

test("a ban by the rate limit is listed, and lifting it lets the node speak before its end", async () => {
  const limits = { unknown: { messages_per_second: 1 }, violations: 2 };
  let nowMs = Date.now();
  await using steward = await startSteward({ config: { limits }, nowMs: () => nowMs });
  await using agent = await WireClient.connect(steward.wireUrl);
  const discover = { type: "zone.discover" };
  for (let count = 0; count < 3; count++) agent.sendBody(discover);
  for (let count = 0; count < 2; count++) await agent.next("error");
  const { bans } = (await steward.api("GET", "/v1/bans")).body;
  expect(bans).toEqual([
    {
      node_id: agent.nodeId,
      reason: "rate limit",
      created_at: expect.any(Number),
      expires_at: bans[0].created_at + 600,
    },
  ]);
  const path = `/v1/bans/${agent.nodeId}`;
  expect((await steward.api("DELETE", path)).status).toBe(204);
  expect((await steward.api("GET", "/v1/bans")).body.bans).toEqual([]);
  // The ban would last ten minutes; only the bucket has to fill again.
  nowMs += 1_000;
  await using again = await WireClient.connect(steward.wireUrl, { key: agent.key });
  expect(await again.ask(discover)).toMatchObject({ type: "zone.directory" });
  expectError(await steward.api("DELETE", path), 404, "not_found");
  expectError(await steward.api("DELETE", "/v1/bans/me"), 400, "invalid_request");
  expectError(await steward.api("DELETE", `/v1/bans/${createNodeId()}`), 404, "not_found");
});

test("an operator bans a node from the steward: its sessions end, and it cannot come back before the ban's end", async () => {
  let nowMs = Date.now();
  await using steward = await startSteward({ nowMs: () => nowMs });
  await using agent = await WireClient.connect(steward.wireUrl);
  await using other = await WireClient.connect(steward.wireUrl);
  const path = `/v1/bans/${agent.nodeId}`;
  const expires_at = Math.floor(nowMs / 1000) + 20;
  const made = await steward.api("PUT", path, { expires_at, reason: "spam" });
  expect(made).toMatchObject({ status: 200, body: { node_id: agent.nodeId, expires_at } });
  expect((await agent.next("disconnect")).fields).toMatchObject({ reason: "banned" });
  await agent.waitClosed();
  expect(other.closed).toBe(false);
  const connect = () => WireClient.connect(steward.wireUrl, { key: agent.key });
  await expect(connect()).rejects.toThrow("banned");
  const stranger = createNodeId();
  await steward.api("PUT", `/v1/bans/${stranger}`, { expires_at });
  const { bans } = (await steward.api("GET", "/v1/bans")).body;
  expect(bans.map((ban: { reason: string }) => ban.reason).toSorted()).toEqual([
    "operator",
    "spam",
  ]);
  nowMs += 20_000;
  await using again = await connect();
  expect(again.nodeId).toBe(agent.nodeId);
  expectError(await steward.api("PUT", path, { expires_at: 1 }), 400, "invalid_request");
  expectError(await steward.api("PUT", path, {}), 400, "invalid_request");
});
