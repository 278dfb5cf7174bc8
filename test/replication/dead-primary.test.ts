import { expect, onTestFinished, test } from "vitest";
import { Agent } from "../../src/client/agent.ts";
import { LinkProxy } from "../support/link-proxy.ts";
import type { TestSteward } from "../support/steward.ts";
import { epochAt, LEASE_MS, startReplica, toSet, until } from "./support/replicated-zone.ts";

type Three<Item> = [Item, Item, Item];

async function boot(): Promise<{ stewards: Three<TestSteward>; proxies: Three<LinkProxy> }> {
  const stewards = await Promise.all([startReplica(), startReplica(), startReplica()]);
  const proxies = await Promise.all(stewards.map(({ wireUrl }) => LinkProxy.open(wireUrl)));
  onTestFinished(async () => {
    await Promise.all(stewards.map((steward) => steward[Symbol.asyncDispose]()));
    await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
  });
  return { stewards, proxies: proxies as Three<LinkProxy> };
}

async function connect(url: string): Promise<Agent> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const agent = await Agent.connect(url, { key, name: "agent", pacing: false });
  onTestFinished(() => agent.close());
  return agent;
}

test("a creator's agent replaces a primary that died before it told the others what is acknowledged", async () => {
  const { stewards, proxies } = await boot();
  const [a, b, c] = stewards;
  const [refA, refB, refC] = stewards.map(({ nodeId }, index) => ({
    nodeId,
    wireUrl: proxies[index]?.url ?? "",
  })) as Three<{ nodeId: string; wireUrl: string }>;
  const creator = await connect(a.wireUrl);
  const { zoneId } = await creator.creator.create({
    name: "three",
    description: "Held by three stewards.",
    type: "open",
    steward_set: toSet(refA, [refB, refC]) as never,
    replication: { min_acks: 1, lease_ms: LEASE_MS },
  });
  await creator.join(zoneId);
  await until("both voters have it", () => epochAt(b, zoneId) === 1 && epochAt(c, zoneId) === 1);
  const { id, seq } = await creator.send(zoneId, "the last one");
  // At once: what a voter has it does not know to be acknowledged, so it shows nothing of the zone.
  for (const proxy of proxies) proxy.cut();
  proxies[1].heal();
  proxies[2].heal();
  const made = await creator.creator.promote(zoneId, b.nodeId);
  expect(made.answered).not.toContain(a.nodeId);
  expect([epochAt(b, zoneId), made.epoch]).toEqual([2, 2]);
  const member = await connect(b.wireUrl);
  await member.join(zoneId);
  const { entries } = await member.history(zoneId, { afterSeq: seq - 1, limit: 1 });
  expect(entries[0]).toMatchObject({ entry: { seq, data: { id, content: "the last one" } } });
});
