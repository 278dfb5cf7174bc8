import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { prepareChunkQueries } from "../../src/store/replication/chunks.ts";
import { prepareCommitQueries } from "../../src/store/replication/commits.ts";
import { WireClient } from "../support/wire-client.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

/** Starts a steward that cleans up all the time, and keeps commits for so long. */
function start(kept: { commits_kept_secs: number; commits_kept_bytes: number }) {
  const replication = { allow: ["*"], ...kept };
  const store = { prune_interval_ms: 100 };
  return startReplica({ config: { zones: { creation: "anyone" }, replication, store } });
}

test("commits are kept for a time or up to so many bytes, and chunks only while their snapshot comes", async () => {
  await using a = await start({ commits_kept_secs: 3600, commits_kept_bytes: 4_000 });
  await using b = await start({ commits_kept_secs: 3600, commits_kept_bytes: 1 << 26 });
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  await until("the voter has it", () => epochAt(b, zone.id) === 1);
  await using member = await WireClient.connect(a.wireUrl);
  const ask = (body: object) => member.ask({ zone_id: zone.id, ...body });
  await until("it is in charge", async () => (await ask({ type: "zone.join" })).seq > 0);
  const say = () => ask({ type: "zone.message", id: createId("zmsg"), content: "x".repeat(500) });
  for (let i = 0; i < 20; i++) await say();
  const [here, there] = [a, b].map(({ steward }) => {
    const commits = prepareCommitQueries(steward.zones.store);
    return () => [...commits.iterateCommits(zone.id, 0, 100)].map(({ n }) => n);
  });
  if (here === undefined || there === undefined) throw new Error("There are two.");
  const bytes = 500 + 400 + 200;
  await until("the oldest are gone", () => here().length <= Math.ceil(4_000 / bytes) + 1);
  // As many as are no more than it keeps stay, and the newest always.
  expect(here().length).toBeGreaterThanOrEqual(Math.floor(4_000 / bytes) - 1);
  await until("the voter has all", () => there().at(-1) === here().at(-1));
  expect(there()[0]).toBeLessThanOrEqual(2);

  const chunks = prepareChunkQueries(b.steward.zones.store);
  b.steward.zones.store.write((write) => {
    for (let index = 0; index < 40; index++) {
      chunks.putChunk(write, { zoneId: zone.id, snapshot: "snp_1", index, text: "{}", now: 1 });
    }
  });
  await until("they are gone", () => chunks.listSnapshots().length === 0);
});
