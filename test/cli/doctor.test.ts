import { once } from "node:events";
import { chmodSync, cpSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPayingSteward } from "../admin/paying-steward.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { openShell } from "./support.ts";

interface Found {
  readonly area: string;
  readonly item: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string;
}

const shell = openShell();
const world = await startPayingSteward();
/** A data directory that a steward left in good order. */
const healthy = join(shell.dir, "healthy");
let chain: Record<string, unknown>;

beforeAll(async () => {
  const { steward, contracts, chain: node } = world;
  const zoneId = await steward.createZone();
  await using agent = await WireClient.connect(steward.wireUrl);
  await agent.ask({ type: "zone.join", zone_id: zoneId });
  await steward.steward[Symbol.asyncDispose]();
  cpSync(steward.dataDir, healthy, { recursive: true });
  const network = { chain_id: node.chainId, network: "anvil", rpc_urls: [node.rpcUrl] };
  chain = { ...network, ...contracts };
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  shell[Symbol.dispose]();
});

/** Copies the data directory, beside a configuration for it. */
function copyHealthy(name: string, config: object): { dir: string; file: string } {
  const dir = join(shell.dir, name);
  cpSync(healthy, dir, { recursive: true });
  return { dir, file: shell.write(`${name}.json`, { data_dir: dir, chains: [chain], ...config }) };
}

function change(dir: string, sql: string): void {
  const db = new Database(join(dir, "steward.sqlite"));
  db.exec(sql);
  db.close();
}

/** Runs the doctor, which says what to do of whatever it finds wrong, to programs and to people. */
async function examine(args: readonly string[]): Promise<{ code: number | null; wrong: Found[] }> {
  const { code, stdout } = await shell.run(["doctor", ...args, "--json"]);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Found[] };
  const wrong = findings.filter((finding) => !finding.ok);
  expect({ ok, code }).toEqual({ ok: wrong.length === 0, code: wrong.length === 0 ? 0 : 1 });
  for (const { item, hint } of wrong) expect(hint, item).toMatch(/\w{3}/);
  return { code, wrong };
}

const free = { http: { port: 0 } };
const names = (wrong: readonly Found[]) => wrong.map(({ area, item }) => `${area}: ${item}`);

test("in a data directory in good order the doctor finds nothing wrong and changes nothing", async () => {
  const { dir, file } = copyHealthy("good", free);
  const before = statSync(join(dir, "steward.sqlite")).mtimeMs;
  const { wrong } = await examine(["--config", file]);
  expect(wrong).toEqual([]);
  expect(statSync(join(dir, "steward.sqlite")).mtimeMs).toBe(before);
  const { code, stdout } = await shell.run(["doctor", "--config", file]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/\nNothing is wrong\.\n$/)]);
});

test("twelve faults planted at once are all found, each with what to do", async () => {
  await using late = createServer((request, response) => {
    response.setHeader("date", new Date(Date.now() + 3_600_000).toUTCString());
    request.pipe(response);
  });
  await using taken = createServer();
  for (const server of [late, taken]) await once(server.listen(0, "127.0.0.1"), "listening");
  const portOf = (server: typeof late) => (server.address() as AddressInfo).port;
  const lateUrl = `http://127.0.0.1:${portOf(late)}`;
  const { dir, file } = copyHealthy("planted", {
    http: { port: portOf(taken), public_url: lateUrl },
    store: { disk_free_bytes_min: Number.MAX_SAFE_INTEGER },
    handlers: { "*": { gone: { type: "module", path: "gone.mjs" } } },
    chains: [
      { ...chain, settlement: `0x${"12".repeat(20)}`, rpc_urls: [world.chain.rpcUrl, lateUrl] },
      { ...chain, chain_id: 5, network: "dark", rpc_urls: ["http://127.0.0.1:1", lateUrl] },
      { ...chain, chain_id: 6, network: "other" },
    ],
  });
  chmodSync(join(dir, "node-key.pem"), 0o644);
  writeFileSync(join(dir, "wallet-key"), "0x1234\n", { mode: 0o600 });
  rmSync(join(dir, "creator-key.pem"));
  change(dir, `UPDATE zone_log SET data = replace(data, 'joined', 'jolted')`);
  change(
    dir,
    `INSERT INTO replicated_zones (zone_id, epoch, n, digest, seq, hash, complete, lost, released, updated_at)
     SELECT zone_id, 0, 0, '', 0, head_hash, 1, 1, 0, 0 FROM zones`,
  );
  const { wrong } = await examine(["--config", file]);
  const found = names(wrong);
  expect(found).toEqual(
    expect.arrayContaining([
      "configuration: handlers.*.gone.path",
      "files: node-key.pem",
      "files: wallet-key",
      "files: creator-key.pem",
      "files: disk space",
      "database: hash chains",
      "database: replication",
      "clock: this machine's clock",
      "service: port",
      expect.stringMatching(/^chain: 31337 settlement/),
      expect.stringMatching(/^chain: 5 rpc_urls\.0/),
      expect.stringMatching(/^chain: 6 rpc_urls\.0/),
    ]),
  );
  const hintOf = (item: string) => wrong.find((finding) => finding.item === item)?.hint;
  expect(hintOf("node-key.pem")).toContain(`chmod 600 ${join(dir, "node-key.pem")}`);
  expect(wrong.find(({ area }) => area === "clock")?.detail).toMatch(/is 3[56]\d\d s behind/);
  const { stdout } = await shell.run(["doctor", "--config", file]);
  for (const { item, hint } of wrong) {
    expect(stdout).toContain(item);
    expect(stdout).toContain(hint);
  }
  expect(stdout).toContain(`${wrong.length} thing(s) are wrong.`);
});

