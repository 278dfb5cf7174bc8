import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { Browser } from "../admin/dashboard/browser.ts";
import { EventReader } from "../support/event-reader.ts";
import { startSteward } from "../support/steward.ts";

const READERS_MAX = 3;
const config = { events: { readers_max: READERS_MAX } };

test("HEAD takes no reader's place, of the API's feed or the dashboard's", async () => {
  await using steward = await startSteward({ config });
  const browser = new Browser(steward);
  await browser.login(steward.token);
  const authorization = `Bearer ${steward.token}`;
  for (const path of ["/v1/events", "/admin/events"]) {
    for (let count = 0; count <= READERS_MAX; count++) {
      const headers = { authorization, cookie: browser.cookie };
      const answer = await fetch(`${steward.httpUrl}${path}`, { method: "HEAD", headers });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([
        200,
        "text/event-stream",
      ]);
      expect(await answer.text()).toBe("");
    }
  }
  const readers = await openAll(steward);
  expect(readers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const full = { method: "HEAD", headers: { authorization } };
  expect((await fetch(`${steward.httpUrl}/v1/events`, full)).status).toBe(429);
  for (const reader of readers) await reader[Symbol.asyncDispose]();
});

test("a log that cannot be read ends its readers' feeds, whose places are free: they go on once it can", async () => {
  await using steward = await startSteward({ config });
  await steward.createZone();
  const db = new Database(join(steward.dataDir, "steward.sqlite"), { fileMustExist: true });
  const insert = db.prepare("INSERT INTO events (at, type, data) VALUES (1, 'ban.set', ?)");
  const { lastInsertRowid: id } = insert.run("no JSON");
  // Those that find it at their beginning, and after what came before.
  for (const after of [Number(id) - 1, 0]) {
    for (let count = 0; count <= READERS_MAX; count++) {
      const reader = await EventReader.open(steward, `?types=zone.*,ban.*&after=${after}`);
      await reader.ended();
      expect(reader.status).toBe(200);
    }
  }
  db.prepare("UPDATE events SET data = '{}' WHERE id = ?").run(id);
  db.close();
  const readers = await openAll(steward, `?after=${Number(id) - 1}`);
  for (const reader of readers) {
    await reader.find("ban.set");
    await reader[Symbol.asyncDispose]();
  }
});

function openAll(source: { httpUrl: string; token: string }, query = ""): Promise<EventReader[]> {
  return Promise.all(Array.from({ length: READERS_MAX }, () => EventReader.open(source, query)));
}
