import { describe, expect, test } from "vitest";
import { toStateName } from "../../../src/replication/core/following.ts";
import { createEmptyZone } from "../../../src/replication/core/zone.ts";
import { at, CoreRun, LEASE_MS, toEpoch, toFollower } from "./zones.ts";

const first = toEpoch(undefined, { primary: "A", voters: ["R", "S"], minAcks: 1 });

function names(run: CoreRun): string {
  return toStateName(run.state, run.nowMs);
}

describe("a follower", () => {
  test("is joining, in a snapshot, catching up, ready and lagging, by what it has and hears", () => {
    const run = new CoreRun("R", createEmptyZone());
    const effects = run.take({ type: "envelopes", envelopes: [first] });
    expect(effects).toContainEqual({ type: "follow", node: "A" });
    expect(names(run)).toBe("joining");
    run.take({ type: "copying", isUnderWay: true });
    expect(names(run)).toBe("snapshot");
    run.take({ type: "copied", from: "A", position: at(1, 4) });
    expect(names(run)).toBe("catching_up");
    run.take({ type: "told", epoch: 1, n: 5, released: 3 });
    expect(names(run)).toBe("catching_up");
    run.take({ type: "applied", from: "A", position: at(1, 5) });
    expect(names(run)).toBe("ready");
    run.nowMs = LEASE_MS + 1;
    expect(names(run)).toBe("lagging");
    run.take({ type: "pong", node: "A", sentAtMs: 0 });
    expect(names(run)).toBe("ready");
    run.take({ type: "halt", reason: "EVIDENCE" });
    expect(names(run)).toBe("halted");
    expect(run.effects.at(-1)).toEqual({ type: "follow", node: undefined });
  });

  test("that lost something has it again at all that its primary told, as its position, too, and released of E", () => {
    const run = new CoreRun("R", { ...toFollower([first], at(1, 4)), isLost: true });
    run.take({ type: "applied", from: "A", position: at(1, 5) });
    run.take({ type: "told", epoch: 1, n: 5, released: 7 });
    expect(run.state.durable.isLost).toBe(true);
    run.take({ type: "applied", from: "A", position: at(1, 7) });
    expect(run.state.durable.isLost).toBe(true);
    run.hear("A", at(1, 8));
    expect(run.state.durable.isLost).toBe(true);
    run.take({ type: "applied", from: "A", position: at(1, 8) });
    expect(run.state.durable.isLost).toBe(false);
  });

  test("gives its copy up at its operator's word only when another one is there", () => {
    const run = new CoreRun("R", toFollower([first], at(1, 4)));
    run.take({ type: "halt", reason: "EVIDENCE" });
    expect(run.take({ type: "resync" })).toContainEqual({ type: "follow", node: "A" });
    expect(run.state.durable).toMatchObject({ isComplete: true, isLost: true, isForeign: true });
    run.take({ type: "copied", from: "A", position: at(1, 6) });
    run.hear("A", at(1, 6));
    run.take({ type: "told", epoch: 1, n: 6, released: 6 });
    expect(run.state.durable).toMatchObject({ isLost: false, isForeign: false });
  });

  test("believes nothing of what was released of a copy that another one replaced", () => {
    const run = new CoreRun("R", toFollower([first], at(1, 9)));
    run.take({ type: "told", epoch: 1, n: 12, released: 12 });
    const next = toEpoch(first, { primary: "S", voters: ["R"], acceptsLoss: true });
    run.take({ type: "envelopes", envelopes: [next] });
    expect(run.state.primary.released).toBe(9);
    run.take({ type: "copied", from: "S", position: at(2, 8, "other") });
    expect(run.state.primary.released).toBe(0);
  });
});
