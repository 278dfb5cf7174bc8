import { spawnSync } from "node:child_process";
import type { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { openShell } from "./support.ts";

const shell = openShell();
/** Not on every machine. */
const FISH = "fish";
afterAll(() => shell[Symbol.dispose]());

const hasShell = (name: string) => spawnSync(name, ["--version"]).status === 0;

async function writeScript(name: string): Promise<string> {
  const { code, stdout } = await shell.run(["completion", name]);
  expect(code).toBe(0);
  return shell.write(`completion.${name}`, stdout);
}

/** Has a shell complete the last of some words, as it does when a user presses the tabulator. */
function completeInBash(script: string, words: readonly string[]): string[] {
  const quoted = ["steward", ...words].map((word) => `'${word}'`).join(" ");
  const run = `source ${script}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}
    _steward; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", run], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").filter((word) => word !== "");
}

test("bash completes every command, and each one's own options", async () => {
  const script = await writeScript("bash");
  expect(completeInBash(script, ["zo"])).toEqual(["zone"]);
  expect(completeInBash(script, ["zone", "s"])).toEqual(["show", "stop"]);
  expect(completeInBash(script, ["zone", "list", "--a"]).sort()).toEqual([
    "--after",
    "--all",
    "--allow-insecure",
  ]);
  expect(completeInBash(script, ["zone", "list", "--json", "--ur"])).toEqual(["--url"]);
  expect(completeInBash(script, ["nothing", "x"])).toEqual([]);
  const check = (command: Command, path: readonly string[]): void => {
    const offered = completeInBash(script, [...path, ""]);
    const names = command.commands.map((sub) => sub.name());
    const options = command.options.flatMap(({ long }) => long ?? []);
    expect(offered, path.join(" ")).toEqual(expect.arrayContaining([...names, ...options]));
    for (const sub of command.commands)
      if (sub.commands.length > 0) check(sub, [...path, sub.name()]);
  };
  check(createProgram(), []);
});

test.runIf(hasShell("zsh"))("zsh takes its script", async () => {
  const script = await writeScript("zsh");
  const { status } = spawnSync("zsh", [
    "-c",
    `autoload -U compinit; compinit -u; source ${script}`,
  ]);
  expect(status).toBe(0);
});

test("each shell has a script with every family, and another shell is a usage error", async () => {
  const families = createProgram().commands.map((command) => command.name());
  for (const name of ["zsh", "fish"]) {
    const { stdout } = await shell.run(["completion", name]);
    for (const family of families) expect(stdout).toContain(family);
  }
  const fish = await writeScript("fish");
  if (hasShell(FISH)) expect(spawnSync(FISH, ["-n", fish]).status).toBe(0);
  expect((await shell.run(["completion", "tcsh"])).code).toBe(2);
});
