import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Agent } from "../../src/client/agent.ts";
import type { TestSteward } from "../support/steward.ts";
import { Creator, startReplica, toSet, until } from "./support/replicated-zone.ts";

let a: TestSteward;
let b: TestSteward;
let zoneId: string;
beforeAll(async () => {
  [a, b] = await Promise.all([startReplica(), startReplica()]);
  const creator = new Creator();
  const actions = [{ name: "echo", description: "Answers its params.", params: {} }];
  const zone = creator.sign(toSet(a, [b]), 1, { actions });
  await creator.create(a, zone);
  zoneId = zone.id;
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
});

async function join(steward: TestSteward): Promise<Agent> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const agent = await Agent.connect(steward.wireUrl, { key, name: "many", pacing: false });
  onTestFinished(() => agent.close());
  await until("it is a member", () =>
    agent.join(zoneId).then(
      () => true,
      () => false,
    ),
  );
  return agent;
}

/** Ten arrays, as one array may hold 10,000 items. */
const toLists = (each: number) => Array.from({ length: 10 }, () => Array(each).fill(1));

const endAt = ({ steward }: TestSteward) => {
  const row = steward.zones.queries.findZone(zoneId);
  return `${row?.headSeq} ${row?.headHash}`;
};

test("a message of all the values that its limits let it have reaches the follower, and so do two of one zone.entries", async () => {
  const [near, far] = [await join(a), await join(b)];
  const heard: unknown[] = [];
  far.on("message", ({ content }) => heard.push(content));
  await near.send(zoneId, toLists(9_998));
  await Promise.all([near.send(zoneId, toLists(8_100)), near.send(zoneId, toLists(8_100))]);
  await until("the follower's member has them", () => heard.length === 3);
  expect(heard).toEqual([toLists(9_998), toLists(8_100), toLists(8_100)]);
  expect(endAt(b)).toBe(endAt(a));
});

test("a result of as many values comes back through a replica", async () => {
  const far = await join(b);
  const lists = toLists(9_998);
  const answer = await far.request(zoneId, "echo", { lists }, { requestId: "many" });
  expect(answer).toMatchObject({ result: { lists } });
});
