import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

const dataDir = mkdtempSync(join(tmpdir(), "steward-test-"));
let primary: TestSteward;
let voter: TestSteward;

beforeAll(async () => {
  primary = await startReplica({ dataDir });
  voter = await startReplica();
});
afterAll(async () => {
  await voter[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
});

async function joinAt({ wireUrl }: TestSteward, zoneId: string): Promise<Reply> {
  await using member = await WireClient.connect(wireUrl);
  return await member.ask({ type: "zone.join", zone_id: zoneId });
}

test("a primary that starts as restored is STATE_LOST, also after further starts, until the next epoch", async () => {
  const creator = new Creator();
  const zone = creator.sign(toSet(primary, [voter]));
  await creator.create(primary, zone);
  await until("it is in charge", async () => {
    return (await joinAt(primary, zone.id)).type === "zone.joined";
  });
  for (const isRestored of [true, false]) {
    await primary.steward[Symbol.asyncDispose]();
    primary = await startReplica({ dataDir, isRestored });
    expect(await joinAt(primary, zone.id)).toMatchObject({
      code: "steward_unavailable",
      reason: "STATE_LOST",
    });
  }
  // What it forgot it takes from its voter, whose word alone counts.
  const next = zone.next({ steward_set: toSet(primary, [voter]) });
  expect(await creator.update(primary, next)).toMatchObject({ type: "zone.manifest" });
  await until("the voter adopts", () => epochAt(voter, zone.id) === 2);
  await until("it is in charge again", async () => {
    return (await joinAt(primary, zone.id)).type === "zone.joined";
  });
  await primary.steward[Symbol.asyncDispose]();
});
