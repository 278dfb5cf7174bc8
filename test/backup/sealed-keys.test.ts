import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { afterAll, expect, test } from "vitest";
import { openShell } from "../cli/support.ts";
import { startSteward } from "../support/steward.ts";
import type { Reply } from "../support/wire-client.ts";

const shell = openShell();
afterAll(() => shell[Symbol.dispose]());
const data = join(shell.dir, "data");
const read = (name: string) => readFileSync(join(data, name), "utf8");
const config = (masterKeyFile?: string) =>
  shell.write(`${masterKeyFile ?? "none"}.json`, {
    ...{ data_dir: data, http: { port: 0 } },
    ...(masterKeyFile !== undefined && { secrets: { master_key_file: masterKeyFile } }),
  });
const restore = (path: string, ...more: string[]) =>
  shell.run(["backup", "restore", path, "--data", data, ...more]);

async function makeBackup(masterKeyFile?: string): Promise<string> {
  const secrets = masterKeyFile && { master_key_file: join(shell.dir, masterKeyFile) };
  await using steward = await startSteward({ dataDir: data, config: secrets ? { secrets } : {} });
  const made = await fetch(`${steward.httpUrl}/v1/backups`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await made.json()) as Reply).path as string;
}
let token = "";
let open = "";

test("a backup goes over the same keys though they were sealed since, where the master key is known", async () => {
  const { stdout } = await shell.run(["init", "--data", data]);
  token = /^admin token +(\S+)$/m.exec(stdout)?.[1] ?? "";
  open = await makeBackup();
  expect(readFileSync(join(open, "secrets-key"), "utf8")).toBe(read("secrets-key"));
  const plain = read("node-key.pem");
  await shell.json(["secrets", "keygen", "master.key"]);
  await shell.json(["secrets", "seal", "--config", config("master.key")]);
  expect(existsSync(join(data, "secrets-key"))).toBe(false);
  const unknown = await restore(open);
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    expect.stringMatching(/- node-key\.pem cannot be told from the backup's.*--config/),
  ]);
  const known = await shell.json(["backup", "restore", open, "--config", config("master.key")]);
  expect(known).toMatchObject({ data_dir: data, sealed_otherwise: [] });
  expect(read("node-key.pem")).toBe(plain);
});

test("a backup of keys that were sealed with an earlier master key goes over them, and says what does not open", async () => {
  await shell.json(["secrets", "seal", "--config", config("master.key")]);
  const sealed = await makeBackup("master.key");
  await shell.json(["secrets", "keygen", "next.key"]);
  const rotate = ["secrets", "rotate", "--config", config("master.key")];
  await shell.json([...rotate, "--new-master-key-file", "next.key"]);
  const restored = await shell.json(["backup", "restore", sealed, "--config", config("next.key")]);
  expect(restored.sealed_otherwise).toEqual(
    ["node-key.pem", "creator-key.pem", "wallet-key"].map((name) =>
      expect.stringContaining(`${name} cannot be opened with this master key`),
    ),
  );
});

test("another wallet's key, sealed or not, is another key, and the doctor reads those that are kept", async () => {
  expect((await restore(open, "--config", config("master.key"))).code).toBe(0);
  const wallet = read("wallet-key");
  const other = generatePrivateKey();
  writeFileSync(join(data, "wallet-key"), other);
  const refused = await restore(open);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/- wallet-key there is another key than the backup's/),
  ]);
  writeFileSync(join(data, "wallet-key"), wallet);
  const address = privateKeyToAddress(other);
  const kept = `wallet-key.${address}`;
  const examine = async () => {
    const { stdout } = await shell.run(["doctor", "--config", config(), "--json"]);
    const { findings } = JSON.parse(stdout) as { findings: Reply[] };
    return findings.filter(({ item }) => item === kept || item === "sealed secrets");
  };
  writeFileSync(join(data, kept), other, { mode: 0o600 });
  expect(await examine()).toEqual([
    expect.objectContaining({ ok: true, detail: expect.stringMatching(/former wallet/) }),
    expect.objectContaining({ ok: true, detail: "0 in the database, and all can be opened" }),
  ]);
  writeFileSync(join(data, kept), wallet);
  const own = privateKeyToAddress(wallet.trim() as `0x${string}`);
  expect((await examine())[0]).toMatchObject({ ok: false, detail: `holds the key of ${own}` });
});
