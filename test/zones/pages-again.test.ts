import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

/** Two in a page make it a large one. */
const CONTENT = "x".repeat(10_000);

async function openLog(config: Record<string, unknown> = {}) {
  const steward = await startSteward({ config });
  const zone_id = await steward.createZone();
  const alice = await WireClient.connect(steward.wireUrl);
  await alice.ask({ type: "zone.join", zone_id });
  const say = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const id = createId("zmsg");
      await alice.ask({ type: "zone.message", zone_id, id, content: CONTENT });
    }
  };
  const read = (after_seq: number, limit: number, reader = alice) =>
    reader.ask({ type: "zone.history", zone_id, after_seq, limit });
  const dispose = async () => {
    await alice[Symbol.asyncDispose]();
    await steward[Symbol.asyncDispose]();
  };
  return { steward, zone_id, say, read, [Symbol.asyncDispose]: dispose };
}

const toSeqs = (page: Reply) => page.entries.map(({ entry }: Reply) => entry.seq);

test("a page that is asked for again is the same for everybody, under a head of its own", async () => {
  await using log = await openLog();
  await log.say(6);
  const page = await log.read(2, 4);
  expect(toSeqs(page)).toEqual([3, 4, 5, 6]);
  expect(page.entries[0].entry.data.content).toBe(CONTENT);
  await using bob = await WireClient.connect(log.steward.wireUrl);
  await bob.ask({ type: "zone.join", zone_id: log.zone_id });
  const again = await log.read(2, 4, bob);
  expect(again.entries).toEqual(page.entries);
  expect(again.head_seq).toBe(page.head_seq + 1);
});

test("the last page has what was said since it was asked for last", async () => {
  await using log = await openLog();
  await log.say(3);
  expect(toSeqs(await log.read(2, 500))).toEqual([3, 4, 5]);
  await log.say(1);
  expect(toSeqs(await log.read(2, 500))).toEqual([3, 4, 5, 6]);
});

test("a page that was asked for has nothing any more that the log has given up", async () => {
  await using log = await openLog({
    zones: { retention: { "*": { entries_max: 8 } } },
    store: { prune_interval_ms: 10 },
  });
  await log.say(6);
  expect(toSeqs(await log.read(0, 5))).toEqual([1, 2, 3, 4, 5]);
  await log.say(3);
  // Read at other places, so that no page of this one is made anew meanwhile.
  await expect.poll(async () => toSeqs(await log.read(0, 1))).toEqual([4]);
  expect(toSeqs(await log.read(0, 5))).toEqual([4, 5, 6, 7, 8]);
});
