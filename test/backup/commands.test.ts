import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { openShell, type Shell } from "../cli/support.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { readValue } from "../support/steward-file.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

const KEYS = ["node-key.pem", "creator-key.pem"];

const root = mkdtempSync(join(tmpdir(), "backup-"));
const dataDir = join(root, "data");
let steward: TestSteward;
let shell: Shell;
let zoneId: string;
let backup: Reply;

async function say(text: string): Promise<void> {
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zoneId });
  const id = createId("zmsg");
  const said = await client.ask({ type: "zone.message", zone_id: zoneId, id, content: { text } });
  expect(said.type).toBe("zone.sent");
}

function restore(path: string, to: string, ...flags: string[]) {
  return shell.run(["backup", "restore", path, "--data", to, ...flags]);
}

function headSeqOf(directory: string): unknown {
  return readValue(directory, "SELECT head_seq FROM zones WHERE zone_id = ?", zoneId);
}

/** A copy of the backup in which one file is another. */
function spoil(name: string, change: (bytes: Buffer) => Buffer): string {
  const copy = mkdtempSync(join(root, "spoilt-"));
  const manifest = JSON.parse(readFileSync(join(backup.path, "manifest.json"), "utf8"));
  for (const file of [...manifest.files.map((one: Reply) => one.name), "manifest.json"]) {
    const bytes = readFileSync(join(backup.path, file));
    writeFileSync(join(copy, file), file === name ? change(bytes) : bytes, { mode: 0o600 });
  }
  return copy;
}

beforeAll(async () => {
  steward = await startSteward({ dataDir });
  shell = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
  zoneId = await steward.createZone();
  await say("before");
  backup = await shell.json(["backup", "create"]);
});
afterAll(async () => {
  shell[Symbol.dispose]();
  await steward[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

test.concurrent("a backup is a folder for its owner's eyes with keys, database and manifest, and is listed", async () => {
  expect(backup).toMatchObject({ state: "complete", keys: true, node_id: steward.nodeId });
  expect(statSync(backup.path).mode & 0o777).toBe(0o700);
  for (const name of [...KEYS, "steward.sqlite", "steward.sqlite-wal", "manifest.json"]) {
    expect([name, statSync(join(backup.path, name)).mode & 0o777]).toEqual([name, 0o600]);
  }
  const { backups } = await shell.json(["backup", "list"]);
  expect(backups).toContainEqual(expect.objectContaining({ id: backup.id, state: "complete" }));
  const shown = await steward.api("GET", `/v1/backups/${backup.id}`);
  expect([shown.status, shown.body.path]).toEqual([200, backup.path]);
});

test.concurrent("verify finds nothing wrong, reads only, and says so for people", async () => {
  const before = readFileSync(join(backup.path, "steward.sqlite-wal"));
  const { code, stdout } = await shell.run(["backup", "verify", backup.path]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/It is whole: files, structure/)]);
  expect(readFileSync(join(backup.path, "steward.sqlite-wal")).equals(before)).toBe(true);
});

test.concurrent("files that are not what they were are found, and not restored", async () => {
  const flip = (bytes: Buffer) => bytes.fill((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
  const cut = (bytes: Buffer) => bytes.subarray(0, -1);
  for (const [name, change, command] of [
    ["steward.sqlite", flip, "verify"],
    ["steward.sqlite-wal", cut, "verify"],
    ["node-key.pem", flip, "restore"],
  ] as const) {
    const copy = spoil(name, change);
    const to = join(copy, "restored");
    const args = command === "verify" ? [] : ["--data", to];
    const { code, stdout, stderr } = await shell.run(["backup", command, copy, ...args]);
    expect([code, stdout + stderr]).toEqual([1, expect.stringContaining(`- ${name}: `)]);
    expect(existsSync(join(to, "steward.sqlite"))).toBe(false);
  }
});

test.concurrent("an entry that somebody changed in the database is found by its hash", async () => {
  const to = mkdtempSync(join(root, "changed-"));
  await restore(backup.path, to);
  await using changed = await startSteward({ dataDir: to });
  const db = new Database(join(to, "steward.sqlite"));
  db.prepare(`UPDATE zone_log SET data = replace(data, 'before', 'beyond')`).run();
  db.close();
  const own = openShell({
    STEWARD_URL: changed.httpUrl,
    STEWARD_TOKEN: steward.token,
  });
  try {
    const { path } = await own.json(["backup", "create"]);
    const { code, stdout } = await own.run(["backup", "verify", path, "--json"]);
    const found = JSON.parse(stdout);
    expect([code, found.ok]).toEqual([1, false]);
    expect(found.problems).toEqual([expect.stringMatching(/entry \d+: has another hash/)]);
  } finally {
    own[Symbol.dispose]();
  }
});

test.concurrent("what is restored into an empty folder is the same steward with all of it", async () => {
  const to = join(root, "moved");
  const { code, stdout } = await restore(backup.path, to);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/start --data/)]);
  await using restored = await startSteward({ dataDir: to });
  expect(restored.nodeId).toBe(steward.nodeId);
  await using client = await WireClient.connect(restored.wireUrl);
  const { zones } = await client.ask({ type: "zone.discover" });
  expect(zones).toEqual([expect.objectContaining({ zone_id: zoneId, members: 1 })]);
  // The tokens are the original's.
  const listed = await fetch(`${restored.httpUrl}/v1/zones`, {
    headers: { authorization: `Bearer ${steward.token}` },
  });
  expect(listed.status).toBe(200);
});

