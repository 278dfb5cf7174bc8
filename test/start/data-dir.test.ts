import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MACHINE_NODE, UserShell } from "../support/user-shell.ts";

const FREE_PORT = { STEWARD_HTTP__PORT: "0" };
const KEY_FILES = ["creator-key.pem", "node-key.pem", "steward.sqlite"];

function openShell(): UserShell {
  const shell = new UserShell();
  onTestFinished(() => shell[Symbol.asyncDispose]());
  return shell;
}

/** Runs init; returns the node id and the command it prints. */
async function init(shell: UserShell, ...args: string[]) {
  const { code, stdout, stderr } = await shell.run(["init", ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const nodeId = /^node id +(atlas_\S+)$/m.exec(stdout)?.[1] ?? "";
  const command = /^Next: (.*)$/m.exec(stdout)?.[1] ?? "";
  return { nodeId, command, stdout };
}

/** Runs a shell line that starts a steward; returns its node id. */
async function startLine(shell: UserShell, line: string, cwd: string): Promise<string> {
  const steward = shell.sh(line, { cwd, env: FREE_PORT });
  const [, nodeId = ""] = await steward.says(/^node {3}(\S+)$/m);
  expect(steward.stdout).not.toMatch(/token/);
  expect((await steward.stop()).code).toBe(0);
  return nodeId;
}

test("the command that init prints starts that steward from any folder, and writes nothing there", async () => {
  const shell = openShell();
  const { nodeId, command } = await init(shell, "--data", 'its data\'s "home" $HOME');
  const elsewhere = join(shell.dir, "elsewhere");
  mkdirSync(elsewhere);
  expect(await startLine(shell, command, elsewhere)).toBe(nodeId);
  expect(await startLine(shell, command, "/")).toBe(nodeId);
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(readdirSync(shell.dir)).toHaveLength(2);
  expect(readdirSync(shell.home)).toEqual([]);
});

test("where a shell finds steward by its name, as after a global install, init prints that", async () => {
  const shell = openShell();
  const bin = join(shell.dir, "bin");
  mkdirSync(bin);
  const entry = join(import.meta.dirname, "../../bin/steward.mjs");
  symlinkSync(entry, join(bin, "steward"));
  symlinkSync(MACHINE_NODE, join(bin, "node"));
  const global = new UserShell({ PATH: `${bin}:/usr/bin:/bin` });
  onTestFinished(() => global[Symbol.asyncDispose]());
  const { nodeId, command } = await init(global);
  expect(command).toBe(`steward start --config ${global.dir}/data/steward.config.json`);
  expect(await startLine(global, command, "/")).toBe(nodeId);
});

test("a second init keeps everything, and its command leads to the same steward", async () => {
  const shell = openShell();
  const first = await init(shell);
  writeFileSync(join(shell.dir, "data", "steward.config.json"), '{"data_dir": "./deeper"}');
  const second = await init(shell);
  expect(second.nodeId).toBe(first.nodeId);
  expect(second.stdout).toMatch(/^made +nothing/m);
  expect(await startLine(shell, second.command, "/")).toBe(first.nodeId);
  expect(existsSync(join(shell.dir, "data", "deeper"))).toBe(false);
});

test("init with a configuration that cannot be used makes nothing, above all no token", async () => {
  const shell = openShell();
  mkdirSync(join(shell.dir, "data"));
  writeFileSync(join(shell.dir, "data", "steward.config.json"), '{"data_dri": "."}');
  const { code, stderr } = await shell.run(["init"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("data_dri")]);
  expect(readdirSync(join(shell.dir, "data"))).toEqual(["steward.config.json"]);
});

test("a start without keys or database names each, makes nothing, and needs --create", async () => {
  const shell = openShell();
  writeFileSync(join(shell.dir, "steward.config.json"), '{"data_dir": "state"}');
  for (const args of [
    ["start"],
    ["start", "--data", "other"],
    ["start", "--config", "none/../steward.config.json"],
  ]) {
    const { code, stdout, stderr } = await shell.run(args, { env: FREE_PORT });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    for (const name of KEY_FILES) expect(stderr).toContain(`- ${name}: `);
    expect(stderr).toMatch(/--create/);
    expect(stderr).not.toMatch(/wallet-key/);
  }
  expect(readdirSync(shell.dir)).toEqual(["steward.config.json"]);
  const steward = shell.start(["start", "--create"], { env: FREE_PORT });
  await steward.says(/^token {2}zs_\S+/m);
  expect((await steward.stop()).code).toBe(0);
  expect(readdirSync(join(shell.dir, "state"))).toEqual(expect.arrayContaining(KEY_FILES));
});

test("a start without any configuration makes no keys either", async () => {
  const shell = openShell();
  const { code, stderr } = await shell.run(["start"], { env: FREE_PORT });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/no file[\s\S]*--create/)]);
  expect(readdirSync(shell.dir)).toEqual([]);
});

test("what is missing of an earlier steward is named alone, the wallet where there is a chain", async () => {
  const shell = openShell();
  await init(shell);
  const data = join(shell.dir, "data");
  const chain = {
    ...{ chain_id: 31337, network: "x", rpc_urls: ["http://127.0.0.1:1"] },
    ...{ usdc: `0x${"1".repeat(40)}`, settlement: `0x${"2".repeat(40)}` },
  };
  const config = join(data, "steward.config.json");
  writeFileSync(config, JSON.stringify({ data_dir: ".", chains: [chain] }));
  for (const name of [...KEY_FILES, "wallet-key"]) {
    renameSync(join(data, name), join(data, "away"));
    const { code, stderr } = await shell.run(["start", "--config", config], { env: FREE_PORT });
    expect(code).toBe(2);
    expect(stderr.match(/^- (\S+):/gm)).toEqual([`- ${name}:`]);
    expect(existsSync(join(data, name))).toBe(false);
    renameSync(join(data, "away"), join(data, name));
  }
  writeFileSync(config, JSON.stringify({ data_dir: "." }));
  rmSync(join(data, "wallet-key"));
  const steward = shell.start(["start", "--config", config], { env: FREE_PORT });
  await steward.says(/^node {3}/m);
  expect((await steward.stop()).code).toBe(0);
});

test("relative paths of the file start at its folder, those of flags and environment at the working directory", async () => {
  const shell = openShell();
  const site = join(shell.dir, "site");
  mkdirSync(site);
  writeFileSync(
    join(site, "upper.mjs"),
    "export default ({ params }) => params.text.toUpperCase();",
  );
  const handlers = { "*": { shout: { type: "module", path: "./upper.mjs" } } };
  writeFileSync(join(site, "steward.config.json"), JSON.stringify({ data_dir: "kept", handlers }));
  const { nodeId: ofFile } = await init(shell, "--data", "site/kept");
  const { nodeId: ofFlag } = await init(shell, "--data", "flag");
  const start = "start --config site/steward.config.json";
  const startIn = async (args: string, env: Record<string, string>) => {
    const steward = shell.start(args.split(" "), { env: { ...FREE_PORT, ...env } });
    const [, nodeId] = await steward.says(/^node {3}(\S+)$/m);
    expect((await steward.stop()).code).toBe(0);
    return nodeId;
  };
  expect(await startIn(start, {})).toBe(ofFile);
  expect(await startIn(`${start} --data flag`, {})).toBe(ofFlag);
  expect(await startIn(start, { STEWARD_DATA_DIR: "./flag" })).toBe(ofFlag);
  expect(await startIn("start", { STEWARD_DATA_DIR: "site/kept" })).toBe(ofFile);
});
