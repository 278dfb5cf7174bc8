import { describe, expect, test } from "vitest";
import { signHead } from "../../../src/zones/log/signed-head.ts";
import type { StreamingNode } from "../support/streaming-node.ts";
import { ZONE_ID } from "../support/streaming-node.ts";
import { createPair, ids, record } from "../support/streaming-pair.ts";

const TEXT = "x".repeat(2_000);

/** Messages and members that make several chunks. */
function fill(node: StreamingNode, count: number): void {
  for (let i = 0; i < count; i++) node.say({ i, TEXT });
}

/** A follower's zone row is the primary's but for what each counts itself. */
function expectEqual(a: StreamingNode, b: StreamingNode): void {
  expect(a.content()).toEqual(b.content());
}

describe("a snapshot", () => {
  test.each([65_536, 8_388_608])(
    "with a window of %i bytes takes in what is written meanwhile",
    async (window_bytes) => {
      const { primary, follower } = createPair({ window_bytes });
      for (const id of ids(300)) primary.admit(id);
      fill(primary, 600);
      const { served } = follower.follow(primary);
      let chunks = 0;
      served.tamper = (body) => {
        if (body.type === "zone.snapshot" && "text" in body) {
          if (++chunks > 9) return true;
          fill(primary, 60);
          for (const id of ids(300).slice(chunks * 20, chunks * 20 + 10)) primary.expel(id);
          primary.admit(`atlas_${"e".repeat(63)}${chunks}`);
        }
        return true;
      };
      await follower.level(primary);

      expect(chunks).toBeGreaterThan(3);
      expectEqual(follower, primary);
    },
  );

  test("that breaks begins anew without the log that has come", async () => {
    const { primary, follower } = createPair();
    fill(primary, 1_000);
    primary.admit(ids(1)[0] ?? "");
    const first = follower.follow(primary);
    let chunks = 0;
    first.served.tamper = () => ++chunks <= 3;
    await primary.until(() => primary.acks.length === 2);
    first.cut();
    expect(follower.position).toBeUndefined();

    const { served } = follower.dial(primary);
    const sent = record(served);
    await follower.level(primary);

    expectEqual(follower, primary);
    const [begin] = sent.filter(({ type }) => type === "zone.snapshot");
    expect(begin?.log_after).toMatchObject({ seq: expect.any(Number) });
    expect(begin?.log_after).not.toMatchObject({ seq: 0 });
  });

  test("of a pruned log begins at its checkpoint, also for who has what was pruned", async () => {
    const { primary, follower } = createPair();
    fill(primary, 5);
    const first = follower.follow(primary);
    await follower.level(primary);
    first.cut();
    fill(primary, 20);
    primary.store.write((write) => {
      const hash = primary.zones.findEntryHash(ZONE_ID, 15) ?? "";
      const head = JSON.stringify(signHead(primary.key, { zoneId: ZONE_ID, seq: 15, hash }, 1));
      primary.zones.putCheckpoint(write, { zoneId: ZONE_ID, seq: 15, hash, head });
      primary.zones.deleteLogUpTo(write, ZONE_ID, 15);
    });

    follower.dial(primary);
    await follower.level(primary);

    expectEqual(follower, primary);
    expect(follower.zones.findCheckpoint(ZONE_ID)).toEqual(primary.zones.findCheckpoint(ZONE_ID));
  });

  test("keeps what it still needs from being pruned until it is over", async () => {
    const { primary, follower } = createPair();
    fill(primary, 600);
    const { served } = follower.follow(primary);
    let during: unknown;
    served.tamper = (body) => {
      if ("text" in body) during ??= primary.feeds.pinned(ZONE_ID);
      return true;
    };
    await follower.level(primary);
    await primary.until(() => primary.acks.some((ack) => "n" in ack));

    expect(during).toEqual({ n: 600, seq: 0 });
    expect(primary.feeds.pinned(ZONE_ID)).toBeUndefined();
  });
});

/** A former primary whose last commits nobody else has, and the one that took over. */
async function diverge(options: object = {}) {
  const scene = createPair(options);
  const { world, primary: former, follower: heir } = scene;
  for (const id of ids(3)) former.admit(id);
  for (let i = 0; i < 10; i++) former.say({ i });
  former.putRequest("req_same");
  const link = heir.follow(former);
  await heir.level(former);
  link.cut();
  heir.follower.follow(ZONE_ID, undefined);
  for (let i = 0; i < 3; i++) former.say({ lost: i });
  former.admit(ids(4)[3] ?? "");
  former.putRequest("req_lost");
  world.epoch = 2;
  world.primaries.set(2, heir.nodeId);
  for (const node of [former, heir]) {
    node.store.write((write) => node.setEpoch(write, 2));
  }
  for (let i = 0; i < 5; i++) heir.say({ kept: i });
  return { ...scene, former, heir };
}

