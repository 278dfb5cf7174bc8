import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { toCanonicalJson } from "../../src/protocol/json.ts";
import { toEntryHash, toGenesisHash } from "../../src/zones/log/log.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { createNodeId, expectError } from "./support.ts";

let nowMs = Date.now();
let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward({ nowMs: () => nowMs });
});
afterAll(() => steward[Symbol.asyncDispose]());

/** A zone with two members. */
async function openRoom() {
  const zoneId = await steward.createZone();
  const stack = new AsyncDisposableStack();
  const join = { type: "zone.join", zone_id: zoneId };
  const [ann, bob] = await Promise.all(
    ["ann", "bob"].map((name) => WireClient.connect(steward.wireUrl, { name })),
  );
  if (ann === undefined || bob === undefined) throw new Error("no agents");
  stack.use(ann);
  stack.use(bob);
  await ann.ask(join);
  await bob.ask(join);
  await ann.nextBody("zone.event");
  return {
    ann,
    bob,
    zoneId,
    join,
    ban: (body?: unknown, nodeId = bob.nodeId) =>
      steward.api("PUT", `/v1/zones/${zoneId}/bans/${nodeId}`, body),
    unban: (nodeId = bob.nodeId) => steward.api("DELETE", `/v1/zones/${zoneId}/bans/${nodeId}`),
    remove: (nodeId = bob.nodeId) => steward.api("DELETE", `/v1/zones/${zoneId}/members/${nodeId}`),
    get: async (what: string) => (await steward.api("GET", `/v1/zones/${zoneId}/${what}`)).body,
    say: (from: WireClient, text: string) =>
      from.ask({
        type: "zone.message",
        zone_id: zoneId,
        id: createId("zmsg"),
        content: text,
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe("members", () => {
  test("are listed in pages by node id", async () => {
    await using room = await openRoom();
    const first = await room.get("members?limit=1");
    const second = await room.get(`members?limit=1&after=${first.next}`);
    const ids = [...first.members, ...second.members].map((member) => member.node_id);
    expect(ids).toEqual([room.ann.nodeId, room.bob.nodeId].sort());
    expect(second.next).toBeUndefined();
    expect(first.members[0]).toMatchObject({
      role: "member",
      skills: [],
      online: true,
      joined_at: expect.any(Number),
    });
  });

  test("a removed member hears of it, is out, and may join again", async () => {
    await using room = await openRoom();
    expect((await room.remove()).status).toBe(204);
    for (const client of [room.ann, room.bob]) {
      expect(await client.nextBody("zone.event")).toMatchObject({
        event: "removed",
        node_id: room.bob.nodeId,
      });
    }
    expect(await room.say(room.bob, "x")).toMatchObject({ code: "not_member" });
    await room.say(room.ann, "behind his back");
    expect((await room.get("members")).members).toHaveLength(1);
    expect(await room.bob.ask(room.join)).toMatchObject({ type: "zone.joined", members: 2 });
    await room.say(room.ann, "welcome");
    expect(await room.bob.nextBody("zone.message")).toMatchObject({ content: "welcome" });
    expectError(await room.remove(createNodeId()), 404, "not_found");
    expectError(await room.remove("atlas_1"), 400, "invalid_request");
  });
});

describe("bans", () => {
  test("a banned member hears of it, is out, and cannot come back until it is lifted", async () => {
    await using room = await openRoom();
    const answer = await room.ban({ reason: "spam" });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      node_id: room.bob.nodeId,
      reason: "spam",
      created_at: expect.any(Number),
    });
    for (const client of [room.ann, room.bob]) {
      expect(await client.nextBody("zone.event")).toMatchObject({
        event: "banned",
        node_id: room.bob.nodeId,
        reason: "spam",
      });
    }
    expect(await room.bob.ask(room.join)).toMatchObject({ code: "banned" });
    expect(await room.get("bans")).toEqual({ bans: [answer.body] });
    expect((await room.get("members")).members).toHaveLength(1);
    expect((await room.unban()).status).toBe(204);
    expect(await room.ann.nextBody("zone.event")).toMatchObject({ event: "unbanned" });
    expect(await room.bob.ask(room.join)).toMatchObject({ type: "zone.joined" });
    expectError(await room.unban(), 404, "not_found");
  });

  test("the same ban again makes no event; a changed one does; it ends by itself", async () => {
    await using room = await openRoom();
    const expires_at = Math.floor(nowMs / 1000) + 60;
    await room.ban({ expires_at });
    await room.ban({ expires_at });
    await room.ban({ expires_at: expires_at + 60, reason: null });
    const { entries } = await room.get("log");
    const banned = entries.filter(
      (line: { entry: { data: { event: string } } }) => line.entry.data.event === "banned",
    );
    expect(banned.map((line: { entry: { data: object } }) => line.entry.data)).toEqual([
      { event: "banned", expires_at },
      { event: "banned", expires_at: expires_at + 60 },
    ]);
    nowMs += 119_000;
    expect(await room.bob.ask(room.join)).toMatchObject({ code: "banned" });
    nowMs += 2_000;
    expect((await room.get("bans")).bans).toEqual([]);
    expectError(await room.unban(), 404, "not_found");
    expect(await room.bob.ask(room.join)).toMatchObject({ type: "zone.joined" });
  });

  test("a node can be banned before it ever came; the creator cannot", async () => {
    await using room = await openRoom();
    expect((await room.ban(undefined, createNodeId())).status).toBe(200);
    const creator = steward.steward.creatorKey.nodeId;
    expectError(await room.ban({}, creator), 400, "invalid_params");
  });

  test.each([
    ["an end in the past", { expires_at: 1 }],
    ["a mistyped end", { expires_at: "tomorrow" }],
    ["a long reason", { reason: "x".repeat(257) }],
    ["an unknown field", { until: 5 }],
  ])("%s is 400", async (_name, body) => {
    const zoneId = await steward.createZone();
    const path = `/v1/zones/${zoneId}/bans/${createNodeId()}`;
    expectError(await steward.api("PUT", path, body), 400, "invalid_request");
  });
});

test("the log pages from a seq on, and its hashes chain", async () => {
  await using room = await openRoom();
  await room.say(room.ann, "one");
  await room.ban();
  const first = await room.get("log?limit=2");
  const rest = await room.get(`log?limit=400&after=${first.next}`);
  expect(rest.next).toBeUndefined();
  const entries = [...first.entries, ...rest.entries];
  expect(entries.map((line) => line.entry.data.event ?? line.entry.data.content)).toEqual([
    "created",
    "joined",
    "joined",
    "one",
    "banned",
  ]);
  expect(rest.head_seq).toBe(5);
  let hash = toGenesisHash(room.zoneId);
  for (const { entry, hash: claimed } of entries) {
    hash = toEntryHash(hash, {
      zoneId: entry.zone_id,
      seq: entry.seq,
      timestamp: entry.timestamp,
      kind: entry.kind,
      nodeId: entry.node_id,
      data: toCanonicalJson(entry.data),
    });
    expect(claimed).toBe(hash);
  }
  const path = `/v1/zones/${room.zoneId}/log?after=-1`;
  expectError(await steward.api("GET", path), 400, "invalid_request");
});
