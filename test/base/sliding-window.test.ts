import fc from "fast-check";
import { expect, test } from "vitest";
import { SlidingWindow } from "../../src/base/sliding-window.ts";

const MAX = 20;
const step = fc.record({
  passesMs: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 90_000 })),
  amount: fc.integer({ min: 0, max: 5 }),
  ageMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 59_000 })),
});

test("a window sums the last sixty seconds, late arrivals with theirs, and says when something leaves", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.array(step), (startMs, steps) => {
      const window = new SlidingWindow();
      let nowMs = startMs;
      let kept: { second: number; amount: number }[] = [];
      for (const { passesMs, amount, ageMs } of steps) {
        nowMs += passesMs;
        const now = Math.floor(nowMs / 1000);
        kept = kept.filter(({ second }) => second > now - 60);
        const sum = kept.reduce((total, each) => total + each.amount, 0);
        expect(window.isEmpty(nowMs)).toBe(sum === 0);
        const first = Math.min(...kept.map(({ second }) => second));
        const waitMs = kept.length === 0 ? 1 : Math.max(1, (first + 60) * 1000 - nowMs);
        expect(window.retryAfterMs(nowMs)).toBe(waitMs);
        const fits = sum + amount <= MAX;
        expect(window.take(amount, MAX, nowMs, ageMs)).toBe(fits);
        if (!fits || amount === 0) continue;
        const second = Math.max(0, now - 59, Math.floor((nowMs - ageMs) / 1000));
        kept.push({ second, amount });
      }
    }),
    { numRuns: 500 },
  );
});
