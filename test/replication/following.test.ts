import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";
import { Creator, startReplica, toSet, until } from "./support/replicated-zone.ts";

/** What a steward holds of a zone that all of its stewards must hold alike. */
function holdings({ steward }: TestSteward, zoneId: string) {
  const { store, queries } = steward.zones;
  const row = store.raw
    .prepare<[string], { n: number; digest: string; complete: number }>(
      "SELECT n, digest, complete FROM replicated_zones WHERE zone_id = ?",
    )
    .get(zoneId);
  return {
    ...row,
    log: [...queries.iterateLog(zoneId, 0, 100_000)].map(({ hash }) => hash),
    members: queries.listMembers(zoneId, "", 1000),
  };
}

/** Waits until a replica has a complete copy that is the primary's. */
async function level(replica: TestSteward, primary: TestSteward, zoneId: string): Promise<void> {
  await until("the replica is level", async () => {
    await primary.steward.idle();
    const { complete, digest } = holdings(replica, zoneId);
    return complete === 1 && digest === holdings(primary, zoneId).digest;
  });
  expect(holdings(replica, zoneId)).toEqual(holdings(primary, zoneId));
}

async function join_(steward: TestSteward, zoneId: string): Promise<WireClient> {
  const client = await WireClient.connect(steward.wireUrl, { key: createAgentKey() });
  onTestFinished(() => client[Symbol.asyncDispose]());
  const ask = () => client.ask({ type: "zone.join", zone_id: zoneId });
  let answer = await ask();
  // Until its voters have acknowledged the epoch's first commit nobody is in charge.
  await until("the primary is in charge", async () => {
    if (answer.code === "steward_unavailable") answer = await ask();
    return answer.type !== "zone.error";
  });
  expect(answer).toMatchObject({ type: "zone.joined" });
  return client;
}

const say = (client: WireClient, zoneId: string, content: unknown) =>
  client.ask({ type: "zone.message", zone_id: zoneId, id: createId("zmsg"), content });

async function startTracked(options: Parameters<typeof startReplica>[0] = {}) {
  const steward = await startReplica(options);
  let isOpen = true;
  const stop = async () => {
    if (isOpen) await steward[Symbol.asyncDispose]();
    isOpen = false;
  };
  onTestFinished(stop);
  return { ...steward, stop };
}

test("voters hold what the primary commits, over sockets, and acknowledge it", async () => {
  const [a, b, c] = await Promise.all([startTracked(), startTracked(), startTracked()]);
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b, c]));
  await creator.create(a, zone);
  const agent = await join_(a, zone.id);
  for (let i = 0; i < 20; i++) {
    expect(await say(agent, zone.id, { i })).toMatchObject({ type: "zone.sent" });
  }

  await level(b, a, zone.id);
  await level(c, a, zone.id);
});

test("a replica that was stopped is streamed what it lacks, and one that is new gets a copy", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "replica-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const a = await startTracked();
  const b = await startTracked({ dataDir });
  const creator = new Creator();
  const first = creator.sign(toSet(a, [], [b]), 0);
  await creator.create(a, first);
  const agent = await join_(a, first.id);
  await say(agent, first.id, "before");
  await level(b, a, first.id);
  const port = Number(new URL(b.wireUrl).port);
  await b.stop();
  for (let i = 0; i < 5; i++) await say(agent, first.id, { i });

  const again = await startTracked({ dataDir, config: { http: { port } } });
  await level(again, a, first.id);

  const c = await startTracked();
  const second = first.again({
    ...first.next({}).envelope,
    manifest: { ...(first.envelope.manifest as object), steward_set: toSet(a, [], [again, c]) },
  });
  expect(await creator.update(a, second)).toMatchObject({ type: "zone.manifest" });
  await say(agent, first.id, "after");
  await level(c, a, first.id);
  await level(again, a, first.id);
});
