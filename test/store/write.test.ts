import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import type { StewardError } from "../../src/errors.ts";
import { markRefunded, type PaymentContext } from "../../src/payments/ledger/transitions.ts";
import { Store, type Write } from "../../src/store/database.ts";
import { preparePeerQueries } from "../../src/store/zones/peers.ts";
import { appendEvent, type ZoneLogDeps } from "../../src/zones/log/log.ts";

function openStore() {
  const dir = mkdtempSync(join(tmpdir(), "steward-write-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "steward.sqlite");
  const effects: unknown[] = [];
  const store = Store.open(path, {
    onFatal: (error) => {
      throw error;
    },
    onEffectError: (error) => effects.push(error),
  });
  onTestFinished(() => store[Symbol.asyncDispose]());
  store.raw.exec("CREATE TABLE words (word TEXT PRIMARY KEY)");
  const insert = store.raw.prepare<[string]>("INSERT INTO words VALUES (?)");
  const others = new Database(path, { readonly: true });
  onTestFinished(() => {
    others.close();
  });
  const list = others.prepare("SELECT word FROM words ORDER BY word").pluck();
  /** What is durable: read by another connection. */
  const durable = () => list.all() as string[];
  return { store, insert, effects, durable };
}

const ENDED = /A write was used after its end/;

test("what must run inside a write does not compile outside one", () => {
  // Only compiled: an @ts-expect-error without an error below it fails the type check.
  const calls = (deps: PaymentContext & ZoneLogDeps, store: Store, write: Write) => {
    const row = deps.queries.find("pay_1");
    if (!row) return;
    // @ts-expect-error a transition of a payment needs its write
    markRefunded(deps, row, "0x");
    // @ts-expect-error so does an entry of a zone's log
    appendEvent(deps, "zone_1", { event: "updated", nodeId: "atlas_1" });
    // @ts-expect-error so does a statement
    preparePeerQueries(store).deleteBan("atlas_1");
    // @ts-expect-error what looks like a write is none
    markRefunded({ run: write.run, get: write.get, assertOpen: () => {} }, deps, row, "0x");
    // @ts-expect-error and nobody but the store makes one
    new Write({});
    markRefunded(write, deps, row, "0x");
  };
  expect(calls).toBeTypeOf("function");
});

test("a write that is kept runs nothing after its function, not in its turn and not in another write", async () => {
  const { store, insert, durable } = openStore();
  const kept = store.write((write) => {
    write.run(insert, "inside");
    return write;
  });
  expect(() => kept.run(insert, "same turn")).toThrow(ENDED);
  expect(() => store.write(() => kept.run(insert, "other write"))).toThrow(ENDED);
  await store.committed();
  expect(() => kept.run(insert, "after the COMMIT")).toThrow(ENDED);
  expect(() => kept.assertOpen()).toThrow(ENDED);
  expect(durable()).toEqual(["inside"]);
});

test("a write that failed runs nothing more", async () => {
  const { store, insert, durable } = openStore();
  let kept: Write | undefined;
  const fail = () =>
    store.write((write) => {
      kept = write;
      throw new Error("as intended");
    });
  expect(fail).toThrow("as intended");
  expect(() => kept?.run(insert, "late")).toThrow(ENDED);
  await store.committed();
  expect(durable()).toEqual([]);
});

test("a promise or an effect that kept its write runs nothing by it", async () => {
  const { store, insert, effects, durable } = openStore();
  const later = store.write(async (write) => {
    write.run(insert, "before the await");
    store.gate(() => write.run(insert, "in an effect"));
    await store.committed();
    write.run(insert, "after the await");
  });
  await expect(later).rejects.toThrow(ENDED);
  expect(effects).toEqual([expect.objectContaining({ message: expect.stringMatching(ENDED) })]);
  expect(durable()).toEqual(["before the await"]);
});

test("a write goes on around one inside it, whether that one throws or not", async () => {
  const { store, insert, durable } = openStore();
  store.write((outer) => {
    outer.run(insert, "outer");
    store.write((inner) => inner.run(insert, "inner"));
    expect(() => store.write((inner) => inner.run(insert, "outer"))).toThrow(/UNIQUE/);
    outer.run(insert, "outer again");
  });
  await store.committed();
  expect(durable()).toEqual(["inner", "outer", "outer again"]);
});

test("a write whose transaction SQLite took back writes no half of itself, even if it goes on", async () => {
  const { store, insert, durable } = openStore();
  const { raw } = store;
  raw.pragma(`max_page_count = ${raw.pragma("page_count", { simple: true })}`);
  const thrown: unknown[] = [];
  const attempt = (run: () => unknown): void => {
    try {
      run();
    } catch (error) {
      thrown.push((error as StewardError).code);
    }
  };
  attempt(() =>
    store.write((write) => {
      write.run(insert, "first half");
      attempt(() => write.run(insert, "l".repeat(100_000)));
      raw.pragma("max_page_count = 1000000");
      attempt(() => write.run(insert, "second half"));
      attempt(() => store.write((inner) => inner.run(insert, "of one inside")));
    }),
  );
  expect(thrown).toEqual(["SQLITE_FULL", "internal", "internal", "internal"]);
  store.write((write) => write.run(insert, "later"));
  await store.committed();
  expect(durable()).toEqual(["later"]);
});

test("a write whose transaction ended at a statement that only reads writes no half of itself", async () => {
  const { store, insert, durable } = openStore();
  const thrown: unknown[] = [];
  const attempt = (run: () => unknown): void => {
    try {
      run();
    } catch (error) {
      thrown.push((error as StewardError).code);
    }
  };
  attempt(() =>
    store.write((write) => {
      write.run(insert, "first half");
      // What SQLite does where a read meets an I/O error.
      store.raw.exec("ROLLBACK");
      attempt(() => write.run(insert, "second half"));
      attempt(() => store.write((inner) => inner.run(insert, "of one inside")));
    }),
  );
  expect(thrown).toEqual(["internal", "internal", "internal"]);
  store.write((write) => write.run(insert, "later"));
  await store.committed();
  expect(durable()).toEqual(["later"]);
});

test("a write after its turn's transaction ended at a read is of a turn of its own", async () => {
  const { store, insert, durable } = openStore();
  const told: unknown[] = [];
  const tell = (word: string) =>
    store.gate(
      () => told.push(word),
      () => told.push(`not ${word}`),
    );
  store.write((write) => {
    write.run(insert, "lost");
    tell("lost");
  });
  store.raw.exec("ROLLBACK");
  store.write((write) => {
    write.run(insert, "kept");
    tell("kept");
  });
  await store.committed();
  expect([durable(), told]).toEqual([["kept"], ["not lost", "kept"]]);
});

test("what fails by itself is told and taken back alone, with its effects", async () => {
  const { store, insert, durable } = openStore();
  const ran: string[] = [];
  const failures = store.write((write) => {
    write.run(insert, "before");
    const again = store.tryWrite((inner) => {
      inner.run(insert, "inner");
      store.gate(() => ran.push("effect of what failed"));
      inner.run(insert, "before");
    });
    const fine = store.tryWrite((inner) => void inner.run(insert, "fine"));
    store.gate(() => ran.push("effect"));
    return [again, fine];
  });
  expect(failures).toEqual([
    expect.objectContaining({ code: "SQLITE_CONSTRAINT_PRIMARYKEY" }),
    undefined,
  ]);
  await store.committed();
  expect([durable(), ran]).toEqual([["before", "fine"], ["effect"]]);
});

test("where the whole turn is lost, what failed by itself throws, and nothing around it goes on", async () => {
  const { store, insert, durable } = openStore();
  const lose = (inner: Write) => {
    inner.run(insert, "inner");
    store.raw.exec("ROLLBACK");
    throw new Error("lost");
  };
  const around = (write: Write) => {
    write.run(insert, "before");
    store.tryWrite(lose);
    throw new Error("went on");
  };
  expect(() => store.write(around)).toThrow(expect.objectContaining({ code: "internal" }));
  store.write((write) => write.run(insert, "next turn"));
  await store.committed();
  expect(durable()).toEqual(["next turn"]);
});