describe("a copy that differs", () => {
  test("is replaced, and what the new one contradicts is set aside", async () => {
    const { former, heir } = await diverge();
    const own = [...former.zones.iterateLog(ZONE_ID, 10, 10)];
    const { served } = former.follow(heir);
    const sent = record(served);
    await former.level(heir);

    expectEqual(former, heir);
    const begin = sent.find(({ type }) => type === "zone.snapshot");
    expect(begin?.log_after).toMatchObject({ seq: 9 });
    const aside = former.quarantine.listQuarantine(ZONE_ID, 0, 100);
    const entries = aside.filter(({ kind }) => kind === "entry");
    expect(entries.map(({ document }) => JSON.parse(document).hash)).toEqual(
      own.map(({ hash }) => hash),
    );
    const records = aside.filter(({ kind }) => kind === "record");
    expect(records.map(({ document }) => JSON.parse(document).key[1])).toEqual(["req_lost"]);
    expect(new Set(aside.map(({ cut }) => cut)).size).toBe(1);
  });

  test("stays whole and in use until the new one is complete", async () => {
    const { former, heir } = await diverge();
    fill(heir, 600);
    const before = former.content();
    const { served, cut } = former.follow(heir);
    let chunks = 0;
    served.tamper = (body) => !("text" in body) || ++chunks <= 2;
    await heir.until(() => heir.acks.length === 2);
    cut();

    expect(former.content()).toEqual(before);
    expect(former.position).toMatchObject({ epoch: 1 });
    former.dial(heir);
    await former.level(heir);
    expectEqual(former, heir);
  });

  test("is not cut back where what it contradicts has no room", async () => {
    const { former, heir } = await diverge({ quarantine_bytes_max: 100 });
    const before = former.content();
    former.follow(heir);
    await former.until(() => former.told.some(({ what }) => what === "QUARANTINE_FULL"));
    await former.store.committed();

    expect(former.content()).toEqual(before);
    expect(former.quarantine.countQuarantined(ZONE_ID)).toBe(0);
  });

  test("is replaced once its operator made room, by itself, and nothing is taken before", async () => {
    const { former, heir } = await diverge({ quarantine_bytes_max: 10_000 });
    const row = { zoneId: "zone_2", epoch: 1, cut: "c", kind: "entry" as const, at: 1 };
    former.store.write((write) =>
      former.quarantine.insertQuarantine(write, { ...row, document: "{}", bytes: 9_999 }),
    );
    const link = former.follow(heir);
    const alarms = () => former.told.filter(({ what }) => what === "QUARANTINE_FULL").length;
    await former.until(() => alarms() === 1);
    heir.say("while it waits");
    await heir.store.committed();
    link.cut();
    former.dial(heir);
    former.follower.roomMade();
    await former.until(() => alarms() === 2);
    former.store.write((write) => former.quarantine.deleteQuarantine(write, "zone_2", "c", 1));
    former.follower.roomMade();
    await former.level(heir);

    expectEqual(former, heir);
    expect(former.told.map(({ event }) => event)).not.toContain("halt");
    expect(former.quarantine.countQuarantined(ZONE_ID)).toBe(1);
  });

  test("is recovered from a steward that is no primary, by the heads it kept", async () => {
    const { world, primary, follower: voter, open } = createPair();
    for (let i = 0; i < 30; i++) {
      primary.say({ i });
      if (i === 20) voter.follow(primary);
      await primary.store.committed();
    }
    await voter.level(primary);
    const heir = open("heir");
    heir.createZone(false);
    world.epoch = 2;
    world.primaries.set(2, heir.nodeId);
    voter.follower.follow(ZONE_ID, undefined);

    heir.follow(voter, true);
    await heir.level(voter);

    expectEqual(heir, voter);
    expect(heir.told).toContainEqual(
      expect.objectContaining({ event: "recovery", outcome: "progress" }),
    );
  });
});

describe("a follower of a liar", () => {
  test.each([
    ["a changed entry", "zone.entries", "CHAIN"],
    ["a changed chunk", "zone.snapshot", "SNAPSHOT"],
  ])("takes nothing of %s, keeps the evidence and follows no more", async (_, type, kind) => {
    const { primary, follower } = createPair();
    primary.say("one");
    const { served } = follower.follow(primary);
    if (type === "zone.entries") await follower.level(primary);
    const before = follower.content();
    served.tamper = (body) => {
      if (body.type !== type) return true;
      if ("text" in body) return { ...body, text: `${body.text}{}\n` };
      const { head } = body;
      if (typeof head !== "object" || head === null) return true;
      return { ...body, head: { ...head, signed_at: 5 } };
    };
    primary.say("two");
    await follower.until(() => follower.told.some(({ event }) => event === "alarm"));
    await follower.store.committed();

    expect(follower.content()).toMatchObject({ records: before.records, entries: before.entries });
    expect(follower.told).toContainEqual(expect.objectContaining({ event: "halt" }));
    const [evidence] = follower.evidence.listEvidence(ZONE_ID, 0, 10);
    expect(evidence).toMatchObject({ kind, signer: primary.nodeId, epoch: 1 });
    primary.say("three");
    await primary.store.committed();
    expect(follower.content().entries).toEqual(before.entries);
  });

  test("in recovery keeps the evidence and goes to somebody else", async () => {
    const { primary, follower } = createPair();
    primary.say("one");
    const { served } = follower.follow(primary, true);
    served.tamper = (body) => ("text" in body ? { ...body, hash: "00".repeat(32) } : true);
    await follower.until(() => follower.told.some(({ outcome }) => outcome === "wrong"));

    expect(follower.told.map(({ event }) => event)).not.toContain("halt");
    expect(follower.evidence.countEvidence(ZONE_ID)).toBe(1);
  });
});
