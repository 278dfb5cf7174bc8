import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";

/** Paths in backticks that begin at a folder of the repository. */
const PATH = /`((?:src|test|docs|scripts)\/[\w./-]+)`/g;

test.each([
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "docs/decisions/house.md",
  "README.md",
  "src/payments/README.md",
  "src/store/README.md",
])("every file that %s names is there", (file) => {
  const named = [...readFileSync(file, "utf8").matchAll(PATH)].map(([, path]) => String(path));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

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

const ROOMS = ["client", "requests", "store", "zones"];

test.each(ROOMS)("the README of %s names each file of the room, and none besides", (room) => {
  const folder = `src/${room}`;
  const text = readFileSync(`${folder}/README.md`, "utf8");
  const present = globSync("**/*.ts", { cwd: folder });
  // Handlers are one file a message, and rows of tables name their folder once, for all of its files.
  const named = new Set<string>();
  for (const [, left, right] of text.matchAll(/^\| (.*?) \| (.*) \|$/gm)) {
    const [, of = ""] = /^`(\w+\/)`/.exec(String(left)) ?? [];
    for (const [, name] of `${left} ${right}`.matchAll(/`([\w/-]+\.ts)`/g)) {
      named.add(existsSync(`${folder}/${of}${name}`) ? `${of}${name}` : String(name));
    }
    for (const [, name = ""] of `${left} ${right}`.matchAll(/`(\w+)\/` \(one file/g)) {
      for (const file of readdirSync(`${folder}/${name}`)) named.add(`${name}/${file}`);
    }
  }
  expect([...named].filter((name) => !existsSync(`${folder}/${name}`))).toEqual([]);
  const unnamed = present.filter((name) => !named.has(name));
  expect(unnamed, `say in ${folder}/README.md what is in them`).toEqual([]);
  const prose = text.replaceAll(/^\|.*$/gm, "");
  for (const [, path] of prose.matchAll(/`(\w[\w-]*\/[\w/-]+\.ts)`/g)) {
    const isThere = existsSync(`${folder}/${path}`) || existsSync(String(path));
    expect(isThere, path).toBe(true);
  }
});

test.each([
  "CONTRIBUTING.md",
  "ARCHITECTURE.md",
  "README.md",
  ...ROOMS.map((room) => `src/${room}/README.md`),
])("every link of %s leads to a file and a heading", (file) => {
  for (const [, link = ""] of readFileSync(file, "utf8").matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
    const [path, anchor] = link.split("#");
    const target = path ? `${dirname(file)}/${path}` : file;
    expect(existsSync(target), link).toBe(true);
    if (anchor === undefined) continue;
    const headings = [...readFileSync(target, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      String(title)
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(headings, link).toContain(anchor);
  }
});

test("every name that ARCHITECTURE.md tells to look for is in the file beside it", () => {
  const text = readFileSync("ARCHITECTURE.md", "utf8");
  const pairs = [...text.matchAll(/`(src\/[\w./-]+\.ts)` `(\w+)`/g)];
  expect(pairs.length).toBeGreaterThan(10);
  const isMissing = ([, file = "", name]: RegExpMatchArray) =>
    !new RegExp(`\\b${name}\\b\\s*(?:[(<:]|= )`).test(readFileSync(file, "utf8"));
  expect(pairs.filter(isMissing).map(([pair]) => pair)).toEqual([]);
});
