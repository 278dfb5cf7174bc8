import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const FOLDER = "test/replication";
const TEXT = readFileSync(`${FOLDER}/README.md`, "utf8");
const ROWS = [...TEXT.matchAll(/^\| (.*?) \| `([\w./-]+\.test\.ts)` \| (.*) \|$/gm)].map(
  ([, what = "", file = "", name = ""]) => ({ what, file: join(FOLDER, file), name }),
);

test("every row of what shows replication names a test that is there", () => {
  expect(ROWS.length).toBeGreaterThan(50);
  const missing = ROWS.filter(
    ({ file, name }) => !existsSync(file) || !readFileSync(file, "utf8").includes(name),
  );
  expect(missing).toEqual([]);
});

test("every code and reason of the protocol's table has a row", () => {
  const section = readFileSync("docs/protocol.md", "utf8").split("### 9.13 ")[1]?.split("### ")[0];
  const codes = (section ?? "").match(/`(?:[A-Z_]{4,}|[a-z]+(?:_[a-z]+)+)`/g) ?? [];
  const named = [...new Set(codes)].filter((code) => /[A-Z]/.test(code) || isCode(section, code));
  expect(named.length).toBeGreaterThan(12);
  const shown = ROWS.map(({ what }) => what).join("\n");
  expect(named.filter((code) => !shown.includes(code))).toEqual([]);
});

/** It begins a row of the table. */
function isCode(section: string | undefined, code: string): boolean {
  return section?.includes(`\n| ${code} |`) === true;
}
