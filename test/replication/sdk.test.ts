import { expect, onTestFinished, test } from "vitest";
import { Agent, type AgentOptions } from "../../src/client/agent.ts";
import type { TestSteward } from "../support/steward.ts";
import { epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

let seeds = 40;

async function boot(count: number): Promise<TestSteward[]> {
  const stewards = await Promise.all(Array.from({ length: count }, () => startReplica()));
  onTestFinished(async () => {
    await Promise.all(stewards.map((steward) => steward[Symbol.asyncDispose]()));
  });
  return stewards;
}

async function connect(steward: TestSteward, options: Partial<AgentOptions> = {}) {
  const agent = await Agent.connect(steward.wireUrl, {
    key: new Uint8Array(32).fill(seeds++),
    name: "sdk",
    pacing: false,
    reconnect: { initialDelayMs: 20, maxDelayMs: 200 },
    ...options,
  });
  onTestFinished(() => agent.close());
  return agent;
}

test("a creator's agent makes a zone of two stewards and promotes the other, which tells the former primary", async () => {
  const [a, b] = (await boot(2)) as [TestSteward, TestSteward];
  const creator = await connect(a);
  const { zoneId, envelope } = await creator.creator.create({
    name: "two",
    description: "Held by two stewards.",
    type: "open",
    steward_set: toSet(a, [b]) as never,
    replication: { min_acks: 1, lease_ms: 1000 },
  });
  expect(envelope.replication).toEqual({ min_acks: 1, lease_ms: 1000 });
  await until("the voter has it", () => epochAt(b, zoneId) === 1);
  const made = await creator.creator.promote(zoneId, b.nodeId);
  expect(made).toMatchObject({ epoch: 2, primary: b.nodeId });
  expect([...made.answered].sort()).toEqual([a.nodeId, b.nodeId].sort());
  expect(epochAt(b, zoneId)).toBe(2);
  await until("the former primary has it", () => epochAt(a, zoneId) === 2);
  expect(await creator.creator.promote(zoneId, b.nodeId)).toMatchObject({ epoch: 2 });
});

/** Waits until a steward shows the zone. */
async function untilShown(steward: TestSteward, zoneId: string): Promise<void> {
  const agent = await connect(steward);
  await until("it shows the zone", () =>
    agent.inspect(zoneId, { timeoutMs: 500 }).then(
      () => true,
      () => false,
    ),
  );
  await agent.close();
}

test("agents whose primary is lost go on at the promoted one, with every message once and in order", async () => {
  const [a, b, c] = (await boot(3)) as [TestSteward, TestSteward, TestSteward];
  const creator = await connect(a);
  const create = async (name: string, voters: TestSteward[]) => {
    const { zoneId } = await creator.creator.create({
      name,
      description: "Held by several stewards.",
      type: "open",
      steward_set: toSet(a, voters) as never,
      replication: { min_acks: 1, lease_ms: 1000 },
    });
    await Promise.all(voters.map((steward) => untilShown(steward, zoneId)));
    return zoneId;
  };
  const zoneId = await create("three", [b, c]);
  // Who is in this one, too, has one steward left to move to.
  const other = await create("two", [b]);
  const [reader, writer] = [await connect(a), await connect(a)];
  const seqs: number[] = [];
  const contents: unknown[] = [];
  reader.on("event", (event) => event.zone_id === zoneId && seqs.push(event.seq));
  reader.on("message", ({ seq, content }) => {
    seqs.push(seq);
    contents.push(content);
  });
  await reader.join(zoneId, { afterSeq: 0 });
  for (const agent of [reader, writer]) await agent.join(other);
  await writer.join(zoneId);
  for (let n = 1; n <= 5; n++) await writer.send(zoneId, n);
  await a[Symbol.asyncDispose]();
  const late = writer.send(zoneId, 6);
  const made = await creator.creator.promote(zoneId, b.nodeId);
  expect(made).toMatchObject({ epoch: 2, primary: b.nodeId });
  await late;
  await writer.send(zoneId, 7);
  await until("the reader has all", () => contents.includes(7));
  expect(contents).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  expect([reader, writer].map((agent) => agent.steward.nodeId)).toEqual([b.nodeId, b.nodeId]);
});

test("an agent at a replica sends, asks and listens as at the primary, and what it sends is signed", async () => {
  const [a, b] = (await boot(2)) as [TestSteward, TestSteward];
  const creator = await connect(a);
  const { zoneId } = await creator.creator.create({
    name: "through",
    description: "Used through a replica.",
    type: "open",
    actions: [{ name: "echo", description: "Says it again." }],
    steward_set: toSet(a, [b]) as never,
    replication: { min_acks: 1, lease_ms: 1000 },
  });
  await untilShown(b, zoneId);
  const [near, far] = [await connect(a), await connect(b)];
  await near.join(zoneId);
  await far.join(zoneId);
  const heard = new Promise((resolve) => far.on("message", resolve));
  const { id, seq } = await far.send(zoneId, "from afar");
  expect(await far.request(zoneId, "echo", { n: 1 }, { requestId: "req_far" })).toMatchObject({
    result: { n: 1 },
  });
  const told = await near.send(zoneId, "from near");
  expect(await heard).toMatchObject({ id: told.id, content: "from near" });
  await until("the replica has both", async () => {
    const { entries } = await far.history(zoneId, { afterSeq: seq - 1 });
    return entries.length >= 2;
  });
  const { entries } = await far.history(zoneId, { afterSeq: seq - 1 });
  expect(entries[0]?.entry.data).toMatchObject({ id, proof: { public_key: expect.any(String) } });
  expect(far.steward.nodeId).toBe(b.nodeId);
});

test("an agent stays with a primary that was replaced, which passes on what it signs from then on", async () => {
  const [a, b] = (await boot(2)) as [TestSteward, TestSteward];
  const creator = await connect(a);
  const { zoneId } = await creator.creator.create({
    name: "handed over",
    description: "Its primary changes while both are there.",
    type: "open",
    actions: [{ name: "echo", description: "Says it again." }],
    steward_set: toSet(a, [b]) as never,
    replication: { min_acks: 1, lease_ms: 1000 },
  });
  await untilShown(b, zoneId);
  const agent = await connect(a);
  await agent.join(zoneId);
  await agent.send(zoneId, "before");
  await creator.creator.promote(zoneId, b.nodeId);
  const asked = agent.request(zoneId, "echo", { n: 1 }, { requestId: "req_over" });
  expect(await asked).toMatchObject({ result: { n: 1 } });
  await agent.send(zoneId, "after");
  expect(await agent.receipt("req_over")).toMatchObject({ result: { n: 1 } });
});
