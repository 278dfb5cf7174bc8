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
