import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, LEASE_MS, startReplica, toSet, until } from "./support/replicated-zone.ts";

const HOUR_MS = 3_600_000;
const offsets = { a: 0, b: 0 };

let a: TestSteward;
let b: TestSteward;
beforeAll(async () => {
  const start = (name: keyof typeof offsets) =>
    startReplica({
      nowMs: () => Date.now() + offsets[name],
      monotonicMs: () => performance.now(),
    });
  [a, b] = await Promise.all([start("a"), start("b")]);
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
});

test("clocks that jump change neither who is in charge nor what is acknowledged; too far, they only stop what is checked by them", async () => {
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  const key = createAgentKey();
  const member = await WireClient.connect(a.wireUrl, { key });
  onTestFinished(() => member[Symbol.asyncDispose]());
  const ask = (body: Reply) => {
    // A member goes by its steward's clock.
    const timestamp = Math.floor((Date.now() + offsets.a) / 1000);
    const id = member.sendBody({ zone_id: zone.id, ...body }, { timestamp });
    return member.replyTo(id);
  };
  const say = (content: string) => ask({ type: "zone.message", id: createId("zmsg"), content });
  await until(
    "it is in charge",
    async () => (await ask({ type: "zone.join" })).type === "zone.joined",
  );
  expect(await say("first")).toMatchObject({ type: "zone.sent" });

  for (const [name, byMs] of [
    ...[["b", 200_000] as const, ["b", -200_000] as const],
    ...[["a", 200_000] as const, ["a", -200_000] as const],
  ]) {
    offsets[name] = byMs;
    expect(await say(`${name} ${byMs}`)).toMatchObject({ type: "zone.sent" });
    offsets[name] = 0;
  }

  // The voter's acknowledgements are too far from the primary's clock: as if it were not there.
  offsets.b = HOUR_MS;
  const late = await say("unacknowledged");
  expect(late).toMatchObject({ code: "internal", reason: "REPLICATION_TIMEOUT" });
  offsets.b = 0;
  await until(
    "it goes on",
    async () => (await say("again")).type === "zone.sent",
    4 * LEASE_MS + 8000,
  );
  await until("both are level", async () => {
    const [mine, theirs] = await Promise.all([show(a, zone.id), show(b, zone.id)]);
    return mine.position.digest === theirs.position.digest;
  });
  const page = await ask({ type: "zone.history", after_seq: 0 });
  const said = page.entries.flatMap(({ entry }: Reply) => entry.data.content ?? []);
  expect(said.slice(0, 6)).toEqual([
    ...["first", "b 200000", "b -200000", "a 200000", "a -200000", "unacknowledged"],
  ]);
});

async function show(steward: TestSteward, zoneId: string): Promise<Reply> {
  return (await steward.api("GET", `/v1/replicas/${zoneId}`)).body;
}
