import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EVENT_TYPES, VOLATILE_TYPES } from "../../src/events/types.ts";

test("docs/events.md names each type, and none besides, with an example that is JSON", () => {
  const text = readFileSync("docs/events.md", "utf8");
  const rows = [...text.matchAll(/^\| (`\w+\.\w+`[^|]*) \|[^|]*\| `(\{.*\})` \|$/gm)];
  const named = rows.flatMap(([, names = "", example = ""]) => {
    expect(() => JSON.parse(example), example).not.toThrow();
    let family = "";
    return [...names.matchAll(/`(\w*)\.(\w+)`/g)].map(([, first = "", rest]) => {
      family = first || family;
      return `${family}.${rest}`;
    });
  });
  expect(named.sort()).toEqual([...EVENT_TYPES].sort());
  for (const type of VOLATILE_TYPES) expect(text).toContain(`\`${type}\``);
});
