import { expect, test } from "vitest";
import { HeadTracker } from "../../src/payments/chain/head-tracker.ts";
import type { Block } from "../../src/payments/chain/reads.ts";

/** Blocks are written as number and fork: `7a` follows `6a`, `7b<6a` is another one on the same. */
function toBlock(name: string): Block {
  const [own = "", parent] = name.split("<");
  const number = Number.parseInt(own, 10);
  const fork = own.slice(String(number).length);
  return {
    number,
    hash: `0x${own}`,
    parentHash: `0x${parent ?? `${number - 1}${fork}`}`,
    timestamp: number,
    gasLimit: 30_000_000n,
    baseFeePerGas: 1n,
  };
}

function follow(names: readonly string[]): HeadTracker {
  const tracker = new HeadTracker();
  for (const name of names) tracker.take(toBlock(name), undefined, 0);
  return tracker;
}

const MANY = Array.from({ length: 300 }, (_, i) => `${i + 1}a`);

test.each([
  ["the first block", [], "7a", undefined, "new"],
  ["the same block", ["7a"], "7a", undefined, "same"],
  ["its successor", ["7a"], "8a", undefined, "new"],
  ["one that was passed", ["7a", "8a"], "7a", undefined, "behind"],
  ["another one of the head's number", ["7a"], "7b<6a", undefined, "reorg"],
  ["another one of an earlier number", ["6a", "7a", "8a"], "7b<6a", undefined, "reorg"],
  ["a successor of another parent", ["7a"], "8b", undefined, "reorg"],
  ["one after a gap whose start stands", ["7a"], "12a", "7a", "new"],
  ["one after a gap whose start was replaced", ["7a"], "12b", "7b", "reorg"],
  ["a shorter chain of unknown blocks", ["7a", "8a"], "3b", undefined, "reorg"],
  ["an old block that is still remembered", MANY, "60a", undefined, "behind"],
  ["a block older than what is remembered", MANY, "20a", undefined, "reorg"],
] as const)("%s is told for what it is", (_, known, next, before, news) => {
  const tracker = follow(known);
  expect(tracker.take(toBlock(next), before && toBlock(before), 0)).toBe(news);
  // What is behind does not become the head; everything else is it from now on.
  const head = news === "behind" ? known.at(-1) : next;
  expect(tracker.head?.hash).toBe(toBlock(head ?? "").hash);
});

test("after a reorganization nothing of the old fork counts as known", () => {
  const tracker = follow(["6a", "7a", "8a"]);
  expect(tracker.take(toBlock("7b<6a"), undefined, 0)).toBe("reorg");
  expect(tracker.take(toBlock("8b"), undefined, 0)).toBe("new");
  expect(tracker.take(toBlock("8a"), undefined, 0)).toBe("reorg");
});

test.each([
  ["nothing is known yet", [], "7a", undefined],
  ["it is the same", ["7a"], "7a", undefined],
  ["it follows", ["7a"], "8a", undefined],
  ["it is earlier", ["7a"], "3a", undefined],
  ["one was left out", ["7a"], "9a", 7],
  ["many were left out", ["5a", "7a"], "900a", 7],
] as const)(
  "the last known block before a gap is named only where there is one: %s",
  (_, known, next, gap) => {
    expect(follow(known).findGap(toBlock(next))).toBe(gap);
  },
);

/** Reads blocks that come steadily, every so many of them, and says how long it rests `laterMs` after. */
function restAfter(blockMs: number, step: number, laterMs: number): number {
  const tracker = new HeadTracker();
  let atMs = 0;
  for (let n = 1; n < 600; n += step) {
    atMs = n * blockMs;
    tracker.take(toBlock(`${n}a`), undefined, atMs);
  }
  return tracker.pollMs(atMs + laterMs);
}

test.each([
  ["right after a slow block it rests, a second at most", 12_000, 1, 0, 1_000],
  ["it looks a fifth of the time before a block is due", 12_000, 1, 9_300, 300],
  ["about then it looks 20 times a block, four times a second at least", 12_000, 1, 9_700, 250],
  ["of blocks of two seconds it rests to the fifth", 2_000, 1, 700, 900],
  ["and looks every 100 ms about then", 2_000, 1, 1_900, 100],
  ["a late one is looked for ever less often", 2_000, 1, 3_700, 170],
  ["and four times a second at least", 2_000, 1, 60_000, 250],
  ["of blocks of a quarter of a second it is the same", 250, 1, 0, 200],
  ["and every 13 ms about then", 250, 1, 240, 12.5],
  ["of blocks of no time it looks 200 times a second at most", 1, 1, 0, 5],
  ["where blocks are left out the time is of one", 250, 8, 0, 200],
  ["a chain that stood for hours is looked at as before", 7_200_000, 1, 0, 1_000],
] as const)("%s", (_, blockMs, step, laterMs, expected) => {
  expect(restAfter(blockMs, step, laterMs)).toBeCloseTo(expected, 0);
});

test.each([
  ["one that comes early is believed at once", 250, 0, 200],
  ["one that comes late moves it by a fifth of the difference", 1_500, 0, 880],
  ["one that comes hours late, as one of fifteen seconds", 7_200_000, 2_800, 240],
] as const)("the time of a block follows the blocks: %s", (_, lastMs, laterMs, expected) => {
  const tracker = new HeadTracker();
  for (let n = 1; n <= 100; n++) tracker.take(toBlock(`${n}a`), undefined, n * 1_000 - 1_000);
  const atMs = 99_000 + lastMs;
  tracker.take(toBlock("101a"), undefined, atMs);
  // It rests four fifths of the time that it expects a block to take: of a second it would be 800 ms.
  expect(tracker.pollMs(atMs + laterMs)).toBeCloseTo(expected, 0);
});
