import { createPrivateKey } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { privateKeyToAddress } from "viem/accounts";
import { afterAll, expect, test } from "vitest";
import { createApi } from "../support/steward.ts";
import { StewardProcess } from "../support/steward-process.ts";
import { openShell } from "./support.ts";

const shell = openShell();
afterAll(() => shell[Symbol.dispose]());

const data = join(shell.dir, "data");
let token: string;
const KEYS = ["node-key.pem", "creator-key.pem", "wallet-key"];
const read = () => KEYS.map((name) => readFileSync(join(data, name), "utf8"));
const withKey = (file: string) => ["--config", writeConfig(file)];

function writeConfig(masterKeyFile: string | undefined): string {
  return shell.write(`${masterKeyFile ?? "none"}.json`, {
    data_dir: data,
    http: { port: 0 },
    // A chain that nobody serves: the wallet is needed, and its key read.
    chains: [CHAIN],
    ...(masterKeyFile !== undefined && { secrets: { master_key_file: masterKeyFile } }),
  });
}
const CHAIN = {
  ...{ chain_id: 5, network: "dark", rpc_urls: ["http://127.0.0.1:1"] },
  usdc: `0x${"11".repeat(20)}`,
  settlement: `0x${"22".repeat(20)}`,
};

test("keys are sealed in formats that other tools open, and the steward starts with the master key as before", async () => {
  const { stdout } = await shell.run(["init", "--data", data]);
  const [, nodeId] = /^node id +(\S+)$/m.exec(stdout) ?? [];
  token = /^admin token +(\S+)$/m.exec(stdout)?.[1] ?? "";
  const plain = read();
  expect(await shell.json(["secrets", "keygen", "master.key"])).toEqual({
    master_key_file: "master.key",
  });
  expect((await shell.run(["secrets", "keygen", "master.key"])).code).toBe(2);
  const master = readFileSync(join(shell.dir, "master.key"), "utf8").trim();
  expect((await shell.run(["secrets", "seal", ...withKey("gone.key")])).code).toBe(2);
  expect(read()).toEqual(plain);

  const sealed = await shell.json(["secrets", "seal", ...withKey("master.key")]);
  expect(sealed.files).toEqual(
    KEYS.map((name) => ({ file: join(data, name), was: "open", is: "sealed" })),
  );
  const [node = "", creator = "", wallet = ""] = read();
  for (const [i, pem] of [node, creator].entries()) {
    expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    const opened = createPrivateKey({ key: pem, passphrase: master });
    expect(opened.export({ type: "pkcs8", format: "pem" })).toBe(plain[i]);
  }
  const { version, address, crypto } = JSON.parse(wallet);
  const walletKey = (plain[2] ?? "").trim() as `0x${string}`;
  expect({ version, cipher: crypto.cipher, kdf: crypto.kdf }).toEqual({
    ...{ version: 3, cipher: "aes-128-ctr", kdf: "scrypt" },
  });
  expect(`0x${address}`).toBe(privateKeyToAddress(walletKey).toLowerCase());
  expect(wallet).not.toContain(walletKey.slice(2));

  const status = await shell.json(["secrets", "status", ...withKey("master.key")]);
  expect(status.files).toMatchObject([{ state: "sealed", key: nodeId }, {}, { problem: "" }]);
  const doctor = await shell.run(["doctor", ...withKey("master.key"), "--json"]);
  const { findings } = JSON.parse(doctor.stdout);
  const files = findings.filter(
    ({ area, ok }: { area: string; ok: boolean }) => area === "files" && !ok,
  );
  expect(files).toEqual([]);
  const secrets = { master_key_file: join(shell.dir, "master.key") };
  const config = { http: { port: 0 }, log: { level: "silent" }, chains: [CHAIN], secrets };
  await using steward = await StewardProcess.start({ dataDir: data, config });
  expect(steward.nodeId).toBe(nodeId);
  expect(read()).toEqual([node, creator, wallet]);
});

