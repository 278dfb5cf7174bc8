import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Paths in backticks that begin at a folder of the repository. */
const PATH = /`((?:src|test|docs|scripts)\/[\w./-]+)`/g;

test.each(["ARCHITECTURE.md", "docs/decisions/house.md", "README.md"])(
  "every file that %s names is there",
  (file) => {
    const named = [...readFileSync(file, "utf8").matchAll(PATH)].map(([, path]) => String(path));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  },
);

test("every file that the README of payments lists is in the folder it names", () => {
  const text = readFileSync("src/payments/README.md", "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)\/` \| (.*) \|$/gm)];
  expect(rows.length).toBeGreaterThan(5);
  const missing = rows.flatMap(([, folder, files]) =>
    [...String(files).matchAll(/`([\w-]+\.ts)`/g)]
      .map(([, name]) => `src/payments/${folder}/${name}`)
      .filter((path) => !existsSync(path)),
  );
  expect(missing).toEqual([]);
});
