import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ChainedEntry, readZoneFile, verifyChain } from "../faults/zone-file.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

const AGENTS = 200;
const PLACES = 50;

let steward: TestSteward;
let agents: WireClient[];

beforeAll(async () => {
  steward = await startSteward();
  agents = [];
  for (let i = 0; i < AGENTS; i++) agents.push(await WireClient.connect(steward.wireUrl));
});
beforeEach(() => {
  for (const agent of agents) agent.received.length = 0;
});
afterAll(async () => {
  for (const agent of agents) agent.socket.terminate();
  await steward[Symbol.asyncDispose]();
});

/** Everybody asks before anybody is answered. */
function askAll(clients: readonly WireClient[], body: object): Promise<Reply[]> {
  const ids = clients.map((client) => client.sendBody(body));
  return Promise.all(clients.map((client, index) => client.replyTo(ids[index] as string)));
}

function count(replies: readonly Reply[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type, code } of replies) {
    const kind: string = code ?? type;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

async function readLog(zoneId: string): Promise<ChainedEntry[]> {
  const entries: ChainedEntry[] = [];
  for (let after: unknown = 0; after !== undefined; ) {
    const path = `/v1/zones/${zoneId}/log?limit=500&after=${after}`;
    const { body } = await steward.api("GET", path);
    entries.push(...body.entries);
    after = body.next;
  }
  return entries;
}

/**
 * Replays a zone's log: nobody joins who is in or leaves who is out, and there never are more than
 * fit. Returns who is in at its end, as the log, the API and the file have it.
 */
async function expectConsistent(zoneId: string, placesMax: number): Promise<string[]> {
  const entries = await readLog(zoneId);
  const inside = new Set<string>();
  for (const { entry } of entries) {
    const { event } = entry.data;
    if (event === "joined") {
      expect(inside.has(entry.node_id)).toBe(false);
      inside.add(entry.node_id);
    } else if (event === "left") expect(inside.delete(entry.node_id)).toBe(true);
    expect(inside.size).toBeLessThanOrEqual(placesMax);
  }
  const members = [...inside].sort();
  const file = readZoneFile(steward.dataDir, zoneId);
  expect(verifyChain(zoneId, entries)).toBe(file.headHash);
  expect(file.memberCount).toBe(members.length);
  expect([...file.members].sort()).toEqual(members);
  const { body } = await steward.api("GET", `/v1/zones/${zoneId}/members?limit=500`);
  expect(body.members.map((member: { node_id: string }) => member.node_id)).toEqual(members);
  expect((await steward.api("GET", `/v1/zones/${zoneId}`)).body.members).toBe(members.length);
  return members;
}

async function createInvite(zoneId: string, maxUses: number): Promise<string> {
  const path = `/v1/zones/${zoneId}/invites`;
  return (await steward.api("POST", path, { max_uses: maxUses })).body.invite;
}

async function readUses(zoneId: string): Promise<unknown> {
  return (await steward.api("GET", `/v1/zones/${zoneId}/invites`)).body.invites[0].uses;
}

test("200 agents race for 50 places: exactly 50 get in, and they know", async () => {
  const zone_id = await steward.createZone({ rules: { max_members: PLACES } });
  const replies = await askAll(agents, { type: "zone.join", zone_id });
  expect(count(replies)).toEqual({ "zone.joined": PLACES, full: AGENTS - PLACES });
  const winners = agents.filter((_, index) => replies[index]?.type === "zone.joined");
  const members = await expectConsistent(zone_id, PLACES);
  expect(members).toEqual(winners.map(({ nodeId }) => nodeId).sort());
  // Each was told a place in the log of its own, and a count that was true there.
  const told = replies.filter(({ type }) => type === "zone.joined");
  expect(told.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(
    Array.from({ length: PLACES }, (_, index) => index + 2),
  );
  for (const { seq, members: counted } of told) expect(counted).toBe(seq - 1);
});

test("places that become free are given to as many, however they race", async () => {
  const zone_id = await steward.createZone({ rules: { max_members: PLACES } });
  await askAll(agents.slice(0, PLACES), { type: "zone.join", zone_id });
  const leaving = agents.slice(0, 20);
  const left = leaving.map((agent) => agent.sendBody({ type: "zone.leave", zone_id }));
  const replies = await askAll(agents.slice(PLACES, PLACES + 60), { type: "zone.join", zone_id });
  const gone = await Promise.all(leaving.map((agent, i) => agent.replyTo(left[i] as string)));
  expect(count(gone)).toEqual({ "zone.left": 20 });
  const admitted = count(replies)["zone.joined"] ?? 0;
  expect(await expectConsistent(zone_id, PLACES)).toHaveLength(PLACES - 20 + admitted);
  const rest = await askAll(agents.slice(PLACES + 60, PLACES + 120), {
    type: "zone.join",
    zone_id,
  });
  expect(admitted + (count(rest)["zone.joined"] ?? 0)).toBe(20);
  expect(await expectConsistent(zone_id, PLACES)).toHaveLength(PLACES);
});

test("joining and leaving all at once keeps the count right", async () => {
  const zone_id = await steward.createZone({ rules: { max_members: 10 } });
  const restless = agents.slice(0, 40);
  const replies: Reply[] = [];
  await Promise.all(
    restless.map(async (agent) => {
      for (let round = 0; round < 8; round++) {
        replies.push(await agent.ask({ type: "zone.join", zone_id }));
        replies.push(await agent.ask({ type: "zone.leave", zone_id }));
      }
    }),
  );
  const counts = count(replies);
  expect(counts.full).toBeGreaterThan(0);
  expect(counts["zone.left"]).toBe(counts["zone.joined"]);
  expect(counts.not_member).toBe(counts.full);
  expect(await expectConsistent(zone_id, 10)).toEqual([]);
});

test("two sessions of one node that join at once are one member", async () => {
  const zone_id = await steward.createZone({ rules: { max_members: 1 } });
  const [first] = agents as [WireClient];
  await using second = await WireClient.connect(steward.wireUrl, { key: first.key });
  const replies = await askAll([first, second, first, second], { type: "zone.join", zone_id });
  expect(count(replies)).toEqual({ "zone.joined": 4 });
  expect(await expectConsistent(zone_id, 1)).toEqual([first.nodeId]);
});

test.each([
  ["a single-use invitation", 1],
  ["an invitation for ten", 10],
])("%s raced by 50 agents admits exactly as many", async (_name, uses) => {
  const zone_id = await steward.createZone({ rules: { open: false } });
  const invite = await createInvite(zone_id, uses);
  const racers = agents.slice(0, 50);
  const replies = await askAll(racers, { type: "zone.join", zone_id, invite });
  expect(count(replies)).toEqual({ "zone.joined": uses, not_open: 50 - uses });
  expect(await expectConsistent(zone_id, uses)).toHaveLength(uses);
  expect(await readUses(zone_id)).toBe(uses);
});

test("an invitation that finds the zone full is not used up", async () => {
  const zone_id = await steward.createZone({ rules: { open: false, max_members: 5 } });
  const invite = await createInvite(zone_id, 20);
  const replies = await askAll(agents.slice(0, 30), { type: "zone.join", zone_id, invite });
  expect(count(replies)).toEqual({ "zone.joined": 5, full: 25 });
  expect(await readUses(zone_id)).toBe(5);
  await expectConsistent(zone_id, 5);
});
