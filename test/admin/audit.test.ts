import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { createApi, startSteward, type TestSteward } from "../support/steward.ts";
import { createNodeId, createTempDir, expectError, ZONE_INPUT } from "./support.ts";

async function entriesOf(steward: TestSteward, query = "") {
  return (await steward.api("GET", `/v1/audit${query}`)).body.entries;
}

test("a change is noted with who, from where, what was asked, before and after, and its request's id", async () => {
  await using steward = await startSteward();
  const made = (await steward.api("POST", "/v1/tokens", { name: "ops", scope: "operate" })).body;
  const api = createApi(steward.httpUrl, made.token);
  const { id } = (await api("POST", "/v1/zones", ZONE_INPUT)).body;
  const node_id = createNodeId();
  const path = `/v1/zones/${id}/bans/${node_id}`;
  const banned = await api("PUT", path, { reason: "noise" });
  await api("PUT", path, { reason: "more noise" });
  await api("DELETE", path);
  const stopped = await api("POST", `/v1/zones/${id}/stop`);
  const entries = await entriesOf(steward);
  const who = { kind: "change", token_id: made.id, actor: "ops", address: "127.0.0.1" };
  const ban = "PUT /v1/zones/{zone_id}/bans/{node_id}";
  const ids = { zone_id: id, node_id };
  expect(entries).toMatchObject([
    { action: "POST /v1/tokens", actor: "first", status: 201, after: { id: made.id } },
    { ...who, action: "POST /v1/zones", status: 201, asked: ZONE_INPUT, after: { id, epoch: 1 } },
    {
      ...who,
      ...{ action: ban, ids, status: 200, asked: { reason: "noise" }, after: { reason: "noise" } },
      request_id: banned.headers.get("x-request-id"),
    },
    { action: ban, before: { reason: "noise" }, after: { reason: "more noise" } },
    { action: `DELETE ${ban.slice(4)}`, status: 204, before: { reason: "more noise" } },
    {
      action: "POST /v1/zones/{zone_id}/stop",
      before: { epoch: 1, state: "active" },
      after: { epoch: stopped.body.epoch, state: "stopped" },
    },
  ]);
  expect(entries[2]).not.toHaveProperty("before");
  expect(entries[4]).not.toHaveProperty("after");
});

test("reading, what is refused and a repetition leave no entry; the log is the admin's to read", async () => {
  await using steward = await startSteward();
  const once = { "idempotency-key": "one" };
  await steward.api("POST", "/v1/zones", ZONE_INPUT, once);
  await steward.api("POST", "/v1/zones", ZONE_INPUT, once);
  await steward.api("POST", "/v1/zones", { ...ZONE_INPUT, type: "none" });
  await steward.api("DELETE", `/v1/bans/${createNodeId()}`);
  await steward.api("GET", "/v1/zones");
  expect(await entriesOf(steward)).toMatchObject([{ action: "POST /v1/zones" }]);
  const made = await steward.api("POST", "/v1/tokens", { name: "x", scope: "operate" });
  const api = createApi(steward.httpUrl, made.body.token);
  expectError(await api("GET", "/v1/audit"), 403, "forbidden");
});

test("what waits for others is noted before it begins, and then what became of it", async () => {
  await using steward = await startSteward({ config: { replication: { allow: ["*"] } } });
  const id = await steward.createZone();
  const body = { node_id: createNodeId(), entrypoint: "ws://127.0.0.1:1/wire" };
  const answer = await steward.api("POST", `/v1/zones/${id}/stewards`, body);
  const [entry] = await entriesOf(steward, "?order=desc&limit=1");
  expect(entry).toMatchObject({
    action: "POST /v1/zones/{zone_id}/stewards",
    status: answer.status,
    asked: body,
    before: { epoch: 1 },
  });
});