test("without the master key, or with another one, nothing starts and nothing is changed", async () => {
  const sealed = read();
  const none = await shell.run(["start", ...withKeyless()]);
  expect([none.code, none.stdout]).toEqual([2, ""]);
  expect(none.stderr).toMatch(/node-key\.pem is sealed: .*master_key_file.*STEWARD_MASTER_KEY/);
  shell.write("other.key", `${"another".repeat(5)}\n`);
  const wrong = await shell.run(["start", ...withKey("other.key")]);
  expect([wrong.code, wrong.stdout]).toEqual([2, ""]);
  expect(wrong.stderr).toMatch(/cannot be opened with this master key[\s\S]*Nothing was changed/);
  for (const command of ["seal", "unseal"]) {
    expect((await shell.run(["secrets", command, ...withKey("other.key")])).code).toBe(2);
  }
  shell.write("short.key", "short");
  const short = await shell.run(["start", ...withKey("short.key")]);
  expect([short.code, short.stderr]).toEqual([
    2,
    expect.stringMatching(/secrets\.master_key_file: .*at least 24/),
  ]);
  const { code, stdout } = await shell.run(["doctor", ...withKeyless(), "--json"]);
  expect(code).toBe(1);
  const items = JSON.parse(stdout).findings.filter(({ ok }: { ok: boolean }) => !ok);
  expect(items.map(({ item }: { item: string }) => item)).toEqual(expect.arrayContaining(KEYS));
  expect(read()).toEqual(sealed);
});

function withKeyless(): string[] {
  return ["--config", writeConfig(undefined)];
}

test("keys are sealed anew under another master key, also where that was stopped half-way, and opened again", async () => {
  await shell.json(["secrets", "keygen", "next.key"]);
  const before = read();
  const rotate = [
    "secrets",
    "rotate",
    ...withKey("master.key"),
    "--new-master-key-file",
    "next.key",
  ];
  await shell.json(rotate);
  // As if it had been stopped after the first file.
  for (const [i, name] of KEYS.entries())
    if (i > 0) writeFileSync(join(data, name), before[i] ?? "");
  const again = await shell.json(rotate);
  expect(again.files.map(({ was }: { was: string }) => was)).toEqual([
    "sealed with the new master key",
    "sealed",
    "sealed",
  ]);
  expect((await shell.run(["secrets", "unseal", ...withKey("master.key")])).code).toBe(2);
  const opened = await shell.json(["secrets", "unseal", ...withKey("next.key")]);
  expect(opened.files.map(({ is }: { is: string }) => is)).toEqual(["open", "open", "open"]);
  expect(read()[0]).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
});

test("where one key cannot be opened none is written out, be it beside the others", async () => {
  const plain = read();
  const sealed = await shell.json(["secrets", "seal", ...withKey("master.key")]);
  expect(sealed.files).toHaveLength(KEYS.length);
  const before = read();
  // The last file is sealed with another master key.
  const rotate = ["secrets", "rotate", ...withKey("master.key")];
  await shell.json([...rotate, "--new-master-key-file", "next.key"]);
  for (const name of KEYS.slice(0, 2))
    writeFileSync(join(data, name), before[KEYS.indexOf(name)] ?? "");
  const refused = await shell.run(["secrets", "unseal", ...withKey("master.key")]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/wallet-key cannot/)]);
  expect(read().slice(0, 2)).toEqual(before.slice(0, 2));
  expect(readdirSync(data).filter((name) => name.endsWith(".new"))).toEqual([]);
  for (const [i, name] of KEYS.entries()) writeFileSync(join(data, name), before[i] ?? "");
  // A file that cannot be written anew, for what is in its place.
  const inTheWay = join(data, "wallet-key.new");
  mkdirSync(inTheWay);
  expect((await shell.run(["secrets", "unseal", ...withKey("master.key")])).code).not.toBe(0);
  expect(read()).toEqual(before);
  expect(readdirSync(data).filter((name) => /key.*\.new$/.test(name))).toEqual(["wallet-key.new"]);
  rmdirSync(inTheWay);
  await shell.json(["secrets", "unseal", ...withKey("master.key")]);
  expect(read()).toEqual(plain);
});

