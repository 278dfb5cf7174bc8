import { expect, test } from "vitest";
import { createId, MESSAGE_ID_PATTERN } from "../../src/protocol/ids.ts";

test("ids are UUIDv7, never the same twice, and sort by when they were made", () => {
  const startMs = Date.now();
  const ids = Array.from({ length: 20_000 }, () => createId("msg"));
  const endMs = Date.now();

  for (const id of ids) expect(id).toMatch(MESSAGE_ID_PATTERN);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  const times = ids.map((id) => Number.parseInt(id.slice(4, 17).replace("-", ""), 16));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(startMs);
  expect(Math.max(...times)).toBeLessThanOrEqual(endMs);
});

test("of ids made in one millisecond no two share their random end", () => {
  const ends = Array.from({ length: 5_000 }, () => createId("msg").slice(-12));

  expect(new Set(ends).size).toBe(ends.length);
});