test.concurrent("a restore is refused where a steward runs, and over newer data but for --force, which moves that aside", async () => {
  const running = await restore(backup.path, dataDir, "--force");
  expect([running.code, running.stderr]).toEqual([
    1,
    expect.stringMatching(/Another steward uses/),
  ]);

  const to = join(root, "newer");
  await restore(backup.path, to);
  const again = await restore(backup.path, to);
  expect(again.code).toBe(0);
  const first = headSeqOf(to);
  {
    await using newer = await startSteward({ dataDir: to });
    await using client = await WireClient.connect(newer.wireUrl);
    await client.ask({ type: "zone.join", zone_id: zoneId });
  }
  expect(headSeqOf(to)).toBe(Number(first) + 1);
  const refused = await restore(backup.path, to);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/--force/)]);
  expect(refused.stderr).toContain(zoneId);
  expect(headSeqOf(to)).toBe(Number(first) + 1);
  const forced = await shell.json(["backup", "restore", backup.path, "--data", to, "--force"]);
  expect(headSeqOf(to)).toBe(first);
  expect(headSeqOf(forced.replaced)).toBe(Number(first) + 1);
});

/** A copy of the backup half of whose database is in its log; what a file of it may grow to at most. */
function copyWithLongLog(): { readonly copy: string; readonly bytesMax: number } {
  const copy = mkdtempSync(join(root, "logged-"));
  cpSync(backup.path, copy, { recursive: true });
  const path = join(copy, "steward.sqlite");
  const db = new Database(path);
  db.pragma("wal_checkpoint(TRUNCATE)");
  const { size } = statSync(path);
  db.pragma("wal_autocheckpoint = 0");
  db.prepare("UPDATE zone_log SET data = json_set(data, '$.filler', hex(zeroblob(?)))").run(
    Math.ceil(size / 4 / Number(db.prepare("SELECT count(*) FROM zone_log").pluck().get())),
  );
  const names = ["steward.sqlite", "steward.sqlite-wal"];
  const contents = names.map((name) => readFileSync(join(copy, name)));
  db.close();
  const manifest = JSON.parse(readFileSync(join(copy, "manifest.json"), "utf8"));
  for (const [i, name] of names.entries()) {
    const content = contents[i] ?? Buffer.alloc(0);
    writeFileSync(join(copy, name), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const file = manifest.files.find((one: Reply) => one.name === name);
    Object.assign(file, { bytes: content.length, parts: [{ bytes: content.length, sha256 }] });
  }
  writeFileSync(join(copy, "manifest.json"), JSON.stringify(manifest));
  return { copy, bytesMax: Math.max(size, contents[1]?.length ?? 0) + size / 8 };
}

test.concurrent("a restore whose database cannot be completed for want of room moves nothing", async () => {
  const { copy, bytesMax } = copyWithLongLog();
  const to = join(root, "no-room");
  await restore(backup.path, to);
  const before = readFileSync(join(to, "steward.sqlite"));
  const command = `ulimit -f ${Math.floor(bytesMax / 1024)}; exec "$@"`;
  const args = ["bin/steward.mjs", "backup", "restore", copy, "--data", to];
  const child = spawn("bash", ["-c", command, "-", process.execPath, ...args], { stdio: "pipe" });
  const [stderr, [code]] = await Promise.all([readAll(child.stderr), once(child, "close")]);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/Nothing was restored: .*SQLITE_/)]);
  expect(readFileSync(join(to, "steward.sqlite")).equals(before)).toBe(true);
  expect(readdirSync(to).filter((name) => /^(replaced-|\.restoring-)/.test(name))).toEqual([]);

  const { code: done } = await restore(copy, to);
  expect(done).toBe(0);
  const query = "SELECT count(*) FROM zone_log WHERE data LIKE '%filler%'";
  expect(readValue(to, query)).toBe(headSeqOf(to));
});