test("a wallet key is replaced only while nothing is in flight, and the old one is kept", async () => {
  const [, , before = ""] = read();
  const old = privateKeyToAddress(before.trim() as `0x${string}`);
  const copy = join(shell.dir, "copy.sqlite");
  const database = join(data, "steward.sqlite");
  copyFileSync(database, copy);
  const db = new Database(database);
  db.exec(`INSERT INTO refunds (payment_id, chain_id, token, "to", amount, state, requested_by, created_at, updated_at)
    VALUES ('pay_x', 5, '0x', '0x', '1', 'requested', 'op', 0, 0)`);
  db.close();
  const busy = await shell.run(["secrets", "new-wallet", ...withKeyless()]);
  expect([busy.code, busy.stderr]).toEqual([2, expect.stringMatching(/not done: 1 refunds/)]);
  expect(read()[2]).toBe(before);
  copyFileSync(copy, database);
  const other = `0x${"33".repeat(20)}`;
  const file = new Database(database);
  // An escrow that others may end is none of it.
  for (const [id, arbiter] of Object.entries({ e1: old.toLowerCase(), e2: other }))
    file.exec(toEscrow(id, other, arbiter));
  file.exec(`${ESCROW_OP}; ${CLAIM}`);
  file.close();
  const held = await shell.run(["secrets", "new-wallet", ...withKeyless()]);
  expect([held.code, held.stderr]).toEqual([
    2,
    expect.stringContaining("1 escrow operations, 1 claims, 1 open escrows with it as a party."),
  ]);
  const without = new Database(database);
  without.exec(
    "DELETE FROM escrow_ops; DELETE FROM claims; DELETE FROM escrows WHERE escrow_id = 'e1'",
  );
  without.close();
  const made = await shell.json(["secrets", "new-wallet", ...withKeyless()]);
  expect(made).toMatchObject({ before: old, kept_in: join(data, `wallet-key.${old}`) });
  expect(readFileSync(made.kept_in, "utf8")).toBe(before);
  expect(privateKeyToAddress((read()[2] ?? "").trim() as `0x${string}`)).toBe(made.wallet);
  expect(made.wallet).not.toBe(old);

  // The key that is kept is a key as the others.
  const { files } = await shell.json(["secrets", "seal", ...withKey("master.key")]);
  expect(files.map(({ file }: { file: string }) => file)).toContain(made.kept_in);
  expect(readFileSync(made.kept_in, "utf8")).not.toContain(before.trim().slice(2));
  const status = await shell.json(["secrets", "status", ...withKey("master.key")]);
  expect(status.files).toContainEqual({
    ...{ file: made.kept_in, state: "sealed", key: old, problem: "" },
  });
  const secrets = { master_key_file: join(shell.dir, "master.key") };
  const config = { http: { port: 0 }, log: { level: "silent" }, chains: [CHAIN], secrets };
  await using steward = await StewardProcess.start({ dataDir: data, config });
  const api = createApi(steward.httpUrl, token);
  const backup = await api("POST", "/v1/backups");
  expect(readFileSync(join(backup.body.path, `wallet-key.${old}`), "utf8")).toBe(
    readFileSync(made.kept_in, "utf8"),
  );
});

const ESCROW_OP = `INSERT INTO escrow_ops (chain_id, contract, escrow_id, op, requested_by, state, created_at, updated_at)
  VALUES (5, '0x', '0x', 'release', 'op', 'requested', 0, 0)`;
const CLAIM = `INSERT INTO claims (chain_id, contract, token, owner, state, requested_by, created_at, updated_at)
  VALUES (5, '0x', '0x', '0x', 'submitted', 'op', 0, 0)`;

function toEscrow(id: string, recipient: string, arbiter: string): string {
  return `INSERT INTO escrows (chain_id, contract, escrow_id, task_id, payment_id, node_id, request_id, zone_id,
      token, depositor, recipient, arbiter, amount, status, deadline, created_at, updated_at)
    VALUES (5, '0x', '${id}', '0x', 'pay_x', 'n', 'r', 'z', '0x', '0x', '${recipient}', '${arbiter}', '1', 'deposited', 0, 0, 0)`;
}
