import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { Browser } from "../admin/dashboard/browser.ts";
import { openShell } from "../cli/support.ts";
import { createApi, startSteward } from "../support/steward.ts";
import { readRows, readValue } from "../support/steward-file.ts";
import { listSigners, Receiver } from "../webhooks/receiver.ts";

const shell = openShell();
afterAll(() => shell[Symbol.dispose]());
const data = join(shell.dir, "data");
const ownFile = join(data, "secrets-key");
const database = join(data, "steward.sqlite");
const start = () =>
  startSteward({ dataDir: data, config: { webhooks: { allow_private: ["127.0.0.1"] } } });
const secrets = (name: string, ...more: string[]) =>
  shell.run(["secrets", name, "--data", data, ...more]);
const readSealed = () => ({
  keys: readRows(data, "SELECT * FROM secret_keys"),
  webhooks: readRows(data, "SELECT * FROM webhooks ORDER BY webhook_id"),
});

interface Sealed {
  readonly webhook_id: string;
  readonly secret_sealed: string;
}
const hooks: { id: string; secret: string }[] = [];
const before = { keys: [] as unknown[], webhooks: [] as unknown[] };
let token = "";

test("with its master key lost a start, and what seals anew, say how to go on, and make no key in its place", async () => {
  {
    await using steward = await start();
    token = steward.token;
    for (let i = 0; i < 2; i++) {
      const fields = { url: "http://127.0.0.1:1/hook", events: ["zone.*"], allow_private: true };
      hooks.push((await steward.api("POST", "/v1/webhooks", fields)).body);
    }
    // One is in the midst of a change of its secret, and paused by the operator.
    const at = `/v1/webhooks/${hooks[1]?.id}`;
    await steward.api("POST", `${at}/secret`);
    await steward.api("PATCH", at, { state: "paused" });
    const running = await secrets("forget", "--yes");
    expect([running.code, running.stderr]).toEqual([1, expect.stringMatching(/Another steward/)]);
  }
  const whole = await secrets("forget");
  expect([whole.code, whole.stdout]).toEqual([0, expect.stringMatching(/all secrets can be/)]);
  rmSync(ownFile);
  Object.assign(before, readSealed());
  const next = shell.write("next.key", "a master key of some length");
  const failed = [
    await shell.run(["start", "--data", data]),
    await secrets("unseal"),
    await secrets("rotate", "--new-master-key-file", next),
  ];
  for (const { code, stderr } of failed)
    expect([code, stderr]).toEqual([2, expect.stringMatching(/lost for good.*secrets forget/)]);
  expect(existsSync(ownFile)).toBe(false);
  const { database: told } = JSON.parse((await secrets("status", "--json")).stdout);
  expect(told).toEqual({
    ...{ secrets: 3, keys: 1 },
    problem: expect.stringMatching(/secrets forget/),
  });
});

