import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { StewardError } from "../../src/errors.ts";
import { SecondGate } from "../../src/replication/gate/second-gate.ts";
import { Store } from "../../src/store/database.ts";
import type { GateClass } from "../../src/zones/zone-gate.ts";

const LEASE_MS = 1000;
const late = {
  answer: new StewardError("internal"),
  read: new StewardError("steward_unavailable"),
};
const deposed = new StewardError("stale_manifest");

type State = { n: number; money: number; other: number; refusal?: StewardError };

let dir: string;
let store: Store;

/** A gate over a real store; what it lets out says so in `told`. */
function open(limits = { framesMax: 100, bytesMax: 1_000_000 }) {
  const told: string[] = [];
  const log = { error: (error: unknown) => told.push(String(error)) };
  const gate = new SecondGate({ store, monotonicMs: () => performance.now(), log, limits });
  const states = new Map<string, State>();
  const watch = (zoneId: string, state: State) => {
    const isNew = !states.has(zoneId);
    states.set(zoneId, state);
    const now = () => states.get(zoneId) as State;
    if (!isNew) return gate.changed(zoneId);
    gate.watch(zoneId, {
      leaseMs: () => LEASE_MS,
      position: () => now().n,
      released: (gateClass) => now()[gateClass],
      isInCharge: () => now().refusal === undefined,
      refusal: () => now().refusal,
      overloaded: () => new StewardError("steward_unavailable", { reason: "OVERLOADED" }),
      unreadable: () => undefined,
      seqAt: (n) => 10 * n,
      late: (isRead) => (isRead ? late.read : late.answer),
      holdsPages: () => true,
      replica: () => undefined,
      primaryHead: () => undefined,
    });
  };
  /** One operation that tells of itself by the texts, and commits at the number where there is one. */
  const operate = (zoneId: string, gateClass: GateClass, texts: string[], n?: number) =>
    store.write(() => {
      for (const text of texts) {
        gate.hold(zoneId, gateClass, () => told.push(text), toOptions(text));
      }
      if (n === undefined) return;
      (states.get(zoneId) as State).n = n;
      gate.commit(zoneId, n);
    });
  const toOptions = (text: string) => ({
    abort: () => told.push(`${text}: aborted`),
    ...(/answer|read/.test(text) && {
      late: (error: StewardError) => told.push(`${text}: ${error.code}`),
      deposed: (error: StewardError) => told.push(`${text}: ${error.code}`),
      isRead: text.startsWith("read"),
    }),
    ...(/ack/.test(text) && { late: () => told.push(text), deposed: () => told.push(text) }),
  });
  return { gate, told, watch, operate, commit: () => store.committed() };
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gate-"));
  const fail = (error: unknown) => {
    throw error;
  };
  store = Store.open(join(dir, "steward.sqlite"), { onFatal: fail, onEffectError: fail });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await store[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

describe("what leaves a replicated zone", () => {
  test("waits for the number its operation committed at, not for the turn's last one", async () => {
    const { told, watch, operate, commit } = open();
    watch("z", { n: 4, money: 4, other: 4 });
    operate("z", "other", ["ack 1", "answer 1"], 5);
    operate("z", "other", ["ack 2", "answer 2"], 6);
    await commit();
    expect(told).toEqual([]);
    watch("z", { n: 6, money: 5, other: 5 });
    expect(told).toEqual(["ack 1", "answer 1"]);
    watch("z", { n: 6, money: 6, other: 6 });
    expect(told).toEqual(["ack 1", "answer 1", "ack 2", "answer 2"]);
  });

  test("waits for no commit that was undone, and is counted no longer than it waits", async () => {
    const { gate, told, watch, operate, commit } = open({ framesMax: 4, bytesMax: 1_000_000 });
    const state = { n: 4, money: 4, other: 4 };
    watch("z", state);
    store.onUndone(() => {
      state.n = 4;
      gate.undone();
    });
    const undo = () => {
      operate("z", "other", ["undone"], 5);
      throw new Error("refused");
    };
    // Each first in its turn: what counts the turn is undone with it.
    for (let turn = 0; turn < 4; turn++) {
      expect(() => store.write(undo)).toThrow("refused");
      await commit();
      operate("z", "other", ["read"]);
      expect(() => store.write(undo)).toThrow("refused");
      gate.assertInCharge("z", "other");
      await commit();
    }
    expect(told).toEqual(["read", "read", "read", "read"]);
    operate("z", "other", ["last"]);
    store.write(() => {
      gate.hold("z", "other", () => told.push("outer"));
      expect(() => store.write(undo)).toThrow("refused");
      operate("z", "other", [], 5);
    });
    await commit();
    expect(told.slice(4)).toEqual([]);
    watch("z", { n: 5, money: 5, other: 5 });
    expect(told.slice(4)).toEqual(["last", "outer"]);
  });

  test("waits for no other zone and no other class", async () => {
    const { told, watch, operate, commit } = open();
    watch("y", { n: 1, money: 1, other: 1 });
    watch("z", { n: 1, money: 1, other: 1 });
    operate("y", "other", ["y"], 2);
    operate("z", "money", ["money"], 2);
    operate("z", "other", ["other"], 3);
    operate("unreplicated", "other", ["at once"]);
    await commit();
    expect(told).toEqual(["at once"]);
    watch("z", { n: 3, money: 1, other: 3 });
    expect(told).toEqual(["at once", "other"]);
    watch("z", { n: 3, money: 2, other: 3 });
    expect(told).toEqual(["at once", "other", "money"]);
  });

  test("does not wait where its class needs nobody, while money does", async () => {
    const { told, watch, operate, commit } = open();
    watch("z", { n: 1, money: 1, other: Number.POSITIVE_INFINITY });
    operate("z", "other", ["ack", "answer"], 2);
    operate("z", "money", ["money"], 3);
    await commit();
    expect(told).toEqual(["ack", "answer"]);
  });

  test("of a read waits for what it saw, and goes where that is acknowledged", async () => {
    const { told, watch, operate, commit } = open();
    watch("z", { n: 3, money: 2, other: 2 });
    operate("z", "other", ["read 1"]);
    await commit();
    expect(told).toEqual([]);
    watch("z", { n: 3, money: 3, other: 3 });
    operate("z", "other", ["read 2"]);
    await commit();
    expect(told).toEqual(["read 1", "read 2"]);
  });

  test("stays in order behind what came before it", async () => {
    const { gate, told, watch, operate, commit } = open();
    watch("z", { n: 1, money: 1, other: 1 });
    operate("z", "other", ["first"], 2);
    await commit();
    const mark = gate.mark("z", "other");
    watch("z", { n: 2, money: 1, other: 1 });
    gate.wait(mark, () => told.push("second"));
    expect(told).toEqual([]);
    gate.unwatch("z");
    expect(told).toEqual(["first", "second"]);
  });

  test("is cancelled with a lost turn", async () => {
    const { told, watch, operate, commit } = open();
    watch("z", { n: 1, money: 0, other: 0 });
    operate("z", "other", ["answer", "delivery"], 2);
    store.raw.exec("ROLLBACK");
    await expect(commit()).rejects.toThrow();
    expect(told).toEqual(["answer: aborted", "delivery: aborted"]);
  });
});

describe("where acknowledgements stay away", () => {
  test("for L, acks go, answers and reads are refused, and other effects come later", async () => {
    const { told, watch, operate, commit } = open();
    watch("z", { n: 1, money: 1, other: 1 });
    operate("z", "other", ["ack", "answer", "delivery"], 2);
    operate("z", "money", ["read"]);
    await commit();
    vi.advanceTimersByTime(LEASE_MS - 1);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told.sort()).toEqual(["ack", "answer: internal", "read: steward_unavailable"]);
    vi.advanceTimersByTime(10 * LEASE_MS);
    watch("z", { n: 2, money: 2, other: 2 });
    expect(told.slice(3)).toEqual(["delivery"]);
  });

  test("each has its own time", async () => {
    const { told, watch, operate, commit } = open();
    watch("z", { n: 1, money: 1, other: 1 });
    operate("z", "other", ["answer 1"], 2);
    await commit();
    vi.advanceTimersByTime(LEASE_MS / 2);
    operate("z", "other", ["answer 2"], 3);
    await commit();
    vi.advanceTimersByTime(LEASE_MS / 2);
    expect(told).toEqual(["answer 1: internal"]);
    watch("z", { n: 3, money: 3, other: 3 });
    vi.advanceTimersByTime(LEASE_MS);
    expect(told).toEqual(["answer 1: internal", "answer 2"]);
  });

  test("and another steward took over, who waits is told so and nothing else happens", async () => {
    const { gate, told, watch, operate, commit } = open();
    watch("z", { n: 1, money: 1, other: 1 });
    operate("z", "other", ["ack", "answer", "delivery"], 2);
    await commit();
    gate.depose("z", deposed);
    watch("z", { n: 2, money: 2, other: 2 });
    vi.advanceTimersByTime(LEASE_MS);
    expect(told).toEqual(["ack", "answer: stale_manifest"]);
  });
});

describe("a change", () => {
  test("is refused while the steward is not in charge", () => {
    const { gate, watch } = open();
    watch("z", { n: 1, money: 1, other: 1, refusal: late.read });
    expect(() => gate.assertInCharge("z", "other")).toThrow(late.read);
    expect(() => gate.assertInCharge("other zone", "other")).not.toThrow();
    watch("z", { n: 1, money: 1, other: 1 });
    expect(() => gate.assertInCharge("z", "other")).not.toThrow();
  });

  test.each([
    ["frames", { framesMax: 3, bytesMax: 1_000_000 }],
    ["bytes", { framesMax: 100, bytesMax: 3 * 512 }],
  ])("is refused where too many %s wait, until they went", async (_, limits) => {
    const { gate, watch, operate, commit } = open(limits);
    watch("z", { n: 1, money: 1, other: 1 });
    operate("z", "other", ["ack", "answer"], 2);
    await commit();
    expect(() => gate.assertInCharge("z", "money")).not.toThrow();
    operate("z", "other", ["ack"], 3);
    await commit();
    expect(() => gate.assertInCharge("z", "money")).toThrow(
      expect.objectContaining({ code: "steward_unavailable", reason: "OVERLOADED" }),
    );
    watch("z", { n: 3, money: 3, other: 3 });
    expect(() => gate.assertInCharge("z", "money")).not.toThrow();
  });
});
