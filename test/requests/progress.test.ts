import { expect, test } from "vitest";
import { hasRun, isPaying, toProgress } from "../../src/requests/progress.ts";

test.each([
  // state, how far, an authorization was accepted (unpaid), runs or ran
  ["quoted", "quoted", false, false],
  ["paying", "paying", true, false],
  ["paid", "running", false, false],
  ["running", "running", false, true],
  ["undelivered", "at_rest", false, false],
  ["failed", "at_rest", false, false],
  ["answered", "final", false, true],
  ["refunded", "final", false, false],
] as const)("a request that is %s is %s", (state, progress, paying, ran) => {
  expect(toProgress({ state })).toBe(progress);
  expect(isPaying({ state, paid: false })).toBe(paying);
  expect(isPaying({ state, paid: true })).toBe(true);
  expect(hasRun({ state })).toBe(ran);
});
