import { resolve } from "node:path";
import type { Command } from "commander";
import { printAnswer, toDone, toFields, toTable } from "../output.ts";
import {
  getContext,
  putContext,
  readContexts,
  removeContext,
  type StewardContext,
  toContextsFile,
} from "./contexts.ts";

interface JsonOption {
  readonly json?: boolean;
}

/** Adds `steward context …`. */
export function addContextCommands(program: Command): void {
  const context = program
    .command("context")
    .description("name stewards, for --context of operator commands")
    .addHelpText("after", `\nKept in ${toContextsFile()}; a token stays in its own file.`);
  add(context, "list", "list contexts").action((options: JsonOption) => {
    const contexts = readContexts();
    const text = () => toTable(Object.entries(contexts).map(([name, one]) => toRow(name, one)));
    printAnswer({ value: { contexts }, text }, options.json);
  });
  add(context, "show <name>", "show a context").action((name: string, options: JsonOption) => {
    const found = getContext(name);
    const text = () => toFields(toRow(name, found));
    printAnswer({ value: { name, ...found }, text }, options.json);
  });
  add(context, "set <name>", "add a context, or replace it")
    .requiredOption("--url <url>", "the steward's HTTP URL")
    .requiredOption("--token-file <file>", "file that holds the admin token, mode 0600")
    .action((name: string, { url, tokenFile, json }: JsonOption & SetOptions) => {
      const made = { url, token_file: resolve(tokenFile) };
      putContext(name, made);
      printAnswer(toDone({ name, ...made }, `--context ${name} is ${url} from now on`), json);
    });
  add(context, "remove <name>", "remove a context; its token's file stays").action(
    (name: string, { json }: JsonOption) => {
      removeContext(name);
      printAnswer(toDone({ name, removed: true }, `there is no context ${name} any more`), json);
    },
  );
}

interface SetOptions {
  readonly url: string;
  readonly tokenFile: string;
}

function add(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option("--json", "print exactly one JSON value");
}

function toRow(name: string, { url, token_file }: StewardContext) {
  return { context: name, url, token_file };
}
