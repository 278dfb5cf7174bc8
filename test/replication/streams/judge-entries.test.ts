import { describe, expect, test } from "vitest";
import type { Commit } from "../../../src/protocol/commit.ts";
import {
  type ArrivedEntries,
  type FollowedPlace,
  judgeEntries,
} from "../../../src/replication/follow/judge-entries.ts";
import { CHECKS } from "../support/checks.ts";
import { OTHER, PRIMARY, ToldZone, ZONE_ID } from "../support/told-zone.ts";

const INVITE = { kind: "invite", key: ["inv_1"], value: { max_uses: 1, uses: 0 } } as const;

function createZone(): ToldZone {
  const zone = new ToldZone();
  zone.commit({ messages: ["one", { deep: [1, 0.5, "ä"] }] });
  zone.commit({ records: [INVITE] });
  zone.commit({ messages: ["three"], records: [{ ...INVITE, value: null }] });
  zone.commit({ messages: ["four"] });
  return zone;
}

const zone = createZone();

function placeAt(n: number, changes: Partial<FollowedPlace> = {}): FollowedPlace {
  return {
    zoneId: ZONE_ID,
    epoch: 2,
    ...zone.placeAt(n),
    maySign: (nodeId) => nodeId === PRIMARY.nodeId,
    digestAt: (kept) => zone.digests[kept],
    ...changes,
  };
}

function arriving(from: number, to: number, changes: Partial<ArrivedEntries> = {}): ArrivedEntries {
  return { epoch: 2, commits: zone.commits.slice(from - 1, to), head: zone.headAt(to), ...changes };
}

/** Commits `from` to `to`, one of them changed. */
function altered(from: number, to: number, n: number, change: (commit: Commit) => object) {
  const commits = zone.commits
    .slice(from - 1, to)
    .map((commit) => (commit.n === n ? ({ ...commit, ...change(commit) } as Commit) : commit));
  return arriving(from, to, { commits });
}

