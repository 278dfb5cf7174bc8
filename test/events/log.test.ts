import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { EVENT_TYPES } from "../../src/events/types.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { readRows } from "../support/steward-file.ts";
import { WireClient } from "../support/wire-client.ts";

interface Row {
  readonly id: number;
  readonly at: number;
  readonly type: string;
  readonly zone_id: string | null;
  readonly subject: string | null;
  readonly data: string;
}

/** The log as another process finds it in the file. */
function readLog({ dataDir }: TestSteward, zoneId: string | null = null): Row[] {
  const sql = "SELECT * FROM events WHERE zone_id IS coalesce(?, zone_id) ORDER BY id";
  return readRows(dataDir, sql, zoneId) as Row[];
}

const toTypes = (rows: readonly Row[]) => rows.map(({ type }) => type);

test("what happens to a zone and its members is in the log by the time it is answered, in its order", async () => {
  await using steward = await startSteward();
  const zone = await steward.createZone({ name: "told" });
  await using ann = await WireClient.connect(steward.wireUrl, { name: "ann" });
  await using bob = await WireClient.connect(steward.wireUrl, { name: "bob" });
  await ann.ask({ type: "zone.join", zone_id: zone });
  await bob.ask({ type: "zone.join", zone_id: zone });
  await ann.ask({ type: "zone.join", zone_id: zone });
  const said = { type: "zone.message", zone_id: zone, content: "hello" };
  await ann.ask({ ...said, id: "zmsg_019a0000-0000-7000-8000-000000000001" });
  expect(toTypes(readLog(steward, zone))).toEqual([
    "zone.created",
    "member.joined",
    "member.joined",
  ]);
  await ann.ask({ type: "zone.leave", zone_id: zone });
  const members = `/v1/zones/${zone}/members`;
  const bans = `/v1/zones/${zone}/bans`;
  await steward.api("DELETE", `${members}/${bob.nodeId}`);
  await steward.api("PUT", `${bans}/${bob.nodeId}`, { reason: "spam" });
  await steward.api("DELETE", `${bans}/${bob.nodeId}`);
  await steward.api("POST", `/v1/zones/${zone}/stop`);
  await steward.api("DELETE", `/v1/zones/${zone}`);
  const rows = readLog(steward, zone);
  expect(toTypes(rows).slice(3)).toEqual([
    "member.left",
    "member.removed",
    "member.banned",
    "member.unbanned",
    "zone.stopped",
    "zone.deleted",
  ]);
  const joined = rows[1] as Row;
  expect({ ...joined, data: JSON.parse(joined.data) }).toEqual({
    id: joined.id,
    at: expect.any(Number),
    type: "member.joined",
    zone_id: zone,
    subject: ann.nodeId,
    data: { node_id: ann.nodeId, seq: 2, name: "ann", role: "member" },
  });
  expect(Math.abs(Date.now() - joined.at)).toBeLessThan(60_000);
  const ids = rows.map(({ id }) => id);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(JSON.parse(String(rows[5]?.data)).reason).toBe("spam");
});

test("tokens and bans of the wire are in the log; what is refused is not", async () => {
  const limits = { unknown: { messages_per_second: 1 }, violations: 2 };
  await using steward = await startSteward({ config: { limits } });
  await using agent = await WireClient.connect(steward.wireUrl);
  const token = await steward.api("POST", "/v1/tokens", { name: "ci", scope: "read" });
  for (let count = 0; count < 3; count++) agent.sendBody({ type: "zone.discover" });
  for (let count = 0; count < 2; count++) await agent.next("error");
  await steward.api("DELETE", "/v1/bans/nobody");
  await steward.api("DELETE", `/v1/bans/${agent.nodeId}`);
  await steward.api("DELETE", `/v1/tokens/${token.body.id}`);
  const rows = readLog(steward);
  expect(toTypes(rows)).toEqual([
    "token.created",
    "token.created",
    "ban.set",
    "ban.lifted",
    "token.deleted",
  ]);
  expect(JSON.stringify(rows)).not.toContain(token.body.token);
  expect(rows.every(({ type }) => EVENT_TYPES.some((known) => known === type))).toBe(true);
});

test("ids are not given twice, whatever was forgotten and whichever copy goes on", async () => {
  let nowMs = Date.now();
  const options = {
    nowMs: () => nowMs,
    config: { store: { prune_interval_ms: 10 }, events: { kept_secs: 3600 } },
  };
  await using steward = await startSteward(options);
  await steward.createZone();
  const [first] = readLog(steward).slice(-1);
  nowMs += 3_601_000;
  await expect.poll(() => readLog(steward)).toEqual([]);
  await steward.createZone();
  expect(readLog(steward).map(({ id }) => id)).toEqual([Number(first?.id) + 1]);
});

test("no more events are kept than events.entries_max, and those are the last ones", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-kept-"));
  const config = { store: { prune_interval_ms: 10 }, events: { entries_max: 1000 } };
  try {
    const first = await startSteward({ dataDir });
    await first[Symbol.asyncDispose]();
    const db = new Database(join(dataDir, "steward.sqlite"), { fileMustExist: true });
    db.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2600)
       INSERT INTO events (at, type, data) SELECT ?, 'alarm.raised', '{}' FROM n`,
    ).run(Date.now());
    db.close();
    await using steward = await startSteward({ dataDir, config });
    await expect.poll(() => readLog(steward).length).toBe(1000);
    const newest = Number(readLog(steward).at(-1)?.id);
    expect(newest).toBeGreaterThanOrEqual(2601);
    const last = Array.from({ length: 1000 }, (_, index) => newest - 999 + index);
    expect(readLog(steward).map(({ id }) => id)).toEqual(last);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
