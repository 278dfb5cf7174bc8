import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const SCRIPTS = ["house.ts", "check-house.ts", "bare-writes.ts", "file-circles.ts"];
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "house-"));
  mkdirSync(join(root, "scripts"));
  cpSync("src", join(root, "src"), { recursive: true });
  for (const file of SCRIPTS) cpSync(join("scripts", file), join(root, "scripts", file));
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function check() {
  const run = spawnSync(process.execPath, ["scripts/check-house.ts"], {
    cwd: root,
    encoding: "utf8",
  });
  return { status: run.status, stdout: run.stdout, complaint: run.stderr };
}

/** Writes files, checks, and puts things back as they were. */
function checkWith(planted: Readonly<Record<string, string>>) {
  const before = Object.keys(planted).map((file) => [file, read(file)] as const);
  for (const [file, text] of Object.entries(planted)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const outcome = check();
  for (const [file, text] of before) {
    if (text === undefined) rmSync(join(root, file));
    else writeFileSync(join(root, file), text);
  }
  return outcome;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(join(root, file), "utf8");
  } catch {
    return undefined;
  }
}

test("the source as it is passes, and the number of known exceptions is said", () => {
  const { status, stdout, complaint } = check();
  expect(complaint).toBe("");
  expect(stdout).toMatch(/^\d+ rooms, \d+ files, \d+ imports, \d+ known$/m);
  expect(status).toBe(0);
});

test("nobody but the store makes a Write, and no statement runs beside one", () => {
  const make = 'import { Write } from "./write.ts";\nexport const a = new Write({} as never);\n';
  const made = checkWith({ "src/store/planted.ts": make });
  expect(made.complaint).toContain("store/planted.ts makes a Write by itself");
  expect(made.status).toBe(1);
  const run = "export const a = (b: { run(): void }) => b.run();\n";
  const bare = checkWith({ "src/store/planted.ts": run });
  expect(bare.complaint).toContain("store/planted.ts runs a statement by itself");
});

test.each([
  ["a value", 'import { toHttp } from "../admin/app.ts";\nexport const a = toHttp;\n'],
  ["a type", 'import type { App } from "../admin/app.ts";\nexport type A = App;\n'],
  ["a type in place", 'export type A = import("../admin/app.ts").App;\n'],
  ["something exported on", 'export { createApp } from "../admin/app.ts";\n'],
  ["an effect", 'import "../admin/app.ts";\n'],
  ["something when it is asked for", 'export const a = () => import("../admin/app.ts");\n'],
  ["something over several lines", 'export const a = () => import(\n  "../admin/app.ts"\n);\n'],
])("an import of %s that the row does not list is refused by both names", (_, text) => {
  const { status, complaint } = checkWith({ "src/zones/planted.ts": text });
  expect(complaint).toContain(
    "zones/planted.ts imports admin/app.ts: the row zones of scripts/house.ts does not list admin.",
  );
  expect(complaint).toContain("Move the code");
  expect(status).toBe(1);
});

test("a folder that is not listed is refused, also one in a listed folder", () => {
  const planted = {
    "src/attic/planted.ts": "export const a = 1;\n",
    "src/zones/cellar/planted.ts": "export const a = 1;\n",
    "src/planted.ts": "export const a = 1;\n",
  };
  const { status, complaint } = checkWith(planted);
  expect(complaint).toContain("src/attic is not listed");
  expect(complaint).toContain("src/zones/cellar is not listed");
  expect(complaint).toContain("src/planted.ts is not listed");
  expect(status).toBe(1);
  for (const folder of ["src/attic", "src/zones/cellar"])
    rmSync(join(root, folder), { recursive: true });
});

test("a circle of files in one room is refused, also one of types", () => {
  const { status, complaint } = checkWith({
    "src/zones/one.ts": 'import type { B } from "./two.ts";\nexport type A = B;\n',
    "src/zones/two.ts": 'import type { C } from "./three.ts";\nexport type B = C;\n',
    "src/zones/three.ts": 'import type { A } from "./one.ts";\nexport type C = A | 1;\n',
  });
  expect(complaint).toMatch(/^a circle of files: zones\/\w+\.ts → .*zones\/two\.ts/m);
  expect(status).toBe(1);
});

