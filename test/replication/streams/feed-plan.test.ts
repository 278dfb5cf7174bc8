import { describe, expect, test } from "vitest";
import { CommitParts } from "../../../src/replication/follow/commit-parts.ts";
import { toLocator } from "../../../src/replication/follow/locator.ts";
import { type HeldCopy, planFeed } from "../../../src/replication/serve/plan-feed.ts";
import { SendWindow } from "../../../src/replication/serve/send-window.ts";
import { sliceText } from "../../../src/replication/serve/text-slices.ts";
import { readCommit } from "../../../src/wire/link-bodies.ts";
import { ToldZone } from "../support/told-zone.ts";

const zone = new ToldZone();
for (let i = 0; i < 100; i++) zone.commit({ messages: [i] });

/** A responder at commit 100 that keeps commits from `first` on. */
function holding(first: number, logStart = zone.endAt(0)): HeldCopy {
  const { position, log } = zone.placeAt(100);
  return {
    position,
    logStart,
    logEnd: log,
    hashAt: (seq) => (seq > logStart.seq ? zone.entries[seq - 1]?.hash : undefined),
    holds: ({ n, digest }) => n >= first && zone.digests[n] === digest,
  };
}

const wrong = { seq: 60, hash: "00".repeat(32) };

describe("what a follower is sent", () => {
  test.each([
    ["stands at a commit that is kept", zone.placeAt(70).position, 50],
    ["is level", zone.placeAt(100).position, 101],
  ])("a follower that %s is streamed on", (_, position, first) => {
    expect(planFeed(holding(first), { position, log: [] })).toEqual({
      feed: "stream",
      after: position,
    });
  });

  test.each([
    ["has no copy", null, [zone.endAt(0)], 0],
    ["is behind what is kept", zone.placeAt(30).position, [zone.endAt(30), zone.endAt(29)], 30],
    [
      "is ahead",
      { epoch: 2, n: 101, digest: "00".repeat(32) },
      [zone.endAt(99), zone.endAt(0)],
      99,
    ],
    ["has another digest", { epoch: 2, n: 70, digest: "00".repeat(32) }, [zone.endAt(70)], 70],
    [
      "has another log's end",
      { epoch: 2, n: 70, digest: "00".repeat(32) },
      [wrong, zone.endAt(58), zone.endAt(56)],
      58,
    ],
    ["has nothing in common", { epoch: 2, n: 70, digest: "00".repeat(32) }, [wrong], 0],
  ])(
    "a follower that %s gets a snapshot after what the logs have in common",
    (_, position, log, seq) => {
      const plan = planFeed(holding(50), { position, log });

      expect(plan).toEqual({ feed: "snapshot", logAfter: zone.endAt(seq) });
    },
  );

  test("of a pruned log the snapshot begins at its checkpoint", () => {
    const plan = planFeed(holding(90, zone.endAt(80)), { position: null, log: [zone.endAt(0)] });

    expect(plan).toEqual({ feed: "snapshot", logAfter: zone.endAt(80) });
  });
});

describe("a follower's locator", () => {
  const locate = (start: number, end: number) =>
    toLocator({
      start: zone.endAt(start),
      end: zone.endAt(end),
      hashAt: (seq) => zone.entries[seq - 1]?.hash,
    });

  test.each([
    [0, 0, [0]],
    [4, 5, [5, 4]],
    [0, 10, [10, 9, 8, 6, 2, 0]],
    [90, 100, [100, 99, 98, 96, 92, 90]],
  ])("of a log from %i to %i", (start, end, seqs) => {
    expect(locate(start, end)).toEqual(seqs.map((seq) => zone.endAt(seq)));
  });

  test("of the longest log it has at most 64 pairs", () => {
    const end = { seq: Number.MAX_SAFE_INTEGER, hash: "11".repeat(32) };

    const pairs = toLocator({ start: zone.endAt(0), end, hashAt: () => "22".repeat(32) });

    expect(pairs.length).toBeLessThanOrEqual(64);
    expect(pairs.at(-1)).toEqual(zone.endAt(0));
  });
});

describe("what is sent and not acknowledged", () => {
  test("holds up further messages at the window, but one always goes", () => {
    const window = new SendWindow(100);
    expect(window.room).toBe(Number.POSITIVE_INFINITY);

    window.add(3, 60);
    expect(window.room).toBe(40);
    window.add(5, 70);
    expect(window.room).toBe(0);

    window.acknowledge(4);
    expect(window).toMatchObject({ bytes: 70, room: 30 });
    window.acknowledge(9);
    expect(window).toMatchObject({ bytes: 0, room: Number.POSITIVE_INFINITY });
  });
});

describe("a commit in parts", () => {
  const commit = zone.commits[0];
  const slices = sliceText(JSON.stringify(commit), 50);
  const parts = slices.map((text, index) => ({ n: 1, index, of: slices.length, text }));

  test("is whole with its last part", () => {
    const assembly = new CommitParts();
    const taken = parts.map((part) => assembly.add(part));

    expect(taken.slice(0, -1).every((part) => part === undefined)).toBe(true);
    const last = taken.at(-1);
    const text = typeof last === "object" ? last.text : "";
    expect(readCommit(JSON.parse(text))).toEqual(commit);
  });

  test("with a part missing is a gap, after which it begins anew", () => {
    const assembly = new CommitParts();
    assembly.add(parts[0] as (typeof parts)[number]);

    expect(assembly.add(parts[2] as (typeof parts)[number])).toBe("gap");
    expect(parts.map((part) => assembly.add(part)).at(-1)).toMatchObject({});
  });
});
