import { expect, test } from "vitest";
import { judgeSuccession, mayFollowStop } from "../../src/protocol/zone-succession.ts";

const known = { creator: "atlas_a", epoch: 3, hash: "h3" };

test.each([
  ["same", { epoch: 3, hash: "h3", prev: "h2" }],
  ["next", { epoch: 4, hash: "h4", prev: "h3" }],
  ["ahead", { epoch: 5, hash: "h5", prev: "h4" }],
  ["behind", { epoch: 2, hash: "h2", prev: "h1" }],
  ["fork", { epoch: 3, hash: "other", prev: "h2" }],
  ["detached", { epoch: 4, hash: "h4", prev: "other" }],
  ["detached", { epoch: 4, hash: "h4", prev: null }],
])("an envelope is judged %s by its epoch, its content and what it names before it", (is, next) => {
  expect(judgeSuccession(known, { creator: "atlas_a", ...next })).toBe(is);
});

test("another creator's envelope is that before anything else", () => {
  const next = { creator: "atlas_b", epoch: 2, hash: "other", prev: null };
  expect(judgeSuccession(known, next)).toBe("creator");
});

test.each([
  [true, "stopped", {}],
  [true, "stopped", { steward_set: [{ node_id: "atlas_b" }], entrypoints: ["wss://b"] }],
  [true, "stopped", { entrypoints: undefined }],
  [false, "active", {}],
  [false, "stopped", { name: "other" }],
  [false, "stopped", { topic: null }],
] as const)("a stop is followed: %s, by one that is %s with %j", (expected, state, change) => {
  const manifest = { name: "zone", steward_set: [], entrypoints: ["wss://a"] };
  const next = JSON.parse(JSON.stringify({ ...manifest, ...change }));
  expect(mayFollowStop({ manifest }, { manifest: next, state })).toBe(expected);
});
