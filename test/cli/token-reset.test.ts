import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { countMigrations, openEarlier } from "../support/earlier-database.ts";
import { createApi, startSteward } from "../support/steward.ts";
import { openShell } from "./support.ts";

test("with all tokens lost one is made on the machine, while the steward runs and while it does not", async () => {
  using shell = openShell();
  const { dir } = shell;
  const reset = (...args: string[]) => shell.json(["token", "reset", "--data", dir, ...args]);
  await using steward = await startSteward({ dataDir: dir });
  const made = await reset("--name", "found");
  const api = createApi(steward.httpUrl, made.token);
  expect((await api("GET", "/v1/tokens")).body.tokens).toMatchObject([
    { name: "first" },
    { id: made.id, name: "found", scope: "admin" },
  ]);
  const others = await reset("--revoke-others");
  expect(others.revoked.length).toBe(2);
  expect((await api("GET", "/v1/tokens")).status).toBe(401);
  expect((await steward.api("GET", "/v1/tokens")).status).toBe(401);
  const operator = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: others.token });
  using _ = operator;
  const { entries } = await operator.json(["audit", "list"]);
  const action = "steward token reset";
  expect(entries).toMatchObject([
    { kind: "refused" },
    { action, token_id: null, address: "this machine", revoked: others.revoked },
    { action, after: { id: made.id, name: "found" } },
  ]);
  const table = await operator.run(["audit", "list", "--oldest-first"]);
  expect(table.stdout.split("\n")[1]).toContain(action);
  expect(JSON.stringify(entries) + table.stdout).not.toContain(made.token);
  await steward[Symbol.asyncDispose]();
  const last = await reset();
  await using next = await startSteward({ dataDir: dir });
  expect(next.steward.firstToken).toBeUndefined();
  expect((await createApi(next.httpUrl, last.token)("GET", "/v1/tokens")).status).toBe(200);
});

test("no database is made where there is none, and a running steward of another version keeps its own", async () => {
  using shell = openShell();
  const missing = await shell.run(["token", "reset", "--data", join(shell.dir, "none")]);
  expect(missing).toMatchObject({ code: 2, stdout: "" });
  expect(missing.stderr).toMatch(/no steward's database.*--data/);
  await using _running = await startSteward({ dataDir: shell.dir });
  const file = join(shell.dir, "steward.sqlite");
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  openEarlier(file, 10).close();
  const refused = await shell.run(["token", "reset", "--data", shell.dir]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/another version/);
  expect(countMigrations(file)).toBe(10);
});