describe("what a follower does with commits", () => {
  test("commits that follow are applied, with every digest and the place they lead to", () => {
    const verdict = judgeEntries(CHECKS, placeAt(1), arriving(2, 4));

    expect(verdict).toMatchObject({ verdict: "apply", ...zone.placeAt(4) });
    const digests = verdict.verdict === "apply" ? verdict.commits.map(({ digest }) => digest) : [];
    expect(digests).toEqual(zone.digests.slice(2));
  });

  test("of what overlaps only the new is applied", () => {
    const verdict = judgeEntries(CHECKS, placeAt(3), arriving(2, 4));

    expect(verdict).toMatchObject({ verdict: "apply", commits: [{ digest: zone.digests[4] }] });
  });

  test.each([
    ["what it has", placeAt(4), arriving(2, 4), "skip"],
    [
      "what it has and keeps no longer",
      placeAt(4, { digestAt: () => undefined }),
      arriving(1, 2),
      "skip",
    ],
    [
      "nothing but what is released",
      placeAt(2),
      { epoch: 2, commits: [], head: undefined },
      "skip",
    ],
    ["commits after a gap", placeAt(1), arriving(3, 4), "gap"],
    ["another epoch's", placeAt(1, { epoch: 3 }), arriving(2, 4), "drop"],
    ["a later epoch's", placeAt(1), arriving(2, 4, { epoch: 3 }), "drop"],
  ])("%s: %#", (_, place, arrived, verdict) => {
    expect(judgeEntries(CHECKS, place, arrived)).toEqual({ verdict });
  });

  test.each([
    [
      "a changed entry",
      3,
      altered(2, 4, 3, ({ entries }) => ({
        entries: entries.map((entry) => ({ ...entry, data: { ...entry.data, content: "3" } })),
      })),
      "LOG_HASH",
    ],
    ["a missing entry", 3, altered(2, 4, 3, () => ({ entries: [] })), "LOG_HASH"],
    [
      "an entry of another zone",
      3,
      altered(2, 4, 3, ({ entries }) => ({
        entries: entries.map((entry) => ({ ...entry, zone_id: "zone_2" })),
      })),
      "OTHER_ZONE",
    ],
    [
      "an entry with another seq",
      4,
      altered(2, 4, 4, ({ entries }) => ({
        entries: entries.map((entry) => ({ ...entry, seq: 7 })),
      })),
      "LOG_GAP",
    ],
    [
      "a changed record",
      4,
      altered(2, 4, 2, () => ({ records: [{ ...INVITE, value: { max_uses: 2 } }] })),
      "HEAD_DIFFERS",
    ],
    ["a missing record", 4, altered(2, 4, 3, () => ({ records: [] })), "HEAD_DIFFERS"],
    ["another salt", 4, altered(2, 4, 3, () => ({ salt: "00".repeat(16) })), "HEAD_DIFFERS"],
    ["an epoch that was before", 3, altered(2, 4, 3, () => ({ epoch: 1 })), "EPOCH"],
    ["an epoch after E", 3, altered(2, 4, 3, () => ({ epoch: 3 })), "EPOCH"],
    [
      "numbers with a hole",
      3,
      arriving(2, 4, { commits: zone.commits.filter(({ n }) => n === 2 || n === 4) }),
      "ORDER",
    ],
    ["a head of an earlier commit", 4, arriving(2, 4, { head: zone.headAt(3) }), "HEAD_DIFFERS"],
    [
      "a head of another epoch",
      4,
      arriving(2, 4, { head: zone.headAt(4, PRIMARY, { epoch: 1 }) }),
      "HEAD_DIFFERS",
    ],
    ["a head by somebody else", 4, arriving(2, 4, { head: zone.headAt(4, OTHER) }), "HEAD_SIGNER"],
    [
      "a head in the primary's name",
      4,
      arriving(2, 4, { head: { ...zone.headAt(4, OTHER), steward: PRIMARY.nodeId } }),
      "HEAD_SIGNATURE",
    ],
    [
      "a head whose signature is of another time",
      4,
      arriving(2, 4, { head: { ...zone.headAt(4), signed_at: 5 } }),
      "HEAD_SIGNATURE",
    ],
    ["no head", 2, arriving(2, 4, { head: undefined }), "NO_HEAD"],
  ])("halts at %s", (_, n, arrived, fault) => {
    expect(judgeEntries(CHECKS, placeAt(1), arrived)).toEqual({ verdict: "halt", fault, n });
  });

  test("halts at a commit that it has with another digest", () => {
    const arrived = altered(2, 3, 2, () => ({ records: [] }));

    const verdict = judgeEntries(CHECKS, placeAt(3), arrived);

    expect(verdict).toEqual({ verdict: "halt", fault: "OTHER_DIGEST", n: 2 });
  });

  test("in recovery heads of the primaries of the commits' epochs are taken, of others not", () => {
    const maySign = (nodeId: string, headEpoch: number) =>
      headEpoch <= 2 && nodeId === OTHER.nodeId;
    const place = placeAt(1, { epoch: 4, maySign });
    const arrived = arriving(2, 4, { epoch: 4, head: zone.headAt(4, OTHER) });

    expect(judgeEntries(CHECKS, place, arrived)).toMatchObject({ verdict: "apply" });
    expect(judgeEntries(CHECKS, place, { ...arrived, head: zone.headAt(4) })).toMatchObject({
      fault: "HEAD_SIGNER",
    });
  });

  test("commits of a later epoch follow those of an earlier one", () => {
    const told = createZone();
    told.commit({ epoch: 3, messages: ["five"] });
    const place = placeAt(3, { epoch: 3 });

    const arrived = { epoch: 3, commits: told.commits.slice(3), head: told.headAt(5) };

    expect(judgeEntries(CHECKS, place, arrived)).toMatchObject({
      verdict: "apply",
      position: { epoch: 3, n: 5 },
    });
  });
});
