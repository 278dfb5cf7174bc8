import { expect, test } from "vitest";
import { judgeReplicate, type ReplicateAsk } from "../../../src/replication/core/replicate.ts";
import { createEmptyZone } from "../../../src/replication/core/zone.ts";
import { at, CoreRun, toEpoch, toFollower } from "./zones.ts";

const first = toEpoch(undefined, { primary: "A", voters: ["R", "S"], minAcks: 1 });
const second = toEpoch(first, { primary: "A", voters: ["R", "S"], minAcks: 2 });
const third = toEpoch(second, { primary: "B", voters: ["R"] });

function judge(run: CoreRun, ask: Partial<ReplicateAsk>) {
  return judgeReplicate(run.state, {
    from: "R",
    epoch: 2,
    envelopeHash: second.hash,
    position: null,
    isRecover: false,
    ownDigest: undefined,
    ...ask,
  });
}

test("the first rule decides how a zone.replicate is answered", () => {
  const primary = new CoreRun("A", toFollower([first, second], at(2, 5)));
  expect(judge(primary, { epoch: 1 })).toEqual({
    type: "refuse",
    code: "stale_manifest",
    envelopesAfter: 1,
  });
  expect(judge(primary, { epoch: 3 })).toEqual({ type: "refuse", code: "stale_manifest" });
  expect(judge(primary, { envelopeHash: first.hash })).toMatchObject({ reason: "FORK" });
  expect(judge(primary, {})).toEqual({ type: "snapshot" });
  expect(judge(primary, { position: at(2, 4), ownDigest: at(2, 4).digest })).toEqual({
    type: "stream",
  });
  expect(judge(primary, { position: at(1, 4), ownDigest: "" })).toEqual({ type: "snapshot" });

  const replica = new CoreRun("R", toFollower([first, second], at(2, 5)));
  expect(judge(replica, { from: "S" })).toMatchObject({ reason: "NOT_PRIMARY" });
  expect(judge(replica, { from: "S", isRecover: true })).toMatchObject({ reason: "NOT_PRIMARY" });
  expect(judge(replica, { from: "A", isRecover: true })).toEqual({ type: "snapshot" });

  const empty = new CoreRun("A", { ...createEmptyZone(), epochs: [first, second] });
  expect(judge(empty, {})).toMatchObject({ code: "replica_not_ready" });

  const former = new CoreRun("A", toFollower([first, second, third], at(2, 5)));
  const ask = { epoch: 3, envelopeHash: third.hash };
  expect(judge(former, ask)).toMatchObject({ code: "not_steward" });
  expect(judge(former, { ...ask, from: "B", isRecover: true })).toEqual({ type: "snapshot" });
});

test("a primary that has yet to begin, or that a follower says to be ahead of, serves no follower", () => {
  const primary = new CoreRun("A", toFollower([first, second], at(1, 5)));
  expect(judge(primary, {})).toMatchObject({ reason: "RECOVERING" });
  primary.take({ type: "committed", position: at(2, 6) });
  expect(judge(primary, { position: at(2, 7) })).toMatchObject({ reason: "RECOVERING" });
  primary.hear("R", at(2, 7));
  expect(judge(primary, { position: at(2, 7) })).toMatchObject({ reason: "STATE_LOST" });
});
