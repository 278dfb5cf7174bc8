import { expect, test, vi } from "vitest";
import { ZONE_REQUEST_SCHEMAS } from "../../src/wire/zone-requests.ts";
import { readCount } from "../support/counts.ts";
import { TEST_ZONE } from "../support/steward.ts";
import { createAgentKey } from "../support/wire-client.ts";
import { Attacker, type Budget } from "./attacker.ts";
import { BODIES } from "./corpus.ts";
import { FuzzedSteward } from "./fuzzed-steward.ts";
import { HonestPair } from "./honest.ts";
import { Random } from "./random.ts";

const frames = readCount("FUZZ_FRAMES");
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const ATTACKERS = 4;
/** Of the frames; the rest goes to sessions that are open. */
const HANDSHAKE_SHARE = 0.1;
const WARM_UP_SHARE = 0.25;
const MIB = 1024 * 1024;
const HEAP_GROWTH_MAX = 32 * MIB;
/** The allocator keeps room for some of the largest frames; it does not grow with their number. */
const RSS_GROWTH_MAX = 256 * MIB;
const LATENCY_P99_MAX_MS = 1000;
const LATENCY_MAX_MS = 5000;

vi.setConfig({ testTimeout: 120_000 + frames * 5 });

/** Opens the attackers' zone, and one that only the honest pair is invited to. */
async function openZones({ api }: FuzzedSteward) {
  const hall = (await api("POST", "/v1/zones", TEST_ZONE)).body.id as string;
  const closed = { ...TEST_ZONE, rules: { open: false } };
  const home = (await api("POST", "/v1/zones", closed)).body.id as string;
  const { invite } = (await api("POST", `/v1/zones/${home}/invites`, { max_uses: 2 })).body;
  return { hall, home, invite: invite as string };
}

/** Spends a share of the frames, most of them on sessions that are open. */
async function spend(attackers: readonly Attacker[], share: number): Promise<number> {
  const handshakes: Budget = { frames: frames * share * HANDSHAKE_SHARE, taken: 0 };
  const open: Budget = { frames: frames * share * (1 - HANDSHAKE_SHARE), taken: 0 };
  const [first, ...others] = attackers;
  const attacks = others.map((attacker) => attacker.attack(open));
  await Promise.all([first?.attackHandshakes(handshakes), ...attacks]);
  return handshakes.taken + open.taken;
}

test("there is a sound body of every type to start from", () => {
  expect(Object.keys(BODIES).sort()).toEqual(Object.keys(ZONE_REQUEST_SCHEMAS).sort());
});

/** Attacks in two parts; what the first leaves in memory is no growth. */
async function fight(steward: FuzzedSteward, attackers: readonly Attacker[]) {
  let taken = await spend(attackers, WARM_UP_SHARE);
  const before = await steward.measure();
  taken += await spend(attackers, 1 - WARM_UP_SHARE);
  const after = await steward.measure();
  return { taken, before, after };
}

test("hostile frames get typed errors or a clean close; memory stays, honest peers are served", async () => {
  await using steward = await FuzzedSteward.start();
  const { hall, home, invite } = await openZones(steward);
  await using pair = await HonestPair.join(steward.wireUrl, home, invite);
  const keys = Array.from({ length: ATTACKERS }, createAgentKey);
  const nodes = [...keys.map(({ nodeId }) => nodeId), ...pair.nodeIds];
  const attackers = keys.map((key, index) => {
    const target = { key, stewardId: pair.stewardId, zones: [hall, home], nodes };
    return new Attacker(steward.wireUrl, target, new Random(seed + index));
  });
  const [{ taken, before, after }] = await Promise.all([
    fight(steward, attackers).finally(() => pair.stop()),
    pair.talk(),
  ]);
  const growth = { heap: after.heapUsed - before.heapUsed, rss: after.rss - before.rss };
  const served = { count: pair.latencies.length, p99: pair.quantile(0.99), max: pair.quantile(1) };
  const label = JSON.stringify({ seed, taken, growth, served });
  if (process.env.FUZZ_REPORT !== undefined)
    console.log(
      label,
      attackers.map((a) => a.answers),
    );
  expect(
    attackers.flatMap(({ faults }) => faults),
    label,
  ).toEqual([]);
  expect(steward.complaints.filter(isUnexpected), label).toEqual([]);
  expect(steward.hasEnded, label).toBe(false);
  expect(taken, label).toBeGreaterThanOrEqual(frames);
  expect(growth.heap, label).toBeLessThan(HEAP_GROWTH_MAX);
  expect(growth.rss, label).toBeLessThan(RSS_GROWTH_MAX);
  expect(served.p99, label).toBeLessThan(LATENCY_P99_MAX_MS);
  expect(served.max, label).toBeLessThan(LATENCY_MAX_MS);
});

/** A creator that signs two envelopes of one epoch is meant to be complained of. */
function isUnexpected(line: string): boolean {
  return !line.includes("ALARM: a zone's creator signed a fork");
}
