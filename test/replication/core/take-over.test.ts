import { describe, expect, test } from "vitest";
import { listWaitingFor } from "../../../src/replication/core/take-over.ts";
import { createEmptyZone, listReach } from "../../../src/replication/core/zone.ts";
import { at, CoreRun, LEASE_MS, toEpoch, toFollower } from "./zones.ts";

const first = toEpoch(undefined, { primary: "A", voters: ["R", "S"], minAcks: 1 });
const second = toEpoch(first, { primary: "S", voters: ["R"], learners: ["A"], minAcks: 1 });

function begins(run: CoreRun): boolean {
  return run.effects.some((effect) => effect.type === "firstCommit");
}

describe("a steward that takes over", () => {
  test("waits for the former primary or N - k + 1 of its voters, takes the more advanced copy, and begins", () => {
    const run = new CoreRun("S", toFollower([first], at(1, 5)));
    run.take({ type: "linkUp", node: "R" });
    const told = run.take({ type: "envelopes", envelopes: [second] });
    expect(told).toContainEqual({ type: "tell", to: "R", after: 1 });
    expect(listReach(run.state)).toEqual(["A", "R"]);
    expect(listWaitingFor(run.state, 0)).toEqual(["A", "R"]);
    expect(run.hear("R", at(1, 7))).toContainEqual({ type: "recover", node: "R" });
    expect(begins(run)).toBe(false);
    run.take({ type: "applied", from: "R", position: at(1, 7) });
    expect(run.effects.at(-1)).toEqual({
      type: "firstCommit",
      epoch: 2,
      after: 1,
      isLossAccepted: false,
    });
  });

  test("counts neither lost nor unsound nor empty positions", () => {
    const run = new CoreRun("S", toFollower([first], at(1, 5)));
    run.take({ type: "envelopes", envelopes: [second] });
    run.hear("R", at(1, 4), { isLost: true });
    run.hear("R", at(1, 4), { isSound: false });
    run.hear("R", null);
    expect(begins(run)).toBe(false);
    run.hear("R", at(1, 4));
    expect(begins(run)).toBe(true);
  });

  test("hears of every epoch since the last commit, not of the one before only", () => {
    const third = toEpoch(second, { primary: "S", voters: ["T"], minAcks: 1 });
    const run = new CoreRun("S", toFollower([first], at(1, 5)));
    run.take({ type: "envelopes", envelopes: [second, third] });
    run.hear("T", at(1, 1));
    expect(begins(run)).toBe(false);
    expect(listWaitingFor(run.state, 0)).toEqual(["A", "R"]);
    run.hear("R", at(1, 3));
    expect(begins(run)).toBe(true);
  });

  test("without a copy when it met E hears N - k + 1 voters of E, too, and does not count itself", () => {
    const run = new CoreRun("S", createEmptyZone());
    run.take({ type: "envelopes", envelopes: [first, second] });
    run.hear("A", at(1, 7));
    expect(listWaitingFor(run.state, 0)).toEqual(["R"]);
    run.hear("R", at(1, 6));
    expect(run.effects.at(-1)).toEqual({ type: "recover", node: "A" });
    run.take({ type: "copied", from: "A", position: at(1, 7) });
    expect(begins(run)).toBe(true);
  });

  test("with a copy that does not count takes the most advanced one that does, however far its own went another way", () => {
    const kept = toEpoch(first, { primary: "S", voters: ["R"], minAcks: 1 });
    const own = { ...toFollower([first], at(1, 9, "another way")), isLost: true };
    const run = new CoreRun("S", own);
    run.take({ type: "envelopes", envelopes: [kept] });
    run.hear("A", at(1, 7), { ownHistory: "another way" });
    run.hear("R", at(1, 5), { ownHistory: "another way" });
    expect(run.effects.at(-1)).toEqual({ type: "recover", node: "A" });
    expect(begins(run)).toBe(false);
    run.take({ type: "copied", from: "A", position: at(1, 7) });
    expect(begins(run)).toBe(true);
  });

  test("with a copy that does not count keeps what leads on from the most advanced one that does", () => {
    const kept = toEpoch(first, { primary: "S", voters: ["R"], minAcks: 1 });
    const run = new CoreRun("S", { ...toFollower([first], at(1, 9)), isLost: true });
    run.take({ type: "envelopes", envelopes: [kept] });
    run.hear("A", at(1, 7));
    run.hear("R", at(1, 5));
    expect(begins(run)).toBe(true);
  });

  test("halts with STATE_LOST where others hold commits of its own epoch", () => {
    const run = new CoreRun("S", createEmptyZone());
    run.take({ type: "envelopes", envelopes: [first, second] });
    expect(run.hear("R", at(2, 8))).toContainEqual({ type: "halted", reason: "STATE_LOST" });
    expect(begins(run)).toBe(false);
  });

  test("leaves out who delivers nothing for L, until its link is new", () => {
    const run = new CoreRun("S", toFollower([first], at(1, 5)));
    run.take({ type: "envelopes", envelopes: [second] });
    run.hear("R", at(1, 7));
    run.nowMs = LEASE_MS;
    run.take({ type: "tick" });
    expect(begins(run)).toBe(false);
    expect(run.effects.at(-1)).toEqual({ type: "recover", node: undefined });
    run.take({ type: "linkUp", node: "R" });
    run.hear("R", at(1, 7));
    expect(run.effects).toContainEqual({ type: "recover", node: "R" });
    run.nowMs += LEASE_MS;
    run.hear("A", at(1, 5));
    expect(begins(run)).toBe(true);
  });

  test("with accept_loss asks for nobody, L after it began", () => {
    const loss = toEpoch(first, { primary: "S", voters: ["R"], minAcks: 1, acceptsLoss: true });
    const run = new CoreRun("S", toFollower([first], at(1, 5)));
    run.take({ type: "envelopes", envelopes: [loss] });
    run.nowMs = LEASE_MS - 1;
    run.take({ type: "tick" });
    expect(begins(run)).toBe(false);
    run.nowMs = LEASE_MS;
    run.take({ type: "tick" });
    expect(begins(run)).toBe(true);
  });
});