test("what a crash cut off says after the next start that nobody knows what became of it", async () => {
  using directory = createTempDir();
  const options = { dataDir: directory.path, config: { replication: { allow: ["*"] } } };
  let token: string;
  {
    await using before = await startSteward(options);
    token = before.token;
    const id = await before.createZone();
    const body = { node_id: createNodeId(), entrypoint: "ws://127.0.0.1:1/wire" };
    await before.api("POST", `/v1/zones/${id}/stewards`, body);
  }
  // As a crash leaves it: begun, and committed before anything of it happened.
  const raw = new Database(join(directory.path, "steward.sqlite"));
  raw.exec("UPDATE audit_log SET status = NULL WHERE seq = (SELECT max(seq) FROM audit_log)");
  raw.close();
  await using steward = await startSteward(options);
  const api = createApi(steward.httpUrl, token);
  const { entries } = (await api("GET", "/v1/audit?order=desc")).body;
  const action = "POST /v1/zones/{zone_id}/stewards";
  expect(entries).toMatchObject([
    { action, status: null, outcome: "unknown", asked: { entrypoint: "ws://127.0.0.1:1/wire" } },
    { action: "POST /v1/zones", status: 201 },
  ]);
  expect(entries[1]).not.toHaveProperty("outcome");
});

test("there is no change without its entry: where the entry cannot be written the change is undone", async () => {
  using directory = createTempDir();
  await using steward = await startSteward({ dataDir: directory.path });
  const id = await steward.createZone();
  const raw = new Database(join(directory.path, "steward.sqlite"));
  raw.exec(`CREATE TRIGGER no_entry BEFORE INSERT ON audit_log
    BEGIN SELECT RAISE(ABORT, 'no'); END`);
  raw.close();
  const path = `/v1/zones/${id}`;
  expectError(await steward.api("POST", `${path}/stop`), 500, "internal");
  expectError(await steward.api("POST", "/v1/zones", ZONE_INPUT), 500, "internal");
  const body = { node_id: createNodeId(), entrypoint: "ws://127.0.0.1:1/wire" };
  expectError(await steward.api("POST", `${path}/stewards`, body), 500, "internal");
  const { zones } = (await steward.api("GET", "/v1/zones")).body;
  expect(zones).toMatchObject([{ id, epoch: 1, state: "active" }]);
});

test("the log is paged both ways and forgets its oldest entries; refused tokens push none of them out", async () => {
  using directory = createTempDir();
  const options = { dataDir: directory.path };
  let token: string;
  {
    await using before = await startSteward(options);
    token = before.token;
  }
  fill(join(directory.path, "steward.sqlite"));
  const config = { admin: { audit_entries_max: 100 }, store: { prune_interval_ms: 10 } };
  await using steward = await startSteward({ ...options, config });
  const api = createApi(steward.httpUrl, token);
  const read = async (query: string) => (await api("GET", `/v1/audit?${query}`)).body;
  await expect.poll(async () => (await read("limit=500")).entries.length).toBe(110);
  const all: { seq: number; action: string }[] = (await read("limit=500")).entries;
  expect(all[0]?.action).toBe("change 51");
  expect(all.at(-1)?.action).toBe("refused 50");
  const newest = await read("order=desc&limit=2");
  const older = await read(`order=desc&limit=2&after=${newest.next}`);
  expect([...newest.entries, ...older.entries]).toEqual(all.slice(-4).reverse());
  const first = await read("limit=2");
  expect((await read(`limit=1&after=${first.next}`)).entries).toEqual([all[2]]);
});

/** Writes more entries than may be kept. */
function fill(file: string): void {
  const raw = new Database(file);
  const insert = raw.prepare(
    `INSERT INTO audit_log (kind, at, address, action, detail) VALUES (?, ?, 'x', ?, '{}')`,
  );
  const now = Math.floor(Date.now() / 1000);
  for (let i = 1; i <= 150; i++) insert.run("change", now, `change ${i}`);
  for (let i = 1; i <= 50; i++) insert.run("refused", now, `refused ${i}`);
  raw.close();
}
