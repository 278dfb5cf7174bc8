import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { SEALED_COLUMNS } from "../../src/store/secrets/sealed-columns.ts";
import { openShell } from "../cli/support.ts";
import { readRows, readValue } from "../support/steward-file.ts";
import { StewardProcess } from "../support/steward-process.ts";
import { listSigners, Receiver } from "../webhooks/receiver.ts";

const WEBHOOKS = 12;
const shell = openShell();
afterAll(() => shell[Symbol.dispose]());
const data = join(shell.dir, "data");
const database = join(data, "steward.sqlite");
const FILES = ["steward.sqlite", "node-key.pem", "creator-key.pem"];

const start = (masterKeyFile: string) =>
  StewardProcess.start({
    dataDir: data,
    config: {
      ...{ http: { port: 0 }, log: { level: "silent" } },
      webhooks: { allow_private: ["127.0.0.1"] },
      secrets: { master_key_file: join(shell.dir, masterKeyFile) },
    },
  });
const config = (masterKeyFile: string) =>
  shell.write(`${masterKeyFile}.json`, {
    ...{ data_dir: data, http: { port: 0 }, secrets: { master_key_file: masterKeyFile } },
  });
const rotate = () => [
  ...["secrets", "rotate", "--config", config("master.key")],
  ...["--new-master-key-file", "next.key"],
];

/** Rotates in a process that is killed as soon as the new key is in the database, or has ended by then. */
async function rotateAndKill(): Promise<void> {
  const args = [join(import.meta.dirname, "../../bin/steward.mjs"), ...rotate()];
  const child = spawn(process.execPath, args, { cwd: shell.dir, stdio: "ignore" });
  const ended = once(child, "close");
  const before = JSON.stringify(listKeys());
  while (child.exitCode === null && JSON.stringify(listKeys()) === before)
    await new Promise((resolve) => setImmediate(resolve));
  child.kill("SIGKILL");
  await ended;
}

const listKeys = () => readRows(data, "SELECT key_id FROM secret_keys ORDER BY seq");
const hooks: { id: string; secret: string }[] = [];
let token = "";

test("a webhook's secret is nowhere in the data directory, and signs after a restart", async () => {
  for (const file of ["master.key", "next.key"]) await shell.json(["secrets", "keygen", file]);
  {
    await using steward = await start("master.key");
    token = steward.token;
    for (let i = 0; i < WEBHOOKS; i++) {
      const fields = { url: "http://127.0.0.1:1/hook", events: ["zone.*"], allow_private: true };
      const made = await steward.api("POST", "/v1/webhooks", fields);
      expect(made.status).toBe(201);
      hooks.push(made.body);
    }
    // While it runs nothing is sealed anew: it would go on with the former key.
    const refused = await shell.run(rotate());
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/Another steward/)]);
  }
  for (const name of readdirSync(data).filter((one) => /sqlite|key/.test(one))) {
    const bytes = readFileSync(join(data, name));
    for (const { secret } of hooks) {
      const key = secret.replace(/^whsec_/, "");
      expect(bytes.includes(key) || bytes.includes(Buffer.from(key, "base64")), name).toBe(false);
    }
  }
  const status = await shell.json(["secrets", "status", "--config", config("master.key")]);
  expect(status.database).toEqual({ secrets: WEBHOOKS, keys: 1, problem: "" });
});

test("a change of master keys that is killed, or stopped half-way, goes on when repeated and loses nothing", async () => {
  for (const name of FILES) copyFileSync(join(data, name), join(data, `${name}.before`));
  await rotateAndKill();
  const whole = await shell.json(rotate());
  expect(whole.database.unreadable).toEqual([]);
  const sealed = readRows(data, "SELECT webhook_id AS id, secret_sealed AS sealed FROM webhooks");
  const [key] = readRows(data, "SELECT * FROM secret_keys") as Record<string, unknown>[];
  expect(readValue(data, "SELECT count(*) FROM secret_keys")).toBe(1);

  // As it is where it stopped after some of the rows: those are sealed with the new key, the rest as before.
  for (const name of FILES) copyFileSync(join(data, `${name}.before`), join(data, name));
  const db = new Database(database);
  db.prepare(
    "INSERT INTO secret_keys VALUES (@seq + 1, @key_id, @salt, @scrypt_n, @key_check, @created_at)",
  ).run(key);
  const put = db.prepare("UPDATE webhooks SET secret_sealed = @sealed WHERE webhook_id = @id");
  for (const row of sealed.slice(0, WEBHOOKS / 2)) put.run(row);
  db.close();
  const halfway = await shell.run(["start", "--config", config("master.key")]);
  expect([halfway.code, halfway.stdout]).toEqual([2, ""]);
  expect(halfway.stderr).toMatch(/stopped half-way, repeat that command/);
  const rest = await shell.json(rotate());
  expect(rest.database).toEqual({ sealed: WEBHOOKS / 2, unreadable: [] });
  expect(listKeys()).toEqual([{ key_id: key?.key_id }]);

  await using receiver = await Receiver.start();
  await using steward = await start("next.key");
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  for (const { id, secret } of hooks) {
    const url = `${steward.httpUrl}/v1/webhooks/${id}`;
    const body = JSON.stringify({ url: receiver.url });
    expect((await fetch(url, { method: "PATCH", headers, body })).status).toBe(200);
    expect((await fetch(`${url}/test`, { method: "POST", headers })).status).toBe(200);
    const last = receiver.received.at(-1);
    expect(last && listSigners(last, [secret]), id).toEqual([secret]);
  }
});

test("a secret that was altered is named and left, and the others are sealed anew all the same", async () => {
  const [first, second] = hooks;
  const db = new Database(database);
  // Moved from one record to another, it is none of it.
  db.prepare(
    "UPDATE webhooks SET secret_sealed = (SELECT secret_sealed FROM webhooks WHERE webhook_id = ?) WHERE webhook_id = ?",
  ).run(first?.id, second?.id);
  db.close();
  const opened = await shell.json(["secrets", "unseal", "--config", config("next.key")]);
  expect(opened.database).toEqual({ sealed: WEBHOOKS - 1, unreadable: [`webhook:${second?.id}`] });
  expect(readdirSync(data)).toContain("secrets-key");
});

test("every column of sealed secrets is one that a change of master keys knows", () => {
  const columns = readRows(
    data,
    `SELECT t.name || '.' || c.name AS name FROM sqlite_master t, pragma_table_info(t.name) c
     WHERE t.type = 'table' AND c.name LIKE '%\\_sealed' ESCAPE '\\' ORDER BY 1`,
  ) as { name: string }[];
  const known = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
  expect(columns.map(({ name }) => name)).toEqual(known.sort());
});
