import { once } from "node:events";
import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTestChain } from "../support/anvil.ts";
import { MACHINE_NODE, UserShell } from "../support/user-shell.ts";

const COMMAND = fileURLToPath(new URL("../../bin/steward.mjs", import.meta.url));
const ADDRESS = `0x${"11".repeat(20)}`;

let shell: UserShell;
beforeEach(async () => {
  shell = new UserShell();
  await shell.run(["init", "--data", "data"]);
});
afterEach(() => shell[Symbol.asyncDispose]());

const path = (name: string) => join(shell.dir, "data", name);
const configure = (config: object) =>
  writeFileSync(path("steward.config.json"), JSON.stringify({ data_dir: ".", ...config }, null, 2));
const start = (env: Record<string, string> = {}) =>
  shell.run(["start", "--data", "data"], { env: { STEWARD_HTTP__PORT: "0", ...env } });

/** Expects a start to end with a code and one message, without a stack. */
async function expectRefusal(code: number, says: RegExp, env?: Record<string, string>) {
  const ended = await start(env);
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(says)]);
  expect(ended.stderr).not.toMatch(/\n +at /);
  expect(ended.stdout).toBe("");
}

test("a file that is no database is named, and left as it is", async () => {
  writeFileSync(path("steward.sqlite"), "no database at all, but long enough to be one".repeat(99));
  const before = statSync(path("steward.sqlite")).size;
  await expectRefusal(1, /data\/steward\.sqlite is damaged, or no database.*backup/);
  expect(statSync(path("steward.sqlite")).size).toBe(before);
});

test("a database of a newer version is named, with what to do", async () => {
  const database = new Database(path("steward.sqlite"));
  database.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 99999999999999)");
  database.close();
  await expectRefusal(1, /data\/steward\.sqlite was written by a newer version.*install/);
});

test("a data directory that is a file, or used already, is said", async () => {
  writeFileSync(join(shell.dir, "file"), "");
  const file = await shell.run(["init", "--data", "file"]);
  expect([file.code, file.stderr]).toEqual([2, expect.stringMatching(/file is a file.*--data/)]);
  const below = await shell.run(["init", "--data", "file/below"]);
  expect([below.code, below.stderr]).toEqual([2, expect.stringMatching(/file\/below is a file/)]);
  const lock = new Database(path("lock.sqlite"));
  lock.exec("BEGIN EXCLUSIVE");
  await expectRefusal(1, /Another steward uses the data directory .*data: stop it/);
  lock.close();
});

test("a port that is taken, and a host that is not this machine's, are named with their keys", async () => {
  await using other = createServer();
  await once(other.listen(0, "127.0.0.1"), "listening");
  const { port } = other.address() as AddressInfo;
  const taken = new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is taken.*http\\.port`);
  await expectRefusal(1, taken, { STEWARD_HTTP__PORT: `${port}` });
  configure({ http: { host: "192.0.2.1" } });
  await expectRefusal(2, /http\.host: 192\.0\.2\.1 is no address of this machine/);
});

test("a key file that others may read, or that holds none, is named", async () => {
  chmodSync(path("node-key.pem"), 0o640);
  await expectRefusal(2, /node-key\.pem may be read by others; run: chmod 600/);
  chmodSync(path("node-key.pem"), 0o600);
  writeFileSync(path("node-key.pem"), "-----BEGIN secret");
  await expectRefusal(2, /node-key\.pem holds no Ed25519 key.*\n$/);
});

test("a node of another chain is named with the chain that was expected", async () => {
  await using chain = await startTestChain();
  const entry = { chain_id: 8453, network: "base", usdc: ADDRESS, settlement: ADDRESS };
  configure({ chains: [{ ...entry, rpc_urls: [chain.rpcUrl] }] });
  await expectRefusal(2, /entry 8453 \(base\): the RPC URL serves chain 31337, not 8453/);
});

test("an answer that is not a steward's is said, and is 3", async () => {
  await using site = createServer((_request, response) => response.end("<h1>Welcome</h1>"));
  await once(site.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const { code, stderr } = await shell.run(["zone", "list"], {
    env: { STEWARD_URL: url, STEWARD_TOKEN: "zs_x" },
  });
  expect([code, stderr]).toEqual([3, expect.stringMatching(/not as a steward does: is --url/)]);
});

test("databases and their side files are their owner's only, whatever the umask", async () => {
  const modes = () =>
    readdirSync(path("."))
      .filter((name) => name.includes(".sqlite"))
      .map((name) => [name, (statSync(path(name)).mode & 0o777).toString(8)]);
  const open = (args: string) =>
    shell.spawn("/bin/sh", ["-c", `umask 0; exec ${MACHINE_NODE} ${COMMAND} ${args}`], {
      env: { STEWARD_HTTP__PORT: "0" },
    });
  rmSync(path("steward.sqlite"));
  rmSync(path("lock.sqlite"));
  await open("init --data data").ended;
  expect(modes()).toEqual([
    ["lock.sqlite", "600"],
    ["steward.sqlite", "600"],
  ]);
  for (const name of ["lock.sqlite", "steward.sqlite"]) chmodSync(path(name), 0o666);
  writeFileSync(path("steward.sqlite-wal"), "", { mode: 0o666 });
  chmodSync(path("steward.sqlite-wal"), 0o666);
  const running = open("start --data data");
  await running.says(/^node /m);
  expect(modes()).toContainEqual(["steward.sqlite-wal", "600"]);
  expect(modes().filter(([, mode]) => mode !== "600")).toEqual([]);
  await running.stop();
});
