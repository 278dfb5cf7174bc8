import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { createProgram } from "../../src/cli/program.ts";

const FILE_VARIABLE = "ZONE_STEWARD_SEEN_COMMANDS";

/** Notes a user's command that got an answer, which may be a refusal, in a process of its own. */
export function noteCommand(args: readonly string[], code: number | null): void {
  if (code !== EXIT.ok && code !== EXIT.failed) return;
  const file = process.env[FILE_VARIABLE];
  const words = args.slice(0, args.findIndex((arg) => arg.startsWith("-")) >>> 0);
  if (file !== undefined) appendFileSync(file, `${words.join(" ")} \n`);
}

/** Fails after the whole suite where a command has not been run as users run it. */
export default function setup(): () => void {
  const dir = mkdtempSync(join(tmpdir(), "seen-commands-"));
  const file = join(dir, "commands");
  writeFileSync(file, "");
  process.env[FILE_VARIABLE] = file;
  const isWholeSuite = process.argv.slice(2).every((arg) => arg === "run" || arg.startsWith("-"));
  return () => {
    const seen = readFileSync(file, "utf8").split("\n");
    rmSync(dir, { recursive: true });
    if (!isWholeSuite) return;
    const missing = leavesOf(createProgram(), []).filter(
      (name) => !seen.some((words) => words.startsWith(`${name} `)),
    );
    process.stdout.write(`commands no test ran as users do: ${missing.join(", ") || "none"}\n`);
    if (missing.length > 0) process.exitCode = 1;
  };
}

function leavesOf(command: Command, path: readonly string[]): string[] {
  if (command.commands.length === 0) return [path.join(" ")];
  return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}
