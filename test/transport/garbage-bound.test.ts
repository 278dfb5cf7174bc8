import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GarbageBound } from "../../src/transport/garbage-bound.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("garbage is bounded tighter from a large message on until none has come for ten seconds", () => {
  const told: number[] = [];
  const bound = new GarbageBound((percent) => told.push(percent));
  expect(told).toEqual([100]);
  bound.noteLarge();
  vi.advanceTimersByTime(9_000);
  bound.noteLarge();
  vi.advanceTimersByTime(9_000);
  expect(told).toEqual([100, 30]);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([100, 30, 100]);
  bound.noteLarge();
  expect(told.at(-1)).toBe(30);
});
