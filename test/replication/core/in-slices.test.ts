import { expect, test } from "vitest";
import { InSlices } from "../../../src/replication/follow/in-slices.ts";

/** Keeps the event loop for so long. */
function busy(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test("what one read brought is taken in its order, and the event loop goes on in between", async () => {
  const slices = new InSlices(1_000_000, () => {});
  const taken: number[] = [];
  const seenAfter: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  for (let i = 0; i < 20; i++) {
    slices.take(100, () => {
      busy(3);
      taken.push(i);
      if (i === 19) resolve();
    });
  }
  const watch = () => {
    seenAfter.push(taken.length);
    if (taken.length < 20) setImmediate(watch);
  };
  setImmediate(watch);
  await promise;

  expect(taken).toEqual(Array.from({ length: 20 }, (_, i) => i));
  const atOnce = seenAfter.map((count, index) => count - (seenAfter[index - 1] ?? 0));
  expect(Math.max(...atOnce)).toBeLessThanOrEqual(6);
});

test("what waits is bounded: beyond that the oldest is taken at once", () => {
  const slices = new InSlices(10_000, () => {});
  const taken: number[] = [];
  slices.take(0, () => busy(10));
  for (let i = 0; i < 30; i++) slices.take(1_000, () => taken.push(i));

  expect(taken.length).toBeGreaterThan(20);
});

test("what fails while it waits is told, and the next one is taken", async () => {
  const errors: unknown[] = [];
  const slices = new InSlices(10_000, (error) => errors.push(error));
  slices.take(0, () => busy(10));
  slices.take(0, () => {
    throw new Error("broken");
  });
  await new Promise<void>((resolve) => slices.take(0, resolve));

  expect(errors).toEqual([new Error("broken")]);
});
