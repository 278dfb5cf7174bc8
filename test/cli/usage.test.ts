import type { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { openShell } from "./support.ts";

/** A port nobody listens on: it is reserved. */
const NOBODY = "http://127.0.0.1:1";
const shell = openShell({ STEWARD_URL: NOBODY });
const named = openShell({ STEWARD_URL: NOBODY, STEWARD_TOKEN: "zs_x" });
afterAll(() => {
  shell[Symbol.dispose]();
  named[Symbol.dispose]();
});

const ZONE = "zone_01890a5d-ac96-774b-bcce-b302099a8057";

test("help names every family in its group, and ends with 0", async () => {
  const { code, stdout } = await shell.run(["--help"]);
  expect(code).toBe(0);
  const groups = stdout.split("\n\n").map((part) => part.split("\n"));
  const familiesOf = (heading: string) =>
    groups
      .find(([first]) => first === heading)
      ?.flatMap((line) => /^ {2}([\w-]+)/.exec(line)?.[1] ?? []);
  expect(familiesOf("Service:")).toEqual([
    "init",
    "start",
    "dev",
    "demo",
    "doctor",
    "verify",
    "verify-evidence",
    "completion",
    "config",
    "chain",
    "secrets",
  ]);
  expect(familiesOf("Operator, over the admin API:")).toEqual([
    "zone",
    "member",
    "invite",
    "provider",
    "ban",
    "settlement",
    "escrow",
    "replica",
    "session",
    "token",
    "backup",
    "context",
    "audit",
    "breaker",
    "webhook",
    "events",
  ]);
  expect(familiesOf("Agent, over the wire:")).toEqual(["agent"]);
});

test("every command over the network takes --url and --json, and none takes a secret as an argument", () => {
  const leavesOf = (command: Command): Command[] =>
    command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
  const families = createProgram().commands.filter((family) => family.commands.length > 0);
  const leaves = families.flatMap(leavesOf);
  expect(leaves.length).toBeGreaterThan(35);
  for (const leaf of leaves) {
    const flags = leaf.options.map((option) => option.long);
    expect([leaf.name(), flags]).toEqual([leaf.name(), expect.arrayContaining(["--json"])]);
    const isLocal =
      ["keygen", "operator", "verify", "restore", "reset"].includes(leaf.name()) ||
      ["chain", "config", "context", "secrets"].includes(leaf.parent?.name() ?? "");
    if (!isLocal) expect(flags).toContain("--url");
    for (const flag of ["--token", "--wallet-key", "--seed"]) expect(flags).not.toContain(flag);
  }
});

const misuses: [string, string[], RegExp][] = [
  ["an unknown command", ["zoen"], /unknown command 'zoen'[\s\S]*zone/],
  ["an unknown command of a family", ["zone", "lsit"], /unknown command 'lsit'/],
  ["a family without a command", ["token"], /Usage: steward token/],
  ["a missing argument", ["zone", "show"], /missing required argument 'zone-id'/],
  ["an unknown option", ["zone", "list", "--jsno"], /unknown option '--jsno'/],
  ["a number out of bounds", ["zone", "list", "--limit", "501"], /from 1 to 500/],
  ["a duration of no unit", ["ban", "add", ZONE, "n", "--expires-in", "5"], /like 30m/],
  ["no token", ["zone", "list"], /--token-file or set STEWARD_TOKEN/],
  ["a token over the open network", ["zone", "list", "--url", "http://192.0.2.1"], /token/],
  ["no key", ["agent", "discover"], /--key <file>' not specified/],
  ["a key that is not there", ["agent", "discover", "--key", "none"], /agent keygen --key none/],
  [
    "an amount with a point",
    ["agent", "request", ZONE, "a", "--key", "k", "--max-amount", "0.5"],
    /smallest unit/,
  ],
];

test.concurrent.each(misuses)(
  "%s is a usage error, 2, and prints nothing to be parsed",
  async (_name, args, says) => {
    const { code, stdout, stderr } = await shell.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(says);
  },
);

test("files that hold no usable JSON are a usage error", async () => {
  const broken = named.write("broken.json", "{");
  const twice = named.write("twice.json", '{"name": "a", "name": "b"}');
  const list = named.write("list.json", "[]");
  for (const [file, says] of [
    [broken, /expected JSON/],
    [twice, /twice|same key|key/],
    [list, /expected a JSON object/],
    ["none.json", /ENOENT/],
  ] as const) {
    const { code, stderr } = await named.run(["zone", "create", file]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(says)]);
  }
});

test("a steward that does not answer is 3, for the operator and for an agent", async () => {
  await named.json(["agent", "keygen", "--key", "a.key"]);
  const [operator, agent] = await Promise.all([
    named.run(["zone", "list", "--json"]),
    named.run(["agent", "discover", "--key", "a.key", "--json"]),
  ]);
  expect(operator).toMatchObject({ code: 3, stdout: "" });
  expect(operator.stderr).toMatch(/127\.0\.0\.1:1 is not reachable/);
  expect(agent).toMatchObject({ code: 3, stdout: "" });
  expect(agent.stderr).toMatch(/connection_failed[\s\S]*hint/);
});
