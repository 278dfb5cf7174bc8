import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { StewardError } from "../../src/errors.ts";
import { Store } from "../../src/store/database.ts";

function createPath(): string {
  const dir = mkdtempSync(join(tmpdir(), "store-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, "store.sqlite");
}

/** A store with a table of its own, what it reported, and another connection's view of it. */
function openStore(path = createPath()) {
  const fatal: unknown[] = [];
  const failed: unknown[] = [];
  const store = Store.open(path, {
    onFatal: (error) => fatal.push(error),
    onEffectError: (error) => failed.push(error),
  });
  onTestFinished(() => store[Symbol.asyncDispose]());
  store.raw.exec("CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY)");
  const insert = store.raw.prepare("INSERT INTO words VALUES (?)");
  const others = new Database(path, { readonly: true });
  onTestFinished(() => {
    others.close();
  });
  const list = others.prepare("SELECT word FROM words ORDER BY word").pluck();
  return {
    store,
    path,
    fatal,
    failed,
    add: (word: string) => store.write((write) => write.run(insert, word)),
    /** What is durable: read by another connection. */
    durable: () => list.all() as string[],
  };
}

/** Lets the store run out of pages; returns a function that gives it more. */
function fillUp({ raw }: Store): () => void {
  raw.pragma(`max_page_count = ${raw.pragma("page_count", { simple: true })}`);
  return () => raw.pragma("max_page_count = 1000000");
}

const LONG = "l".repeat(100_000);

test("an effect runs after the COMMIT of what was written before it, and only then", async () => {
  const { store, add, durable } = openStore();
  const seen: string[][] = [];
  add("a");
  store.gate(() => seen.push(durable()));
  add("b");
  store.gate(() => seen.push(durable()));
  expect(seen).toEqual([]);
  expect(durable()).toEqual([]);
  await store.committed();
  expect(seen).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
});

test("without anything written an effect runs at once, and what only reads waits for the writers", async () => {
  const { store, add } = openStore();
  const ran: string[] = [];
  store.gate(() => ran.push("at once"));
  expect(ran).toEqual(["at once"]);
  add("a");
  const read = store.write(() => store.raw.prepare("SELECT count(*) FROM words").pluck().get());
  store.gate(() => ran.push(`read ${read}`));
  expect(ran).toEqual(["at once"]);
  await store.committed();
  expect(ran).toEqual(["at once", "read 1"]);
});

const nextRound = () => new Promise((resolve) => setImmediate(resolve));

test("all writes of one turn share one transaction, those of the next have their own", async () => {
  const { store, add, durable } = openStore();
  for (let i = 10; i < 60; i++) {
    add(`word ${i}`);
    await Promise.resolve(); // still the same turn
    expect(durable()).toEqual([]);
  }
  await nextRound();
  expect(durable()).toHaveLength(50);
  expect(store.raw.inTransaction).toBe(false);
  add("word of the next turn");
  expect(durable()).toHaveLength(50);
});

test("a shared turn stays open while each round of the event loop brings something, for three rounds at most", async () => {
  const { store, add, durable } = openStore();
  for (let round = 1; round <= 3; round++) {
    add(`round ${round}`);
    store.shareTurn();
    await nextRound();
    expect(durable()).toHaveLength(round < 3 ? 0 : 3);
  }
  add("of a turn of its own, which is not shared");
  expect(durable()).toHaveLength(3);
  await nextRound();
  expect(durable()).toHaveLength(4);
});

test("a throw undoes its own operation and the effects it queued, nothing else", async () => {
  const { store, add, durable } = openStore();
  const ran: string[] = [];
  add("before");
  store.gate(() => ran.push("before"));
  const fail = () =>
    store.write(() => {
      add("undone");
      store.gate(
        () => ran.push("undone"),
        () => ran.push("aborted"),
      );
      throw new Error("as intended");
    });
  expect(fail).toThrow("as intended");
  add("after");
  store.gate(() => ran.push("after"));
  await store.committed();
  expect(ran).toEqual(["before", "after"]);
  expect(durable()).toEqual(["after", "before"]);
});

test("an operation survives an inner one that throws", async () => {
  const { store, add, durable } = openStore();
  const ran: string[] = [];
  store.write(() => {
    add("outer");
    store.gate(() => ran.push("outer"));
    expect(() => {
      store.write(() => {
        store.gate(() => ran.push("inner"));
        add("inner");
        add("outer"); // a UNIQUE violation
      });
    }).toThrow(/UNIQUE/);
    add("outer again");
  });
  await store.committed();
  expect(ran).toEqual(["outer"]);
  expect(durable()).toEqual(["outer", "outer again"]);
});

test("effects keep their order, those queued while others run included", async () => {
  const { store, add, durable } = openStore();
  const ran: string[] = [];
  add("a");
  store.gate(() => {
    ran.push("first");
    store.gate(() => ran.push("of the first"));
    add("b");
    store.gate(() => ran.push(`of its write, after ${durable().join()}`));
  });
  store.gate(() => ran.push("second"));
  await store.committed();
  await store.committed();
  expect(ran).toEqual(["first", "second", "of the first", "of its write, after a,b"]);
});

test("an effect that throws is reported and stops no other", async () => {
  const { store, add, failed } = openStore();
  const ran: string[] = [];
  add("a");
  store.gate(() => {
    throw new Error("as intended");
  });
  store.gate(() => ran.push("next"));
  await store.committed();
  expect(ran).toEqual(["next"]);
  expect(failed).toHaveLength(1);
});

test("a full database loses the whole turn, tells each of its effects, and goes on", async () => {
  const { store, add, durable, fatal } = openStore();
  add("earlier");
  await store.committed();
  const ran: string[] = [];
  let rollbacks = 0;
  store.onRollback(() => rollbacks++);
  const giveRoom = fillUp(store);
  for (const name of ["one", "two"]) {
    add(name);
    store.gate(
      () => ran.push(name),
      (error) => ran.push(`${name} lost: ${(error as StewardError).code}`),
    );
  }
  const waits = store.committed();
  let thrown: unknown;
  try {
    add(LONG);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(StewardError);
  expect((thrown as StewardError).code).toBe("internal");
  await expect(waits).rejects.toBeInstanceOf(StewardError);
  expect(ran).toEqual(["one lost: internal", "two lost: internal"]);
  expect(rollbacks).toBe(1);
  expect(fatal).toEqual([]);
  giveRoom();
  add("later");
  await store.committed();
  expect(durable()).toEqual(["earlier", "later"]);
});

test("an operation around the one that lost the turn is lost, too, and can write nothing more", async () => {
  const { store, add, durable } = openStore();
  const giveRoom = fillUp(store);
  const thrown: unknown[] = [];
  const attempt = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      thrown.push((error as StewardError).code);
    }
  };
  attempt(() =>
    store.write(() => {
      add("outer");
      attempt(() => add(LONG));
      giveRoom();
      attempt(() => add("half of it"));
    }),
  );
  expect(thrown).toEqual(["internal", "internal", "internal"]);
  add("later");
  await store.committed();
  expect(durable()).toEqual(["later"]);
});

test("a COMMIT that fails is fatal, acknowledges nothing and tells each effect", async () => {
  const { store, add, durable, fatal } = openStore();
  store.raw.exec(
    "CREATE TABLE notes (word TEXT REFERENCES words (word) DEFERRABLE INITIALLY DEFERRED)",
  );
  const ran: string[] = [];
  add("a");
  store.write((write) => write.run(store.raw.prepare("INSERT INTO notes VALUES ('of no word')")));
  store.gate(
    () => ran.push("acknowledged"),
    () => ran.push("lost"),
  );
  await expect(store.committed()).rejects.toBeInstanceOf(StewardError);
  expect(fatal).toHaveLength(1);
  expect((fatal[0] as { code: string }).code).toBe("SQLITE_CONSTRAINT_FOREIGNKEY");
  expect(ran).toEqual(["lost"]);
  expect(durable()).toEqual([]);
});

test("a damaged file is fatal as soon as an operation meets the damage", async () => {
  const { store, path, add } = openStore();
  for (let i = 0; i < 200; i++) add(`${i} ${"w".repeat(200)}`);
  await store.committed();
  store.raw.pragma("wal_checkpoint(TRUNCATE)");
  await store[Symbol.asyncDispose]();
  const bytes = readFileSync(path);
  // The pages behind the first: the schema stays readable, the rows do not.
  writeFileSync(path, bytes.fill(0x5a, bytes.length - 10 * 4096));
  const damaged = openStore(path);
  const read = () => damaged.store.raw.prepare("SELECT * FROM words").all();
  expect(() => damaged.store.write(read)).toThrow(/malformed/);
  expect(damaged.fatal).toHaveLength(1);
});

test("a migration that was edited after it was applied, or is newer than the code, stops the start", async () => {
  const { store, path } = openStore();
  await store[Symbol.asyncDispose]();
  const edit = (sql: string) => {
    const db = new Database(path);
    db.exec(sql);
    db.close();
  };
  const reopen = () => Store.open(path, { onFatal: () => {}, onEffectError: () => {} });
  edit("UPDATE __drizzle_migrations SET hash = 'x' || hash WHERE rowid = 1");
  expect(reopen).toThrow(/edited after it was applied/);
  edit("UPDATE __drizzle_migrations SET hash = substr(hash, 2) WHERE rowid = 1");
  await reopen()[Symbol.asyncDispose]();
  edit("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 99999999999999)");
  expect(reopen).toThrow(/newer version/);
});

test("closing commits what is open, and what its effects write", async () => {
  const { store, path, add } = openStore();
  add("a");
  store.gate(() => {
    add("b");
    store.gate(() => add("c"));
  });
  await store[Symbol.asyncDispose]();
  const db = new Database(path, { readonly: true });
  expect(db.prepare("SELECT word FROM words ORDER BY word").pluck().all()).toEqual(["a", "b", "c"]);
  db.close();
});

test("every commit is synchronous in full, in a write-ahead log, with foreign keys", () => {
  const { raw } = openStore().store;
  const read = (name: string) => raw.pragma(name, { simple: true });
  expect([read("journal_mode"), read("synchronous"), read("foreign_keys")]).toEqual(["wal", 2, 1]);
});
