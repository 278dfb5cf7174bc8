import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { EventReader } from "../support/event-reader.ts";
import { readValue } from "../support/steward-file.ts";
import { NO_LIMITS, StewardProcess } from "../support/steward-process.ts";

const EVENTS = 100_000;
const READERS = 8;
/** Generous: what is bound is some milliseconds. */
const HELD_CPU_MS_MAX = 100;

test("readers whose filters let nothing of a long log through hold nobody else up, however often they name a type", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-filters-"));
  const events = { entries_max: 2 * EVENTS, heartbeat_ms: 100 };
  const config = { ...NO_LIMITS, http: { port: 0 }, events };
  try {
    const first = await StewardProcess.start({ dataDir, config });
    const { token } = first;
    await first[Symbol.asyncDispose]();
    fillLog(join(dataDir, "steward.sqlite"));
    const newest = String(readValue(dataDir, "SELECT max(id) FROM events"));
    await using steward = await StewardProcess.start({ dataDir, config, measured: true });
    const source = { httpUrl: steward.httpUrl, token };
    await steward.measure("cpu");
    const types = Array.from({ length: 249 }, () => "alarm.*").join();
    const query = `?after=0&types=${types}`;
    let isOver = false;
    const reading = Promise.all(
      Array.from({ length: READERS }, async () => {
        await using reader = await EventReader.open(source, query);
        await reader.until(() => reader.lastEventId === newest);
        return reader.ids;
      }),
    ).finally(() => {
      isOver = true;
    });
    let answers = 0;
    for (; !isOver; answers++) {
      expect((await fetch(`${steward.httpUrl}/livez`)).status).toBe(200);
    }
    expect(await reading).toEqual(Array.from({ length: READERS }, () => []));
    expect(answers).toBeGreaterThan(5);
    expect((await steward.measure("cpu")).heldCpuMs).toBeLessThan(HELD_CPU_MS_MAX);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

/** Puts events into a log that are of one type. */
function fillLog(file: string): void {
  const db = new Database(file, { fileMustExist: true });
  db.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO events (at, type, subject, data)
     SELECT ?, 'member.joined', 'atlas_' || hex(zeroblob(16)), json_object('seq', i, 'name', 'ann') FROM n`,
  ).run(EVENTS, Date.now());
  db.close();
}
