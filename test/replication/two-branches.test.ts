import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { LinkProxy } from "../support/link-proxy.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import {
  Creator,
  epochAt,
  LEASE_MS,
  startReplica,
  toSet,
  until,
} from "./support/replicated-zone.ts";

let stewards: [TestSteward, TestSteward, TestSteward];
let proxies: LinkProxy[];
beforeAll(async () => {
  stewards = await Promise.all([startReplica(), startReplica(), startReplica()]);
  proxies = await Promise.all(stewards.map(({ wireUrl }) => LinkProxy.open(wireUrl)));
});
afterAll(async () => {
  await Promise.all(stewards.map((steward) => steward[Symbol.asyncDispose]()));
  await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
});

const show = async (steward: TestSteward, zoneId: string): Promise<Reply> =>
  (await steward.api("GET", `/v1/replicas/${zoneId}`)).body;

test("of two envelopes of one epoch each steward keeps its first, and no two are in charge; what was acknowledged stays", async () => {
  const [a, r, s] = stewards;
  const [refA, refR, refS] = stewards.map(({ nodeId }, index) => ({
    nodeId,
    wireUrl: proxies[index]?.url ?? "",
  }));
  if (refA === undefined || refR === undefined || refS === undefined) throw new Error("Three.");
  const creator = new Creator();
  const zone = creator.sign(toSet(refA, [refR, refS]));
  await creator.create(a, zone);
  const key = createAgentKey();
  const ask = async ({ wireUrl }: TestSteward, body: Reply): Promise<Reply> => {
    await using member = await WireClient.connect(wireUrl, { key });
    return await member.ask({ zone_id: zone.id, ...body });
  };
  const say = (steward: TestSteward, content: string) =>
    ask(steward, { type: "zone.message", id: createId("zmsg"), content });
  await until(
    "it is in charge",
    async () => (await ask(a, { type: "zone.join" })).type === "zone.joined",
  );
  expect(await say(a, "acknowledged")).toMatchObject({ type: "zone.sent" });
  await until("both voters have it", async () => {
    const at = await Promise.all(stewards.map((steward) => show(steward, zone.id)));
    return new Set(at.map(({ position }) => position?.digest)).size === 1;
  });

  // Nobody hears of anybody while the creator signs the same epoch twice.
  for (const proxy of proxies) proxy.cut();
  const one = zone.next({ steward_set: toSet(refR, [refA, refS]) });
  const other = zone.next({ steward_set: toSet(refS, [refA, refR]) });
  expect(await creator.update(r, one)).toMatchObject({ type: "zone.manifest" });
  expect(await creator.update(s, other)).toMatchObject({ type: "zone.manifest" });
  expect(await creator.update(a, one)).toMatchObject({ type: "zone.manifest" });
  for (const proxy of proxies) proxy.heal();

  await until("one of them is in charge", async () => (await show(r, zone.id)).in_charge.other);
  expect(await say(r, "on")).toMatchObject({ type: "zone.sent" });
  await until("the other one finds out", async () => (await show(s, zone.id)).evidence > 0);
  // Time for it to count somebody, if it ever did.
  await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
  const left = await show(s, zone.id);
  expect(left).toMatchObject({ role: "primary", in_charge: { money: false, other: false } });
  expect(left.waiting_for).toEqual(expect.arrayContaining([a.nodeId]));
  expect((await say(s, "refused")).code).toBe("steward_unavailable");
  const { body } = await s.api("GET", `/v1/replicas/${zone.id}/evidence`);
  expect(body.evidence).toMatchObject([
    { kind: "ENVELOPES", signer: creator.key.nodeId, epoch: 2 },
  ]);

  // Its operator moves it to where the others are: it follows.
  const moved = await s.api("POST", `/v1/replicas/${zone.id}/resync`, { branch: one.hash });
  expect(moved.status).toBe(202);
  await until("all are level", async () => {
    const at = await Promise.all(stewards.map((steward) => show(steward, zone.id)));
    return new Set(at.map(({ position }) => position?.digest)).size === 1;
  });
  const page = await ask(s, { type: "zone.history", after_seq: 0 });
  expect(page.entries.flatMap(({ entry }: Reply) => entry.data.content ?? [])).toEqual([
    ...["acknowledged", "on"],
  ]);
  expect(epochAt(s, zone.id)).toBe(2);
});
