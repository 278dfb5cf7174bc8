import fc from "fast-check";
import { expect, test } from "vitest";
import type { Delivery } from "../../src/client/calls/replies.ts";
import { HELD_DELIVERIES_MAX, ZoneFeed } from "../../src/client/zones/feed.ts";
import { ZONE_ID } from "./zone-fixture.ts";

function toMessage(seq: number): Delivery {
  return {
    type: "zone.message",
    zone_id: ZONE_ID,
    id: `zmsg_${seq}`,
    seq,
    from: "atlas_x",
    timestamp: 0,
    content: seq,
  };
}

const toSeqs = (deliveries: readonly Delivery[]) => deliveries.map(({ seq }) => seq);

test("live deliveries before the join's answer are held, then handed on without those before it", () => {
  const feed = new ZoneFeed("atlas_x");
  expect(feed.offer(toMessage(6))).toEqual([]);
  expect(feed.offer(toMessage(4))).toEqual([]);
  expect(feed.offer(toMessage(5))).toEqual([]);
  expect(toSeqs(feed.start(4, 4))).toEqual([5, 6]);
  expect(feed.hasGap).toBe(false);
});

test("a jump is a gap until history fills it, and nothing comes twice", () => {
  const feed = new ZoneFeed("atlas_x");
  feed.start(10, 10);
  expect(feed.offer(toMessage(14))).toEqual([]);
  expect(feed.hasGap).toBe(true);
  expect(toSeqs(feed.takePage([11, 12].map(toMessage), 14))).toEqual([11, 12]);
  expect(feed.offer(toMessage(15))).toEqual([]);
  expect(toSeqs(feed.takePage([13, 14, 15].map(toMessage), 15))).toEqual([13, 14, 15]);
  expect(feed.offer(toMessage(15))).toEqual([]);
  expect(feed.hasGap).toBe(false);
});

test("a head that history names and does not yet bring is a gap", () => {
  const feed = new ZoneFeed("atlas_x");
  feed.start(0, 3);
  expect(feed.hasGap).toBe(true);
  feed.takePage([toMessage(1)], 5);
  expect(feed.hasGap).toBe(true);
  expect(feed.lastSeq).toBe(1);
});

test("past the limit what is held is dropped and has to come from history", () => {
  const feed = new ZoneFeed("atlas_x");
  feed.start(0, 0);
  const last = HELD_DELIVERIES_MAX + 50;
  for (let seq = 2; seq <= last; seq++) feed.offer(toMessage(seq));
  expect(feed.offer(toMessage(1))).toHaveLength(HELD_DELIVERIES_MAX + 1);
  expect(feed.hasGap).toBe(true);
  const missing = Array.from({ length: last - HELD_DELIVERIES_MAX - 1 }, (_, i) =>
    toMessage(HELD_DELIVERIES_MAX + 2 + i),
  );
  expect(feed.takePage(missing, last)).toHaveLength(missing.length);
  expect(feed.lastSeq).toBe(last);
});

/** A zone's log, seen over a connection that breaks: what is lost comes from history or not at all. */
const scenario = fc.record({
  start: fc.integer({ min: 0, max: 5 }),
  own: fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
  steps: fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant("live" as const), lost: fc.boolean() }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("page" as const), size: fc.nat(20) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("answer" as const) }) },
    ),
    { maxLength: 200 },
  ),
});

test("every position is handed on once and in order, own messages never, whatever is lost", () => {
  fc.assert(
    fc.property(scenario, ({ start, own, steps }) => {
      const feed = new ZoneFeed("atlas_x");
      const seen: number[] = [];
      const take = (deliveries: readonly Delivery[]) => seen.push(...toSeqs(deliveries));
      const isOwn = (seq: number) => own[(seq - 1) % own.length] === true;
      const unanswered: number[] = [];
      let head = start;
      const read = (size: number) => {
        const from = feed.lastSeq ?? 0;
        const count = Math.min(size, head - from);
        const page = Array.from({ length: count }, (_, i) => toMessage(from + 1 + i));
        take(feed.takePage(page, head));
      };
      take(feed.start(start, start));
      for (const step of steps) {
        if (step.kind === "page") read(step.size);
        else if (step.kind === "answer") {
          const seq = unanswered.shift();
          if (seq !== undefined) take(feed.settleOwn(`zmsg_${seq}`, seq));
        } else {
          head += 1;
          if (isOwn(head)) {
            feed.expectOwn(`zmsg_${head}`);
            unanswered.push(head);
          } else if (!step.lost) take(feed.offer(toMessage(head)));
        }
      }
      while ((feed.lastSeq ?? 0) < head) read(7);
      for (const seq of unanswered) take(feed.settleOwn(`zmsg_${seq}`, seq));
      const expected = Array.from({ length: head - start }, (_, i) => start + 1 + i).filter(
        (seq) => !isOwn(seq),
      );
      expect(seen).toEqual(expected);
      expect(feed.hasGap).toBe(false);
    }),
    { numRuns: 500 },
  );
});
