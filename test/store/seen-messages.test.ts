import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { Store } from "../../src/store/database.ts";
import { preparePeerQueries } from "../../src/store/zones/peers.ts";

const NODE = `atlas_${"ab".repeat(32)}`;
const OTHER = `atlas_${"cd".repeat(32)}`;
const NOW = 1_800_000_000;
const WINDOW_SECS = 600;

function openPeers() {
  const dir = mkdtempSync(join(tmpdir(), "steward-seen-"));
  const fail = (error: unknown) => {
    throw error;
  };
  const store = Store.open(join(dir, "steward.sqlite"), { onFatal: fail, onEffectError: fail });
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
  });
  const peers = preparePeerQueries(store);
  const see = (seenAt: number, count: number) => {
    const ids = Array.from({ length: count }, () => createId("msg"));
    store.write((write) => {
      for (const id of ids) expect(peers.insertSeen(write, NODE, id, seenAt)).toBe(true);
    });
    return ids;
  };
  /** Forgets until nothing more is to be forgotten; returns in how many calls. */
  const prune = () => {
    const once = () => store.write((write) => peers.prune(write, NOW - WINDOW_SECS, NOW));
    let calls = 1;
    while (once()) calls++;
    return calls;
  };
  return { store, peers, see, prune };
}

test("ids are one sender's own, and known until their window is over", () => {
  const { store, peers, see, prune } = openPeers();
  const old = see(NOW - WINDOW_SECS - 1, 2500);
  const [first = ""] = see(NOW - WINDOW_SECS, 1);
  const young = [first, ...see(NOW, 1200)];
  expect(store.write((write) => peers.insertSeen(write, NODE, first, NOW))).toBe(false);
  expect(peers.isSeen(OTHER, first)).toBe(false);
  expect(store.write((write) => peers.insertSeen(write, OTHER, first, NOW))).toBe(true);
  // A thousand a call, so that none holds anything up; the last one finds nothing.
  expect(prune()).toBe(4);
  expect(old.filter((id) => peers.isSeen(NODE, id))).toEqual([]);
  expect(young.filter((id) => !peers.isSeen(NODE, id))).toEqual([]);
});

test("what was seen while the clock was far ahead keeps nothing of what is old", () => {
  const { peers, see, prune } = openPeers();
  const ahead = see(NOW + 10 * WINDOW_SECS, 1500);
  const bitAhead = see(NOW + 30, 3);
  const old = see(NOW - WINDOW_SECS - 1, 1500);
  prune();
  expect([...ahead, ...old].filter((id) => peers.isSeen(NODE, id))).toEqual([]);
  expect(bitAhead.filter((id) => !peers.isSeen(NODE, id))).toEqual([]);
});
