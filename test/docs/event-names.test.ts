import { readdirSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { EVENT_TYPES, expandTypes, VOLATILE_TYPES } from "../../src/events/types.ts";
import { isEventPattern } from "../../src/webhooks/patterns.ts";

const KNOWN: readonly string[] = [...EVENT_TYPES, ...VOLATILE_TYPES, "webhook.test"];
const FAMILIES = new Set(KNOWN.map((type) => type.split(".")[0] ?? ""));
const NAME = /(?<![\w./@-])([a-z]+)\.([a-z_]+|\*)(?![\w.(/-])/g;

/** Names of types and families in a text that speaks of events. */
function listNames(text: string): string[] {
  return [...text.matchAll(NAME)]
    .filter(([, family = "", rest]) => FAMILIES.has(family) && rest !== "md" && rest !== "ts")
    .map(([name]) => name);
}

function listTexts(folder: string, ending: string): [string, string][] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => [`${folder}/${name}`, readFileSync(`${folder}/${name}`, "utf8")]);
}

/** Pages that are of events, and of the others and the sources what is given to `--event`, `--type` and `types`. */
function listSpoken(): [string, string][] {
  const whole = ["docs/webhooks.md", "docs/events.md"];
  const pages = [...listTexts("docs", ".md"), ["README.md", readFileSync("README.md", "utf8")]];
  const sources = [...listTexts("src/cli", ".ts"), ...listTexts("src/admin", ".ts")];
  return [...pages, ...sources].map(([file = "", text = ""]) => {
    if (whole.includes(file)) return [file, text];
    const given = text.match(/--(?:event|type)s? [^\n`|#]*|[?&]types=[^\s"'`]*/g) ?? [];
    return [file, given.join("\n")];
  });
}

/** Help of the commands that speak of events. */
function listHelp(command: Command): [string, string][] {
  const own = /event/.test(command.helpInformation()) ? command.helpInformation() : "";
  return [[`help of ${command.name()}`, own], ...command.commands.flatMap(listHelp)];
}

test("every type of an event that the documentation, the help and the sources name is one that there is", () => {
  const named = [...listSpoken(), ...listHelp(createProgram())].flatMap(([where, text]) =>
    listNames(text).map((name) => ({ where, name })),
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.map(({ where }) => where)).toEqual(
    expect.arrayContaining(["docs/webhooks.md", "docs/events.md", "help of add", "help of events"]),
  );
  const isKnown = (name: string) => KNOWN.includes(name) || expandTypes([name]).length > 0;
  const unknown = named.filter(({ name }) => !isKnown(name));
  expect(unknown).toEqual([]);
  // What nobody keeps no webhook is sent.
  const added = named.filter(({ where }) => where === "help of add");
  expect(added.filter(({ name }) => !isEventPattern(name))).toEqual([]);
});
