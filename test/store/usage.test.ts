import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store, type Write } from "../../src/store/database.ts";

function openStore(path?: string) {
  const fatal: unknown[] = [];
  const dir = mkdtempSync(join(tmpdir(), "usage-"));
  const file = path ?? join(dir, "store.sqlite");
  const store = Store.open(file, {
    onFatal: (error) => fatal.push(error),
    onEffectError: () => {},
  });
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });
  const stored = store.raw.prepare("SELECT owner, rows, bytes FROM usage ORDER BY owner").raw();
  return { store, file, fatal, stored: () => stored.all() };
}

/** Throws from inside an operation, and catches it outside. */
function fail(store: Store, change: (write: Write) => void): void {
  const run = (write: Write) => {
    change(write);
    throw new Error("undone");
  };
  expect(() => store.write(run)).toThrow("undone");
}

test("what a turn's operations add and remove is told at once, and is one row an owner at its COMMIT", async () => {
  const { store, file, stored } = openStore();
  const { usage } = store;
  const add = (owner: string, rows: number, bytes: number) =>
    store.write((write) => usage.add(write, "request", owner, rows, bytes));
  add("a", 1, 10);
  add("a", 1, 20);
  add("b", 1, 5);
  expect(usage.of("request", "a")).toEqual({ rows: 2, bytes: 30 });
  expect(usage.total("request")).toEqual({ rows: 3, bytes: 35 });
  expect(usage.of("member", "a")).toEqual({ rows: 0, bytes: 0 });
  expect(stored()).toEqual([]);
  await store.committed();
  expect(stored()).toEqual([
    ["", 3, 35],
    ["a", 2, 30],
    ["b", 1, 5],
  ]);
  add("b", -1, -5);
  add("a", -1, 0);
  add("c", 1, 7);
  add("c", -1, -7);
  await store.committed();
  // Who has nothing any more has no row.
  expect(stored()).toEqual([
    ["", 1, 30],
    ["a", 1, 30],
  ]);
  await store[Symbol.asyncDispose]();
  const again = openStore(file).store.usage;
  expect(again.total("request")).toEqual({ rows: 1, bytes: 30 });
});

test("an operation that is undone takes back what it noted, and those inside it, and nothing else", async () => {
  const { store, stored } = openStore();
  const { usage } = store;
  store.write((write) => {
    usage.add(write, "request", "a", 1, 1);
    fail(store, (inner) => {
      usage.add(inner, "request", "a", 1, 2);
      store.write((innermost) => usage.add(innermost, "request", "b", 1, 4));
      expect(usage.total("request")).toEqual({ rows: 3, bytes: 7 });
    });
    store.write((inner) => usage.add(inner, "request", "b", 1, 8));
  });
  fail(store, (write) => usage.add(write, "request", "c", 1, 16));
  expect(usage.total("request")).toEqual({ rows: 2, bytes: 9 });
  await store.committed();
  expect(stored()).toEqual([
    ["", 2, 9],
    ["a", 1, 1],
    ["b", 1, 8],
  ]);
});

test("a turn that is lost takes its notes with it", async () => {
  const { store, stored } = openStore();
  const { usage } = store;
  store.write((write) => usage.add(write, "request", "a", 1, 1));
  await store.committed();
  store.write((write) => usage.add(write, "request", "a", 1, 2));
  store.raw.exec("ROLLBACK");
  await expect(store.committed()).rejects.toThrow();
  expect(usage.of("request", "a")).toEqual({ rows: 1, bytes: 1 });
  store.write((write) => usage.add(write, "request", "a", 1, 4));
  await store.committed();
  expect(stored()).toEqual([
    ["", 2, 5],
    ["a", 2, 5],
  ]);
});

test("where the file has no room for the sums, the turn is lost, and the steward goes on", async () => {
  const { store, fatal, stored } = openStore();
  const add = (count: number) =>
    store.write((write) => {
      for (let i = 0; i < count; i++) {
        store.usage.add(write, "request", `owner ${i} ${"x".repeat(200)}`, 1, 1);
      }
    });
  store.raw.pragma(`max_page_count = ${store.raw.pragma("page_count", { simple: true })}`);
  add(1_000);
  await expect(store.committed()).rejects.toMatchObject({ code: "internal" });
  expect(store.usage.total("request")).toEqual({ rows: 0, bytes: 0 });
  expect(fatal).toEqual([]);
  store.raw.pragma("max_page_count = 1000000");
  add(1_000);
  await store.committed();
  expect(stored()).toHaveLength(1_001);
});

test("nothing is noted outside of a write", () => {
  const { store } = openStore();
  let kept: Write | undefined;
  store.write((write) => {
    kept = write;
  });
  expect(() => store.usage.add(kept as Write, "request", "a", 1, 1)).toThrow("after its end");
  expect(store.usage.total("request")).toEqual({ rows: 0, bytes: 0 });
});
