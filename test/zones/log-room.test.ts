import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { pruneLogs } from "../../src/zones/log/retention.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

const BYTES_MAX = 65_536;
const FULL = { code: "rate_limited", reason: "ZONE_LOG_FULL", recovery: "operator" };

function say(client: WireClient, zone_id: string, bytes: number): Promise<Reply> {
  const content = "x".repeat(bytes);
  return client.ask({ type: "zone.message", zone_id, id: createId("zmsg"), content });
}

/** Says the same until it is refused; returns how often it was taken. */
async function fill(client: WireClient, zone_id: string, bytes: number): Promise<number> {
  for (let taken = 0; ; taken++) {
    const answer = await say(client, zone_id, bytes);
    if (answer.type === "zone.sent") continue;
    expect(answer).toMatchObject(FULL);
    return taken;
  }
}

async function join(steward: TestSteward, zone_id: string, name = "tester"): Promise<WireClient> {
  const client = await WireClient.connect(steward.wireUrl, { name });
  expect((await client.ask({ type: "zone.join", zone_id })).type).toBe("zone.joined");
  return client;
}

test("at log_bytes_max messages are refused, joins go on in the reserve, leaving and banning always", async () => {
  await using steward = await startSteward({ config: { zones: { log_bytes_max: BYTES_MAX } } });
  const zone_id = await steward.createZone();
  const other = await steward.createZone();
  await using ann = await join(steward, zone_id);
  expect(await fill(ann, zone_id, 8000)).toBe(7);
  const known = { type: "zone.message", zone_id, id: createId("zmsg"), content: "last" };
  const sent = await ann.ask(known);
  expect(sent.type).toBe("zone.sent");
  await fill(ann, zone_id, 1);
  // What is in the log already is not added again.
  expect(await ann.ask(known)).toMatchObject({ type: "zone.sent", seq: sent.seq });
  let joins = 0;
  for (;;) {
    await using late = await WireClient.connect(steward.wireUrl);
    const answer = await late.ask({ type: "zone.join", zone_id });
    if (answer.type === "zone.joined") joins++;
    else {
      expect(answer).toMatchObject(FULL);
      break;
    }
  }
  expect(joins).toBeGreaterThan(3);
  expect(joins).toBeLessThan(20);
  expect((await ann.ask({ type: "zone.leave", zone_id })).type).toBe("zone.left");
  const ban = await steward.api("PUT", `/v1/zones/${zone_id}/bans/${ann.nodeId}`, {});
  expect(ban.status).toBeLessThan(300);
  const { body } = await steward.api("GET", `/v1/zones/${zone_id}/log?limit=500`);
  const events = body.entries.map(({ entry }: Reply) => entry.data.event).filter(Boolean);
  expect(events.slice(-2)).toEqual(["left", "banned"]);
  await using bea = await join(steward, other);
  expect((await say(bea, other, 8000)).type).toBe("zone.sent");
  const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(counters["zones.log_bytes_max"]).toBeGreaterThan(2);
});

test("log_total_bytes_max bounds all zones' logs together, over a restart, and retention makes room", async () => {
  const first = await startSteward({ config: { zones: { log_total_bytes_max: BYTES_MAX } } });
  const { dataDir } = first;
  const zones = [await first.createZone(), await first.createZone()] as const;
  {
    await using ann = await join(first, zones[0]);
    await ann.ask({ type: "zone.join", zone_id: zones[1] });
    for (const zone of zones) for (let i = 0; i < 3; i++) await say(ann, zone, 8000);
    expect(await fill(ann, zones[0], 8000)).toBe(1);
    expect(await say(ann, zones[1], 8000)).toMatchObject(FULL);
  }
  await first.steward[Symbol.asyncDispose]();
  let monotonicMs = 0;
  await using second = await startSteward({
    dataDir,
    monotonicMs: () => monotonicMs,
    config: {
      zones: { log_total_bytes_max: BYTES_MAX, retention: { [zones[1]]: { entries_max: 1 } } },
    },
  });
  await using bea = await join(second, zones[0]);
  expect(await say(bea, zones[0], 8000)).toMatchObject(FULL);
  pruneLogs(second.steward.zones);
  monotonicMs += 1000;
  expect((await say(bea, zones[0], 8000)).type).toBe("zone.sent");
  expect(await fill(bea, zones[0], 8000)).toBeLessThan(4);
});

test("a log that was there before its bytes were counted counts the same", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  await using ann = await join(steward, zone_id);
  for (const text of ["a", "ä漢🙂", "x".repeat(5000)]) {
    await ann.ask({ type: "zone.message", zone_id, id: createId("zmsg"), content: text });
  }
  await steward.steward[Symbol.asyncDispose]();
  const raw = new Database(`${steward.dataDir}/steward.sqlite`);
  onTestFinished(() => {
    raw.close();
  });
  const count = () => raw.prepare("SELECT log_bytes FROM zones").pluck().get();
  const counted = count();
  expect(counted).toBeGreaterThan(5000);
  const file = new URL("../../migrations/0009_zone_log_bytes.sql", import.meta.url);
  const backfill = readFileSync(file, "utf8").split("--> statement-breakpoint")[1] ?? "";
  raw.exec("UPDATE zones SET log_bytes = 0");
  raw.exec(backfill);
  expect(count()).toBe(counted);
});