test("secrets are given up once that is confirmed; the steward starts, and their webhooks say what they lack", async () => {
  for (const input of ["", "no\n"]) {
    const refused = await shell.run(["secrets", "forget", "--data", data], input);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain(`webhook:${hooks[0]?.id}`);
  }
  expect(readSealed()).toEqual(before);
  const done = await shell.run(["secrets", "forget", "--data", data], "yes\n");
  expect([done.code, done.stdout]).toEqual([0, expect.stringMatching(/3 secrets were given up/)]);
  for (const { id } of hooks) expect(done.stdout).toContain(`steward webhook secret ${id}`);
  expect(readValue(data, "SELECT count(*) FROM secret_keys")).toBe(0);

  await using receiver = await Receiver.start();
  await using steward = await start();
  using operator = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: token });
  const [lost, paused] = hooks.map(({ id }) => id) as [string, string];
  const [listed, table, resumed, log] = await Promise.all([
    operator.json(["webhook", "list"]),
    operator.run(["webhook", "list"]),
    operator.run(["webhook", "resume", lost]),
    operator.json(["audit", "list", "--oldest-first"]),
  ]);
  expect(listed.webhooks).toMatchObject([
    { id: lost, state: "disabled", has_secret: false },
    { id: paused, state: "paused", has_secret: false },
  ]);
  expect(table.stdout).toContain("disabled, no secret");
  const refusal = expect.stringContaining(`steward webhook secret ${lost}`);
  expect([resumed.code, resumed.stderr]).toEqual([1, refusal]);
  const api = createApi(steward.httpUrl, token);
  const tried = await api("POST", `/v1/webhooks/${lost}/test`);
  expect([tried.status, tried.body.error]).toMatchObject([409, { message: refusal }]);
  const health = (await api("GET", "/readyz?verbose")).body;
  expect(JSON.stringify(health)).toContain(`webhook ${lost} has no secret`);
  const browser = new Browser(steward);
  await browser.login(token);
  expect((await browser.open("/admin/webhooks")).text).toContain("no secret");
  const page = (await browser.open(`/admin/webhooks/${lost}`)).text;
  expect([page.includes("has no secret"), page.includes("answered 410")]).toEqual([true, false]);
  expect(log.entries.find(({ action }: { action: string }) => /forget/.test(action))).toMatchObject(
    {
      action: "steward secrets forget",
      address: "this machine",
      secrets: [`webhook:${lost}`, `webhook:${paused}`, `webhook-former:${paused}`],
    },
  );

  for (const [id, state] of [
    [lost, "active"],
    [paused, "paused"],
  ] as const) {
    const given = await operator.json(["webhook", "secret", id]);
    expect(given).toMatchObject({ state, has_secret: true });
    await api("PATCH", `/v1/webhooks/${id}`, { url: receiver.url });
    expect((await api("POST", `/v1/webhooks/${id}/test`)).body).toMatchObject({ delivered: true });
    const last = receiver.received.at(-1);
    expect(last && listSigners(last, [given.secret])).toEqual([given.secret]);
  }
});

test("a secret that another key opens is kept", async () => {
  const [kept, lost] = readSealed().webhooks as Sealed[];
  const former = (before.webhooks as Sealed[])[1];
  const db = new Database(database);
  // As after a change of master keys that stopped half-way, and whose former key was lost then.
  db.prepare(
    "INSERT INTO secret_keys VALUES (@seq + 100, @key_id, @salt, @scrypt_n, @key_check, @created_at)",
  ).run(before.keys[0]);
  db.prepare(
    "UPDATE webhooks SET secret_sealed = @secret_sealed WHERE webhook_id = @webhook_id",
  ).run(former);
  db.close();
  expect((await shell.run(["start", "--data", data])).code).toBe(2);
  const done = JSON.parse((await secrets("forget", "--yes", "--json")).stdout);
  expect(done.secrets).toEqual([`webhook:${lost?.webhook_id}`]);
  expect(readSealed()).toMatchObject({
    keys: [{}],
    webhooks: [kept, { secret_sealed: "", state: "paused" }],
  });
  // What has no secret is nothing that a change of master keys could not read.
  const resealed = await secrets("unseal", "--json");
  expect(JSON.parse(resealed.stdout).database).toEqual({ sealed: 0, unreadable: [] });
});

test("a lost master key that seals nothing any more does not keep the steward from its start", async () => {
  const db = new Database(database);
  db.exec("DELETE FROM webhooks");
  db.close();
  expect(readValue(data, "SELECT count(*) FROM secret_keys")).toBe(1);
  rmSync(ownFile);
  await using steward = await start();
  expect(existsSync(ownFile)).toBe(true);
  const api = createApi(steward.httpUrl, token);
  const fields = { url: "http://127.0.0.1:1/hook", events: ["*"], allow_private: true };
  const made = await api("POST", "/v1/webhooks", fields);
  expect([made.status, readValue(data, "SELECT count(*) FROM secret_keys")]).toEqual([201, 2]);
});
