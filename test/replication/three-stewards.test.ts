import { afterAll, beforeAll, expect, test } from "vitest";
import { Agent } from "../../src/client/agent.ts";
import { readCount } from "../support/counts.ts";
import { ClusterNode } from "./support/cluster.ts";
import { until } from "./support/replicated-zone.ts";
import { insist, Talker } from "./support/talker.ts";

const MEMBERS = readCount("REPLICATION_MEMBERS");
const STEPS = readCount("REPLICATION_STEPS");
const KILLS = readCount("REPLICATION_KILLS");
/** Every so many steps somebody new joins instead of a message. */
const JOIN_EVERY = 10;

const nodes = [new ClusterNode(), new ClusterNode(), new ClusterNode()];
let creator: Agent;
let zoneId: string;
let primary = nodes[0] as ClusterNode;

beforeAll(async () => {
  await Promise.all(nodes.map((node) => node.start()));
  creator = await Agent.connect(urlsFrom(0), {
    key: crypto.getRandomValues(new Uint8Array(32)),
    name: "creator",
    reconnect: { initialDelayMs: 50, maxDelayMs: 500 },
  });
  const made = await creator.creator.create({
    name: "three",
    description: "Held by three stewards.",
    type: "open",
    steward_set: toSet(),
    replication: { min_acks: 1, lease_ms: 2000 },
  });
  zoneId = made.zoneId;
}, 120_000);
afterAll(async () => {
  await creator?.close();
  await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
});

function urlsFrom(first: number): string[] {
  return nodes.map((_, index) => nodes[(first + index) % nodes.length]?.wireUrl ?? "");
}

function toSet() {
  return nodes.map((node) => node.toRef(node === primary ? undefined : true)) as never;
}

function isLevel(): boolean {
  const at = primary.standing(zoneId);
  return nodes.every((node) => node.standing(zoneId)?.digest === at?.digest);
}

/** Ends the primary as power loss would. It comes back and goes on, or another one replaces it and it follows. */
async function killPrimary(isReplaced: boolean): Promise<void> {
  const dead = primary;
  await dead.kill();
  if (!isReplaced) return dead.start();
  const others = nodes.filter((node) => node !== dead);
  const next = others[Math.floor(Math.random() * others.length)] as ClusterNode;
  await insist(() => creator.creator.promote(zoneId, next.nodeId));
  primary = next;
  await dead.start();
  await until(
    "it follows",
    () => dead.standing(zoneId)?.epoch === next.standing(zoneId)?.epoch,
    60_000,
  );
  await insist(() => creator.creator.update(zoneId, { steward_set: toSet() }));
}

test("primaries are killed while members talk and join: nothing acknowledged is lost, every copy ends equal, members see each entry once and in order", async () => {
  const joining = Array.from({ length: MEMBERS }, (_, i) => Talker.join(urlsFrom(i), zoneId));
  const members = await Promise.all(joining);
  const guests: Talker[] = [];
  let step = 0;
  const talk = async (member: Talker): Promise<void> => {
    for (let mine = step++; mine < STEPS; mine = step++) {
      if (mine % JOIN_EVERY > 0) await member.say(`${mine}`);
      else guests.push(await Talker.join(urlsFrom(mine), zoneId));
    }
  };
  const talking = Promise.all(members.map(talk));
  for (let kill = 0; kill < KILLS; kill++) {
    const due = Math.floor(((kill + 0.2 + Math.random() * 0.6) * STEPS) / KILLS);
    await until("the next kill is due", () => step >= due, 600_000);
    await killPrimary(kill % 2 === 0);
  }
  await talking;
  await until("all are level", isLevel, 60_000);
  const everybody = [...members, ...guests];
  const log = primary.log(zoneId);
  const last = log.length;
  await until(
    "members have seen everything",
    () => everybody.every((talker) => talker.listMissed(last).length === 0),
    60_000,
  ).catch(() => undefined);

  for (const node of nodes) {
    expect(node.log(zoneId)).toEqual(log);
    expect(node.standing(zoneId)).toEqual({ ...primary.standing(zoneId), halted: null });
  }
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
  const messageAt = new Map(log.map(({ seq, message_id }) => [seq, message_id]));
  const firstAt = new Map(log.toReversed().map(({ seq, node_id }) => [node_id, seq]));
  const acknowledged = everybody.flatMap(({ sent }) => sent);
  expect(acknowledged).toHaveLength(STEPS - guests.length);
  for (const { seq, id } of acknowledged) expect(messageAt.get(seq)).toBe(id);
  // A join that was repeated is told the zone's position, which is past its own event.
  for (const { joinedAt, agent } of everybody) {
    expect(firstAt.get(agent.nodeId)).toBeLessThanOrEqual(joinedAt);
  }
  for (const talker of everybody) {
    expect(talker.listMissed(last)).toEqual([]);
    expect(talker.shown).toEqual([...new Set(talker.shown)].sort((a, b) => a - b));
    expect(talker.rewinds).toBe(0);
    await talker.agent.close();
  }
}, 900_000);
