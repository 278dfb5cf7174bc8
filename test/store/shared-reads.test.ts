import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextRound } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "../../src/store/database.ts";

/** A store with a table of its own, and a second connection to its file. */
function openStore() {
  const dir = mkdtempSync(join(tmpdir(), "store-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, "store.sqlite");
  const failed: unknown[] = [];
  const events = { onFatal: (e: unknown) => failed.push(e), onEffectError: () => undefined };
  const store = Store.open(path, events);
  onTestFinished(() => store[Symbol.asyncDispose]());
  store.raw.exec("CREATE TABLE words (word TEXT PRIMARY KEY)");
  const other = new Database(path);
  onTestFinished(() => {
    other.close();
  });
  const insert = "INSERT INTO words VALUES (?)";
  const added = store.raw.prepare(insert);
  const addedByOther = other.prepare(insert);
  const count = "SELECT count(*) FROM words";
  const counted = store.raw.prepare<[], number>(count).pluck();
  const countedByOther = other.prepare<[], number>(count).pluck();
  return {
    store,
    failed,
    add: (word: string) => store.write((write) => write.run(added, word)),
    count: () => counted.get(),
    other: { add: (word: string) => addedByOther.run(word), count: () => countedByOther.get() },
  };
}

test("what is read in one round is read at one moment, and nothing stays open after it", async () => {
  const { store, count, other } = openStore();
  store.shareReads();
  store.shareReads();
  expect(count()).toBe(0);
  other.add("theirs");
  expect(count()).toBe(0);
  await nextRound();
  expect(store.raw.inTransaction).toBe(false);
  expect(count()).toBe(1);
});

test("a write of the same round sees what others wrote since, and is durable with its turn", async () => {
  const { store, failed, add, count, other } = openStore();
  store.shareReads();
  expect(count()).toBe(0);
  other.add("theirs");
  // In the transaction of what was read before it, it would be refused: the file is a later one now.
  add("ours");
  expect(count()).toBe(2);
  store.shareReads();
  expect(store.isTurnOpen).toBe(true);
  expect(other.count()).toBe(1);
  await store.committed();
  expect(other.count()).toBe(2);
  expect(failed).toEqual([]);
});

test("what is told of what was read waits for no COMMIT where nothing was written", () => {
  const { store, count } = openStore();
  store.shareReads();
  const told: unknown[] = [];
  store.gate(() => told.push(count()));
  expect(told).toEqual([0]);
});

test("a store that reads can be closed, and can make what is temporary", async () => {
  const { store, count } = openStore();
  store.shareReads();
  count();
  store.createTemporary("CREATE TEMP TABLE passing (id INTEGER)");
  expect(store.raw.inTransaction).toBe(false);
  store.shareReads();
  count();
  await store[Symbol.asyncDispose]();
  await nextRound();
});
