import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { toCanonicalJson } from "../../src/protocol/json.ts";
import {
  type ChainHash,
  followChain,
  toEntryHash,
  toGenesisHash,
} from "../../src/protocol/log-chain.ts";

const hash: ChainHash = (before, text) =>
  createHash("sha256")
    .update(before ?? "", "hex")
    .update(text)
    .digest("hex");
const zoneId = "zone_1";
const entry = { zoneId, seq: 1, timestamp: 7, kind: "message", nodeId: "atlas_a", data: "{}" };

test.each(["atlas_a", 'a","seq":9,"x":"', "a\\", "é\n"])(
  "an entry of a node named %j hashes as its canonical JSON",
  (nodeId) => {
    const json = toCanonicalJson({
      ...{ zone_id: zoneId, seq: 1, timestamp: 7, kind: "message", node_id: nodeId },
      data: { b: 1, a: '"' },
    });
    const named = { ...entry, nodeId, data: toCanonicalJson({ b: 1, a: '"' }) };
    const before = toGenesisHash(hash, zoneId);
    expect(toEntryHash(hash, before, named)).toBe(hash(before, json));
  },
);

test("a chain is followed to its last entry, and its first fault is named", () => {
  const genesis = toGenesisHash(hash, zoneId);
  const first = { entry, hash: toEntryHash(hash, genesis, entry) };
  const next = { ...entry, seq: 2 };
  const second = { entry: next, hash: toEntryHash(hash, first.hash, next) };
  const start = { seq: 0, hash: genesis };
  const follow = (...entries: (typeof first)[]) => followChain(hash, zoneId, start, entries);

  expect(follow()).toEqual({ last: undefined });
  expect(follow(first, second)).toEqual({ last: { seq: 2, hash: second.hash } });
  expect(follow(second)).toEqual({ fault: "GAP", seq: 2, afterSeq: 0 });
  expect(follow(first, first)).toEqual({ fault: "GAP", seq: 1, afterSeq: 1 });
  const forged = { ...second, hash: first.hash };
  expect(follow(first, forged)).toEqual({ fault: "HASH", seq: 2, afterSeq: 1 });
  const foreign = { entry: { ...entry, zoneId: "zone_2" }, hash: first.hash };
  expect(follow(foreign)).toEqual({ fault: "OTHER_ZONE", seq: 1, afterSeq: 0 });
});

test("where nothing known says how a chain begins, its first hash is taken as told, the next ones are not", () => {
  const told = "ab".repeat(32);
  const start = { seq: 4, hash: undefined };
  const first = { entry: { ...entry, seq: 5 }, hash: told };
  const next = { ...entry, seq: 6 };
  expect(followChain(hash, zoneId, start, [first])).toEqual({ last: { seq: 5, hash: told } });
  const second = { entry: next, hash: toEntryHash(hash, told, next) };
  expect(followChain(hash, zoneId, start, [first, second])).toEqual({
    last: { seq: 6, hash: second.hash },
  });
  expect(followChain(hash, zoneId, start, [first, { ...second, hash: told }])).toHaveProperty(
    "fault",
    "HASH",
  );
});
