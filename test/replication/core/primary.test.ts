import { describe, expect, test } from "vitest";
import { findCommitRefusal, findRefusal } from "../../../src/replication/core/charge.ts";
import { toStateName } from "../../../src/replication/core/following.ts";
import { createEmptyZone } from "../../../src/replication/core/zone.ts";
import { at, CoreRun, LEASE_MS, toEpoch, toFollower } from "./zones.ts";

const first = toEpoch(undefined, { primary: "A", voters: ["R", "S"], minAcks: 1 });
const second = toEpoch(first, { primary: "A", voters: ["R"], learners: ["S"], minAcks: 1 });

function createPrimary(epoch = first): CoreRun {
  const run = new CoreRun("A", { ...createEmptyZone(), isComplete: true, position: at(0, 0) });
  run.take({ type: "envelopes", envelopes: [epoch] });
  run.take({ type: "committed", position: at(1, 1) });
  run.take({ type: "linkUp", node: "R" });
  return run;
}

function refusals({ state, nowMs }: CoreRun) {
  return [findRefusal(state, "money", nowMs), findRefusal(state, "other", nowMs)];
}

describe("a primary", () => {
  test("begins its epoch at once where the zone is new, and is in charge once k voters hold that commit", () => {
    const run = createPrimary();
    expect(run.effects).toContainEqual({
      type: "firstCommit",
      epoch: 1,
      after: 0,
      isLossAccepted: false,
    });
    expect(refusals(run)).toEqual(["RECOVERING", "RECOVERING"]);
    expect(toStateName(run.state, 0)).toBe("recovering");
    run.ack("R", at(1, 1));
    expect(refusals(run)).toEqual(["NO_LEASE", "NO_LEASE"]);
    run.take({ type: "pong", node: "R", sentAtMs: 0 });
    expect(refusals(run)).toEqual([undefined, undefined]);
    expect(toStateName(run.state, 0)).toBe("primary");
    run.nowMs = LEASE_MS + 1;
    expect(refusals(run)).toEqual(["NO_LEASE", "NO_LEASE"]);
    expect(findCommitRefusal(run.state, "money", run.nowMs)).toBeUndefined();
  });

  test("releases, by class, what k voters hold; learners and other epochs do not count", () => {
    const free = toEpoch(undefined, { primary: "A", voters: ["R"], learners: ["S"] });
    const run = createPrimary(free);
    run.take({ type: "committed", position: at(1, 2) });
    expect(run.state.released).toEqual({ money: 0, other: 2 });
    run.ack("S", at(1, 2));
    run.ack("R", at(1, 2), 0);
    expect(run.state.released).toEqual({ money: 0, other: 2 });
    expect(run.ack("R", at(1, 2))).toContainEqual({ type: "released", money: 2, other: 2 });
  });

  test("ends the subscription of a follower whose digest differs", () => {
    const run = createPrimary();
    const effects = run.ack("R", at(1, 1, "other"));
    expect(effects).toContainEqual({ type: "endSubscription", node: "R" });
    expect(run.state.released.money).toBe(0);
  });

  test("that E keeps commits on, and counts no acknowledgement of the epoch before", () => {
    const run = createPrimary();
    run.ack("R", at(1, 1));
    const effects = run.take({ type: "envelopes", envelopes: [second] });
    expect(effects).toContainEqual({
      type: "firstCommit",
      epoch: 2,
      after: 1,
      isLossAccepted: false,
    });
    run.take({ type: "committed", position: at(2, 2) });
    run.ack("R", at(1, 2), 1);
    run.ack("R", at(1, 1));
    expect(run.state.released.money).toBe(1);
    expect(refusals(run)[0]).toBe("RECOVERING");
    run.ack("R", at(2, 2));
    expect(run.state.released.money).toBe(2);
  });

  test("that started hears k voters before it commits, and a follower ahead of it proves lost state", () => {
    const started = new CoreRun("A", toFollower([first], at(1, 5)), true);
    expect(findCommitRefusal(started.state, "other", 0)).toBe("RECOVERING");
    started.hear("R", at(1, 4));
    expect(findCommitRefusal(started.state, "other", 0)).toBeUndefined();
    const effects = started.hear("S", at(1, 6));
    expect(effects).toContainEqual({ type: "halted", reason: "STATE_LOST" });
    expect(findCommitRefusal(started.state, "other", 0)).toBe("STATE_LOST");
    expect(started.state.durable.isLost).toBe(true);
  });

  test("that another one replaces is deposed and follows", () => {
    const run = createPrimary();
    const next = toEpoch(first, { primary: "R", voters: ["A", "S"], minAcks: 1 });
    const effects = run.take({ type: "envelopes", envelopes: [next] });
    expect(effects).toContainEqual({ type: "deposed", epoch: 2 });
    expect(effects).toContainEqual({ type: "follow", node: "R" });
    expect(effects).toContainEqual({ type: "tell", to: "R", after: 1 });
    expect(refusals(run)).toEqual(["NOT_PRIMARY", "NOT_PRIMARY"]);
  });

  test("is deposed, too, where it is primary again and another one was in between; not where all epochs kept it", () => {
    const other = toEpoch(first, { primary: "R", voters: ["A"], minAcks: 1 });
    const again = toEpoch(other, { primary: "A", voters: ["R"], minAcks: 1 });
    const back = createPrimary().take({ type: "envelopes", envelopes: [other, again] });
    expect(back).toContainEqual({ type: "deposed", epoch: 3 });

    const third = toEpoch(second, { primary: "A", voters: ["R", "S"], minAcks: 2 });
    const kept = createPrimary().take({ type: "envelopes", envelopes: [second, third] });
    expect(kept.map(({ type }) => type)).not.toContain("deposed");
    expect(kept).toContainEqual({
      type: "firstCommit",
      epoch: 3,
      after: 1,
      isLossAccepted: false,
    });
  });

  test("keeps the first envelope of an epoch, and tells of another one", () => {
    const run = createPrimary();
    const fork = toEpoch(undefined, { primary: "B", voters: ["R"], branch: "b" });
    expect(run.take({ type: "envelopes", envelopes: [fork] })).toEqual([
      { type: "fork", epoch: 1, hash: fork.hash },
    ]);
    expect(run.state.durable.epochs).toEqual([first]);
  });

  test("of a zone that is replicated no more makes one last commit, without waiting for anybody", () => {
    const run = createPrimary();
    run.ack("R", at(1, 1));
    const alone = { ...toEpoch(first, { primary: "A" }), isReplicated: false };
    const effects = run.take({ type: "envelopes", envelopes: [alone] });
    expect(effects.map(({ type }) => type)).toContain("firstCommit");
    const last = run.take({ type: "committed", position: at(2, 2) });
    expect(last).toContainEqual({ type: "detached" });
    expect(last).toContainEqual({ type: "released", money: 2, other: 2 });
  });

  test("goes on after evidence when its operator says so, after lost state only in a new epoch", () => {
    const run = createPrimary();
    run.take({ type: "halt", reason: "EVIDENCE" });
    expect(findCommitRefusal(run.state, "other", 0)).toBe("HALTED");
    run.take({ type: "resync" });
    expect(findCommitRefusal(run.state, "other", 0)).toBeUndefined();
    run.take({ type: "lost", isDeleted: false });
    run.take({ type: "resync" });
    expect(findCommitRefusal(run.state, "other", 0)).toBe("STATE_LOST");
    run.take({ type: "envelopes", envelopes: [second] });
    expect(findCommitRefusal(run.state, "other", 0)).toBe("RECOVERING");
    expect(run.state.durable.entry).toEqual({ isKept: false, isEmpty: true });
  });
});
