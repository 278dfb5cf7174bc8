import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type StewardError, toZoneError } from "../../src/errors.ts";
import type { ZoneState } from "../../src/replication/core/state.ts";
import { createEmptyZone } from "../../src/replication/core/zone.ts";
import { GateDriver } from "../../src/replication/gate/gate-driver.ts";
import { SecondGate } from "../../src/replication/gate/second-gate.ts";
import { Store } from "../../src/store/database.ts";
import type { GateClass } from "../../src/zones/zone-gate.ts";
import { at, CoreRun, LEASE_MS, toEpoch, toFollower } from "./core/zones.ts";

const first = toEpoch(undefined, { primary: "A", voters: ["R"], minAcks: 1 });
const free = toEpoch(undefined, { primary: "A", voters: ["R"] });
const ENTRYPOINTS = new Map([["A", "ws://a/wire"]]);

let dir: string;
let store: Store;

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

/** A zone's real state machine, and the gate that goes by it. */
function open(run: CoreRun) {
  const startMs = performance.now();
  const monotonicMs = () => performance.now() - startMs;
  const told: string[] = [];
  const limits = { framesMax: 100, bytesMax: 1_000_000 };
  const log = { error: (error: unknown) => told.push(String(error)) };
  const gate = new SecondGate({ store, monotonicMs, log, limits });
  const watchers: ((zoneId: string, state: ZoneState | undefined) => void)[] = [];
  let depose = (_zoneId: string) => {};
  const driver = new GateDriver({
    gate,
    store,
    monotonicMs,
    positionAt: () => run.state.durable.position?.n ?? 0,
    seqAt: (_, n) => 10 * n,
    releasedBefore: () => 0,
    headAt: () => undefined,
    states: {
      find: (zoneId) => (zoneId === "z" ? run.state : undefined),
      list: () => ["z"],
      watch: (listener) => watchers.push(listener),
      on: (_, listener) => {
        depose = listener;
      },
      knownEpochs: () =>
        run.state.durable.epochs.map((epoch) => ({ epoch, entrypoints: ENTRYPOINTS })),
    },
  });
  const take: CoreRun["take"] = (event) => {
    run.nowMs = monotonicMs();
    const effects = run.take(event);
    if (effects.some(({ type }) => type === "deposed")) depose("z");
    for (const watcher of watchers) watcher("z", run.state);
    return effects;
  };
  const tell = (text: string, gateClass: GateClass = "other", isRead = false) => {
    const fail = ({ code, reason }: StewardError) => told.push(`${text}: ${code} ${reason}`);
    const options = { late: fail, deposed: fail, isRead };
    gate.hold("z", gateClass, () => told.push(text), options);
  };
  /** One operation that commits, and tells of it. */
  const operate = async (text: string, n: number, gateClass: GateClass = "other") => {
    store.write(() => {
      tell(text, gateClass);
      driver.commit("z", n);
      store.gate(() => take({ type: "committed", position: at(1, n) }));
    });
    await store.committed();
  };
  return { gate, told, take, tell, operate };
}

function createPrimary(epoch = first) {
  const run = new CoreRun("A", { ...createEmptyZone(), isComplete: true, position: at(0, 0) });
  run.take({ type: "envelopes", envelopes: [epoch] });
  run.take({ type: "committed", position: at(1, 1) });
  run.take({ type: "linkUp", node: "R" });
  return run;
}

function refusalOf(act: () => void) {
  try {
    act();
    return undefined;
  } catch (error) {
    return toZoneError(error);
  }
}

test("a primary is in charge, and lets go, as voters acknowledge and answer", async () => {
  const run = createPrimary();
  const { gate, told, take, operate } = open(run);
  expect(refusalOf(() => gate.assertInCharge("z", "other"))).toMatchObject({
    code: "steward_unavailable",
    reason: "RECOVERING",
    retry_after_ms: expect.any(Number),
    entrypoints: [
      { node_id: "A", entrypoint: "ws://a/wire", role: "primary" },
      { node_id: "R", role: "replica" },
    ],
  });
  run.ack("R", at(1, 1));
  take({ type: "pong", node: "R", sentAtMs: 0 });
  gate.assertInCharge("z", "other");
  await operate("second", 2);
  await operate("third", 3);
  expect(told).toEqual([]);
  expect(gate.findReleasedSeq("z")).toBe(10);
  run.ack("R", at(1, 2));
  take({ type: "tick" });
  expect(told).toEqual(["second"]);
  vi.advanceTimersByTime(LEASE_MS);
  expect(told.slice(1)).toEqual(["third: internal REPLICATION_TIMEOUT"]);
  vi.advanceTimersByTime(1);
  const reason = "NO_LEASE";
  expect(refusalOf(() => gate.assertInCharge("z", "other"))).toMatchObject({ reason });
});

test("with min_acks 0 only money waits", async () => {
  const run = createPrimary(free);
  const { told, operate } = open(run);
  await operate("message", 2);
  await operate("quote", 3, "money");
  expect(told).toEqual(["message"]);
  run.ack("R", at(1, 3));
});

test("whoever waits at a deposed primary is told so, and sent to the new one", async () => {
  const run = createPrimary();
  const { gate, told, take, operate } = open(run);
  await operate("answer", 2);
  const second = toEpoch(first, { primary: "R", learners: ["A"] });
  take({ type: "envelopes", envelopes: [second] });
  expect(told).toEqual(["answer: stale_manifest DEPOSED"]);
  expect(refusalOf(() => gate.assertInCharge("z", "other"))).toMatchObject({
    code: "steward_unavailable",
    reason: "NO_PRIMARY",
  });
  take({ type: "envelopes", envelopes: [toEpoch(second, { primary: "R", learners: ["S"] })] });
  expect(refusalOf(() => gate.assertReadable("z"))).toMatchObject({ code: "not_steward" });
});

test("a replica answers what it has once it is released, within a second", async () => {
  const run = new CoreRun("R", toFollower([first], at(1, 5)));
  const { gate, told, take, tell } = open(run);
  take({ type: "told", epoch: 1, n: 5, released: 4 });
  tell("read", "other", true);
  expect(gate.findReleasedSeq("z")).toBe(40);
  expect(gate.holdsPages("z")).toBe(false);
  expect(told).toEqual([]);
  take({ type: "told", epoch: 1, n: 5, released: 5 });
  expect(told).toEqual(["read"]);
  take({ type: "applied", from: "A", position: at(1, 6) });
  tell("behind", "other", true);
  vi.advanceTimersByTime(1000);
  expect(told.slice(1)).toEqual(["behind: replica_not_ready BEHIND"]);
});

test("a replica without a copy has nothing to read", () => {
  const run = new CoreRun("R", { ...createEmptyZone(), epochs: [first] });
  const { gate } = open(run);
  expect(refusalOf(() => gate.assertReadable("z"))).toMatchObject({ code: "replica_not_ready" });
  expect(refusalOf(() => gate.assertInCharge("z", "other"))).toMatchObject({
    code: "replica_not_ready",
  });
});