test.concurrent("what is restored is for its owner's eyes only, whatever the backup's files were", async () => {
  const copy = mkdtempSync(join(root, "wide-"));
  cpSync(backup.path, copy, { recursive: true });
  for (const name of readdirSync(copy)) chmodSync(join(copy, name), 0o644);
  const to = join(root, "narrow");
  expect((await restore(copy, to)).code).toBe(0);
  for (const name of [...KEYS, "steward.sqlite"]) {
    expect([name, statSync(join(to, name)).mode & 0o777]).toEqual([name, 0o600]);
  }
});

test.concurrent("a restore over another steward's keys is refused", async () => {
  const to = join(root, "other");
  await (await startSteward({ dataDir: to }))[Symbol.asyncDispose]();
  const { code, stderr } = await restore(backup.path, to);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/node-key\.pem there is another key/)]);
});

test.concurrent("a backup without keys says so, and is restored only where they are", async () => {
  const from = join(root, "keyless");
  await restore(backup.path, from);
  await using keyless = await startSteward({ dataDir: from, config: { backup: { keys: false } } });
  const made = await fetch(`${keyless.httpUrl}/v1/backups`, {
    method: "POST",
    headers: { authorization: `Bearer ${steward.token}` },
  });
  const body = (await made.json()) as Reply;
  expect([made.status, body.keys]).toEqual([201, false]);
  const { stdout } = await shell.run(["backup", "verify", body.path]);
  expect(stdout).toMatch(/keys +NOT in it/);
  const to = mkdtempSync(join(root, "elsewhere-"));
  const refused = await restore(body.path, to);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(steward.nodeId)]);
  for (const name of KEYS) {
    writeFileSync(join(to, name), readFileSync(join(from, name)), { mode: 0o600 });
  }
  expect((await restore(body.path, to)).code).toBe(0);
});

test.concurrent("a folder that is no backup is a usage error", async () => {
  const { code, stderr } = await shell.run(["backup", "verify", root]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/no complete backup/)]);
});

test("POST with an Idempotency-Key makes one backup; a second one meanwhile is a conflict", async () => {
  const headers = { "idempotency-key": "nightly-1" };
  const first = await steward.api("POST", "/v1/backups", { wait: false }, headers);
  expect([first.status, first.body.state]).toEqual([202, "running"]);
  const meanwhile = await steward.api("POST", "/v1/backups");
  expect([meanwhile.status, meanwhile.body.error.details.id]).toEqual([409, first.body.id]);
  await expect
    .poll(async () => (await steward.api("GET", `/v1/backups/${first.body.id}`)).body.state, {
      timeout: 10_000,
    })
    .toBe("complete");
  const again = await steward.api("POST", "/v1/backups", { wait: false }, headers);
  expect([again.status, again.body.id]).toEqual([202, first.body.id]);
});