test("a row may not list a row below it", () => {
  const table = read("scripts/house.ts") as string;
  const planted = table.replace(
    '{ room: "base/log.ts", may: ["foreign-errors.ts"]',
    '{ room: "base/log.ts", may: ["zones"]',
  );
  expect(planted).not.toBe(table);
  const { status, complaint } = checkWith({ "scripts/house.ts": planted });
  expect(complaint).toContain("the row base/log.ts lists zones, which is no row above it");
  expect(status).toBe(1);
});

test("a row without files and a known exception that is over are refused", () => {
  const table = read("scripts/house.ts") as string;
  const planted = table
    .replace("ROOMS: readonly Room[] = [", 'ROOMS: readonly Room[] = [{ room: "attic", may: [] },')
    .replace(
      "KNOWN: readonly KnownImport[] = [",
      'KNOWN: readonly KnownImport[] = [{ from: "main.ts", to: "errors.ts", reason: "planted" },',
    );
  const { status, complaint } = checkWith({ "scripts/house.ts": planted });
  expect(complaint).toContain("lists attic, which has no file");
  expect(complaint).toContain("main.ts → errors.ts is known");
  expect(status).toBe(1);
});

test("what lies behind a door is refused even to a room that may use the door", () => {
  const table = read("scripts/house.ts") as string;
  const planted = table.replace('room: "housekeeping.ts",\n    may: [', '$&"payments/ledger", ');
  expect(planted).not.toBe(table);
  const text = `${read("src/housekeeping.ts")}import "./payments/ledger/transitions.ts";\n`;
  const { status, complaint } = checkWith({
    "scripts/house.ts": planted,
    "src/housekeeping.ts": text,
  });
  expect(complaint).toContain(
    "housekeeping.ts imports payments/ledger/transitions.ts past the door: use payments/payments.ts",
  );
  expect(status).toBe(1);
});

test.each(["protocol", "wire", "client", "client/link"])("%s imports no module of Node", (room) => {
  const { status, complaint } = checkWith({
    [`src/${room}/planted.ts`]: 'import { join } from "node:path";\nexport const a = join;\n',
  });
  expect(complaint).toContain(`${room}/planted.ts imports node:path`);
  expect(status).toBe(1);
});

test("errors.ts imports no module of Node, and protocol only the packages of its row", () => {
  const { status, complaint } = checkWith({
    "src/errors.ts": `${read("src/errors.ts")}import "node:fs";\n`,
    "src/protocol/planted.ts": 'import pino from "pino";\nexport const a = pino;\n',
  });
  expect(complaint).toContain("errors.ts imports node:fs");
  expect(complaint).toContain("protocol/planted.ts imports pino");
  expect(status).toBe(1);
});

test("a file outside of src is not imported", () => {
  const { status, complaint } = checkWith({
    "src/zones/planted.ts": 'import "../../scripts/house.ts";\n',
  });
  expect(complaint).toContain("zones/planted.ts imports ../scripts/house.ts, which is not in src");
  expect(status).toBe(1);
});

test("a bench imports nothing of the tests but what is made for both", () => {
  const { status, complaint } = checkWith({
    "bench/planted.ts": 'import "../test/zones/planted.ts";\nimport "../test/support/anvil.ts";\n',
  });
  expect(complaint).toBe(
    "bench/planted.ts imports test/zones/planted.ts: bench uses src, bench, test/support only; move what it needs there\n",
  );
  expect(status).toBe(1);
  rmSync(join(root, "bench"), { recursive: true });
});

test.each([
  [
    "src/store/admin/late.ts",
    'raw.prepare("DELETE FROM words").run();',
    "runs a statement by itself",
  ],
  ["src/store/admin/late.ts", "db.insert(words)\n    .values(row)\n    .run();", "by itself"],
  [
    "src/store/admin/late.ts",
    "db.insert(words).values(row).returning({ id: words.id }).get();",
    "by itself",
  ],
  ["src/store/admin/late.ts", "raw.exec(text);", "by itself"],
  [
    "src/admin/http/late.ts",
    'write.run(raw.prepare("DELETE FROM words"));',
    "move it to src/store",
  ],
  ["src/admin/http/late.ts", "write.run(db.update(words).set(row));", "move it to src/store"],
])(
  "a statement that writes past a Write, or outside the store, is refused: %s %s",
  (file, line, complaint) => {
    const outcome = checkWith({ [file]: `export function late(): void {\n  ${line}\n}\n` });
    expect(outcome.complaint).toContain(complaint);
    expect(outcome.complaint.trim().split("\n")).toHaveLength(1);
    expect(outcome.status).toBe(1);
  },
);
