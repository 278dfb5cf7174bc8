import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COUNTED_LIMITS } from "../../src/base/counters.ts";
import { parseConfig } from "../../src/config/config.ts";

const ROOT = join(import.meta.dirname, "../..");
const OPERATIONS = readFileSync(join(ROOT, "docs/operations.md"), "utf8");

/** The configuration with nothing set but one handler of each type, so that its defaults are there. */
const DEFAULTS = parseConfig(
  {
    handlers: {
      "*": {
        module: { type: "module", path: "m.mjs" },
        http: { type: "http", url: "http://127.0.0.1" },
        provider: { type: "provider" },
      },
    },
  },
  "/",
);

interface LimitRow {
  readonly key: string;
  readonly default: string;
  readonly atLimit: string;
  readonly test: string;
}

/** The rows of the table of limits. */
function parseRows(): LimitRow[] {
  const section = OPERATIONS.split("\n## ").find((text) => text.startsWith("Limits\n")) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(1).map((line) => {
    const [, , key = "", value = "", atLimit = "", file = ""] = line.split("|");
    const bare = (text: string) => text.trim().replaceAll("`", "");
    return { key: bare(key), default: bare(value), atLimit, test: bare(file) };
  });
}

/** Every value at a key of the configuration; `*` stands for any name. */
function valuesAt(key: string): unknown[] {
  let values: unknown[] = [DEFAULTS];
  for (const name of key.split(".")) {
    values = values.flatMap((value) => {
      if (typeof value !== "object" || value === null) return [];
      if (name === "*") return Object.values(value);
      return name in value ? [(value as Record<string, unknown>)[name]] : [];
    });
  }
  return values;
}

const ROWS = parseRows();

test("every limit that is counted has a row, which says so; every row says it once", () => {
  const counted = ROWS.filter(({ atLimit }) => atLimit.includes("counted")).map(({ key }) => key);
  expect(counted.sort()).toEqual([...COUNTED_LIMITS].sort());
  expect(new Set(ROWS.map(({ key }) => key)).size).toBe(ROWS.length);
});

describe("each row of the table of limits names the schema's key and default, and its test", () => {
  test.each(ROWS)("$key", ({ key, default: text, test: file }) => {
    const values = valuesAt(key);
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) expect(String(value)).toBe(text);
    expect(existsSync(join(ROOT, file))).toBe(true);
    // It sets the limit, so that it reaches it.
    const setsLimit = readFileSync(join(ROOT, file), "utf8").includes(key.split(".").at(-1) ?? "");
    expect(setsLimit).toBe(true);
  });
});
