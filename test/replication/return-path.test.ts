import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { StewardError } from "../../src/errors.ts";
import { SecondGate } from "../../src/replication/gate/second-gate.ts";
import { MessageMeter } from "../../src/routing/message-meter.ts";
import { type Origin, ReturnPath, type ReturnPathDeps } from "../../src/routing/return-path.ts";
import { Store } from "../../src/store/database.ts";

const ZONE = "zone_019a2f3d-0009-7a10-8b20-0123456789ab";
const LEFT = { type: "zone.left", zone_id: ZONE } as const;
const SENDER = `atlas_${"a".repeat(64)}`;
const OTHER = `atlas_${"b".repeat(64)}`;

/** The ways back of messages over a real store and gate; voters have nothing of the zone until `release`. */
function open() {
  const told: string[] = [];
  const dir = mkdtempSync(join(tmpdir(), "return-path-"));
  const note = (error: unknown) => told.push(String(error));
  const store = Store.open(join(dir, "store.sqlite"), { onFatal: note, onEffectError: note });
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });
  const monotonicMs = () => performance.now();
  const limits = { framesMax: 100, bytesMax: 1_000_000 };
  const gate = new SecondGate({ store, monotonicMs, log: { error: note }, limits });
  const at = { n: 1, released: 0 };
  gate.watch(ZONE, {
    leaseMs: () => 60_000,
    position: () => at.n,
    released: () => at.released,
    isInCharge: () => true,
    refusal: () => undefined,
    overloaded: () => new StewardError("steward_unavailable", { reason: "OVERLOADED" }),
    unreadable: () => undefined,
    seqAt: (n) => n,
    late: () => new StewardError("internal"),
    holdsPages: () => true,
    replica: () => undefined,
    primaryHead: () => undefined,
  });
  const meter = new MessageMeter(monotonicMs, undefined);
  const deps: ReturnPathDeps = { store, gate, heldAcks: new Map(), meter };
  const origin: Origin = {
    acknowledge: (id) => told.push(`ack ${id}`),
    answer: (body, id) => told.push(`${id}: ${"code" in body ? body.code : body.type}`),
    refuse: () => told.push("refused"),
  };
  const start = (id: string, from = SENDER) =>
    new ReturnPath(deps, origin, { id, from, requestId: undefined, type: "zone.leave" });
  const release = () => {
    at.released = at.n;
    gate.changed(ZONE);
  };
  /** A turn that SQLite takes back. */
  const lose = async (fill: () => void) => {
    store.write(fill);
    store.raw.exec("ROLLBACK");
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { store, told, start, release, lose };
}

test.each(["the same turn", "a later one"])(
  "a repetition in %s is acknowledged no sooner than the first time",
  async (when) => {
    const { store, told, start, release } = open();
    const [first, again, others] = [start("m"), start("m"), start("m", OTHER)];
    store.write(() => {
      first.acknowledge();
      first.about(ZONE, "other", false);
      first.reply(LEFT);
    });
    if (when === "a later one") await store.committed();
    store.write(() => {
      // Of another sender, and about nothing that waits.
      others.acknowledge();
      again.acknowledge();
      again.repeat();
    });
    await store.committed();
    expect(told).toEqual(["ack m"]);
    release();
    expect(told.toSorted()).toEqual(["ack m", "ack m", "ack m", "m: zone.left"]);
  },
);

test("what was to be answered in a turn that is lost is a failure, told once", async () => {
  const { told, start, lose } = open();
  const path = start("m");
  await lose(() => {
    path.acknowledge();
    path.reply(LEFT);
  });
  expect(told).toEqual(["m: internal"]);
  expect(path.isRefused).toBe(true);
  path.fail(new StewardError("not_member"));
  expect(told).toEqual(["m: internal"]);
});

test("an answer after its acknowledgement, in a turn that is lost, is a failure, too", async () => {
  const { told, start, lose } = open();
  const path = start("m");
  path.acknowledgeQuestion();
  expect(told).toEqual(["ack m"]);
  await lose(() => path.reply(LEFT));
  expect(told).toEqual(["ack m", "m: internal"]);
});

test("a failure that stands is told where the turn is lost; another is not known to hold then", async () => {
  const { told, start, lose } = open();
  const [standing, other] = [start("a"), start("b")];
  await lose(() => {
    standing.acknowledge();
    standing.fail(new StewardError("steward_unavailable", { reason: "FORWARD_LOST" }), true);
    other.acknowledge();
    other.fail(new StewardError("not_member"));
  });
  expect(told).toEqual(["a: steward_unavailable", "b: internal"]);
});