test("a configuration that cannot be used is told key by key, and the rest is looked at all the same", async () => {
  const { dir, file } = copyHealthy("typo", { htp: {}, http: { port: "x" } });
  chmodSync(join(dir, "creator-key.pem"), 0o640);
  const { wrong } = await examine(["--config", file, "--data", dir]);
  expect(names(wrong)).toEqual([
    "configuration: http.port",
    "configuration: htp",
    "files: creator-key.pem",
  ]);
});

test("a damaged database, and one of a newer version, are told from each other", async () => {
  const damaged = copyHealthy("damaged", free);
  const database = join(damaged.dir, "steward.sqlite");
  change(damaged.dir, "VACUUM");
  const fd = openSync(database, "r+");
  for (let page = 3; page < 30; page++) writeSync(fd, Buffer.alloc(512, 0x5a), 0, 512, page * 4096);
  const newer = copyHealthy("newer", free);
  change(newer.dir, "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('f', 9e15)");
  const [broken, later] = await Promise.all([
    examine(["--config", damaged.file]),
    examine(["--config", newer.file]),
  ]);
  expect(new Set(names(broken.wrong))).toEqual(new Set(["database: integrity"]));
  expect(later.wrong).toEqual([
    expect.objectContaining({ item: "migrations", detail: expect.stringMatching(/newer version/) }),
  ]);
});

test("of a steward that runs, the doctor says what it says of itself", async () => {
  const dataDir = join(shell.dir, "running");
  cpSync(healthy, dataDir, { recursive: true });
  const wallet = {
    chains: [{ ...chain, chain_id: 7, network: "gone", rpc_urls: ["http://127.0.0.1:1"] }],
  };
  await using steward = await startSteward({ dataDir, config: wallet });
  const file = shell.write("running.json", { data_dir: dataDir, http: { port: 0 }, ...wallet });
  const { wrong } = await examine(["--config", file, "--url", steward.httpUrl]);
  const found = names(wrong);
  expect(found).toContain("service: ready");
  expect(found).toContain("service: chain:7 chain-unreachable");
  expect(found).not.toContain("service: port");
  const other = await startSteward();
  await using _ = other;
  const misled = await examine(["--config", file, "--url", other.httpUrl]);
  expect(misled.wrong.map(({ detail }) => detail)).toContainEqual(
    expect.stringContaining(`another steward: ${other.nodeId}`),
  );
});

test("with a token the doctor names the upstreams of actions that are known to be down", async () => {
  const dataDir = join(shell.dir, "upstream");
  const down = { type: "http", url: "http://127.0.0.1:1/", allow_private: ["127.0.0.1"] };
  await using steward = await startSteward({ dataDir, config: { handlers: { "*": { down } } } });
  const actions = [{ name: "down", description: "Is down." }];
  const zoneId = await steward.createZone({ actions });
  await using agent = await WireClient.connect(steward.wireUrl);
  await agent.ask({ type: "zone.join", zone_id: zoneId });
  for (let n = 0; n < 5; n++) {
    const request = { type: "zone.request", request_id: `r${n}`, zone_id: zoneId, action: "down" };
    expect(await agent.ask(request)).toMatchObject({ type: "zone.error" });
  }
  const file = shell.write("upstream.json", { data_dir: dataDir, http: { port: 0 } });
  const token = shell.write("upstream.token", steward.token);
  const asked = ["--config", file, "--url", steward.httpUrl, "--token-file", token];
  const { wrong } = await examine(asked);
  expect(wrong).toMatchObject([
    { area: "service", item: "upstreams", detail: expect.stringContaining("127.0.0.1:1 is down") },
  ]);
});
