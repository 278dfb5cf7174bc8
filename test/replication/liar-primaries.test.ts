import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Commit } from "../../src/protocol/commit.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import {
  acknowledged,
  beginForeignZone,
  type ForeignZone,
  openForeignZone,
  toEntries,
} from "./support/foreign-primary.ts";
import { ForeignSteward, heard } from "./support/foreign-steward.ts";
import { epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";
import { tellSnapshot, toLines } from "./support/told-snapshot.ts";
import { OTHER, ToldZone } from "./support/told-zone.ts";

let b: TestSteward;
let c: TestSteward;
beforeAll(async () => {
  [b, c] = await Promise.all([startReplica(), startReplica()]);
});
afterAll(async () => {
  await Promise.all([b[Symbol.asyncDispose](), c[Symbol.asyncDispose]()]);
});

const show = async (steward: TestSteward, zoneId: string): Promise<Reply> =>
  (await steward.api("GET", `/v1/replicas/${zoneId}`)).body;
const listEvidence = async (steward: TestSteward, zoneId: string): Promise<Reply[]> =>
  (await steward.api("GET", `/v1/replicas/${zoneId}/evidence`)).body.evidence;

/** Waits until a zone is halted at a steward by one piece of evidence against its primary. */
async function untilCaught(steward: TestSteward, zoneId: string, signer: string): Promise<Reply> {
  await until("it is halted", async () => (await show(steward, zoneId)).state === "halted");
  const evidence = await listEvidence(steward, zoneId);
  expect(evidence).toMatchObject([{ zone_id: zoneId, signer }]);
  return evidence[0] as Reply;
}

/** What a primary tells instead of the truth of its commits 4 and 5. */
type Lie = (zone: ForeignZone, primary: ForeignSteward) => Reply;

/** Tells the truth, with something else in a commit. */
function alter(n: number, change: (commit: Commit) => Partial<Commit>): Lie {
  return (zone) => {
    const { commits, ...rest } = toEntries(zone, 4);
    const told = (commits as Commit[]).map((one) =>
      one.n === n ? { ...one, ...change(one) } : one,
    );
    return { ...rest, commits: told };
  };
}

const turned = (text: string) => text.replace(/^./, (first) => (first === "0" ? "1" : "0"));

const LIES: Record<string, [string, Lie]> = {
  "another content in a message": [
    "LOG_HASH",
    alter(4, ({ entries: [first, ...rest] }) => ({
      entries: [{ ...first, data: { ...first?.data, content: "else" } } as never, ...rest],
    })),
  ],
  "a message left out": ["LOG_HASH", alter(4, ({ entries }) => ({ entries: entries.slice(0, 1) }))],
  "two messages in another order": [
    "LOG_GAP",
    alter(4, ({ entries }) => ({ entries: [...entries].reverse() })),
  ],
  "an entry of another zone": [
    "OTHER_ZONE",
    alter(4, ({ entries: [first, ...rest] }) => ({
      entries: [{ ...first, zone_id: "zone_other" } as never, ...rest],
    })),
  ],
  "a commit left out": ["ORDER", (zone) => skip(toEntries(zone, 3), 4)],
  "another record": [
    "HEAD_DIFFERS",
    alter(5, ({ records: [first] }) => ({
      records: [{ ...first, value: { ...first?.value, role: "creator" } } as never],
    })),
  ],
  "a commit of an epoch to come": ["EPOCH", alter(5, () => ({ epoch: 2 }))],
  "a record that fits no table": ["RECORD", tellMisfit],
  "a head of another state": [
    "HEAD_DIFFERS",
    (zone) =>
      withHead(zone, zone.told.headAt(5, undefined, { state: turned(zone.told.digests[5] ?? "") })),
  ],
  "a head that somebody else signed": [
    "HEAD_SIGNER",
    (zone) => withHead(zone, zone.told.headAt(5, OTHER)),
  ],
  "a head that is not signed": [
    "HEAD_SIGNATURE",
    (zone) => {
      const head = zone.told.headAt(5);
      return withHead(zone, { ...head, signature: turned(head.signature) });
    },
  ],
  "another commit in the place of one that it sent before": ["OTHER_DIGEST", tellFork],
};

const skip = (entries: Reply, n: number): Reply => ({
  ...entries,
  commits: entries.commits.filter((commit: Commit) => commit.n !== n),
});

const withHead = (zone: ForeignZone, head: object): Reply => ({ ...toEntries(zone, 4), head });

function tellMisfit(zone: ForeignZone): Reply {
  const value = { name: "m", role: "emperor", skills: "[]", joined_at: 1 };
  zone.told.commit({
    epoch: 1,
    records: [{ kind: "member", key: [createAgentKey().nodeId], value }],
  });
  return toEntries(zone, 4);
}

/** The same first commits, another third one, and on from there. */
function tellFork(zone: ForeignZone, { signer }: ForeignSteward): Reply {
  const { id, hash } = zone.zone;
  const fork = new ToldZone({ zoneId: id, envelopeHash: hash, signer });
  const [, second] = zone.told.commits;
  fork.commit({ epoch: 1, messages: ["first"], isFirst: true });
  fork.commit({ epoch: 1, records: second?.records ?? [] });
  fork.commit({ epoch: 1, messages: ["another second"] });
  return toEntries({ zone: zone.zone, told: fork }, 3);
}

describe("a primary that tells", () => {
  test("the truth is followed", async () => {
    const primary = await ForeignSteward.start();
    const zone = await openForeignZone(primary, b);
    addCommits(zone);
    primary.say(zone.link, toEntries(zone, 4));
    await acknowledged(primary, zone, 5);
    expect(await show(b, zone.zone.id)).toMatchObject({
      halted: null,
      evidence: 0,
      position: zone.told.placeAt(5).position,
    });
  });

  test.each(Object.entries(LIES))(
    "%s is caught: the zone is halted, the copy stays as it was",
    async (_, [fault, lie]) => {
      const primary = await ForeignSteward.start();
      const key = createAgentKey();
      const zone = await openForeignZone(primary, b, [key.nodeId]);
      const { id } = zone.zone;
      addCommits(zone);
      primary.say(zone.link, lie(zone, primary));
      const evidence = await untilCaught(b, id, primary.nodeId);
      expect(evidence).toMatchObject({ kind: "CHAIN", epoch: 1, documents: [{ fault }, {}] });
      expect((await show(b, id)).position).toEqual(zone.told.placeAt(3).position);
      // What it has it goes on to show, and nothing that comes now is taken.
      primary.say(zone.link, toEntries(zone, 4));
      const member = await WireClient.connect(b.wireUrl, { key });
      onTestFinished(() => member[Symbol.asyncDispose]());
      const page = await member.ask({ type: "zone.history", zone_id: id, after_seq: 0 });
      expect(page).toMatchObject({ head_seq: 3, replica: { state: "halted" } });
      expect(primary.listAsked(id, "zone.replica_ack").at(-1)?.body).toMatchObject({ n: 3 });
    },
  );
});

/** Commits 4, of two messages, and 5, of a record. */
function addCommits({ told }: ForeignZone): void {
  told.commit({ epoch: 1, messages: ["third", "fourth"] });
  const value = { name: "m", role: "member", skills: "[]", joined_at: 1 };
  told.commit({ epoch: 1, records: [{ kind: "member", key: [createAgentKey().nodeId], value }] });
}

type Snapshot = ReturnType<typeof tellSnapshot>;

const SHORT: Record<string, [string, (told: ToldZone, primary: ForeignSteward) => Snapshot]> = {
  "without its last entry, though it signs the end": [
    "LOG_END",
    (told, { signer }) => {
      const isLast = (line: string) => line.includes('"seq":3');
      const lines = toLines(told, 3).filter((line) => !isLast(line));
      return tellSnapshot(told, { n: 3, epoch: 1, signer }, lines);
    },
  ],
  "with another entry than its hash is of": [
    "LOG_HASH",
    (told, { signer }) => {
      const lines = toLines(told, 3).map((line) => line.replace('"second"', '"else"'));
      return tellSnapshot(told, { n: 3, epoch: 1, signer }, lines);
    },
  ],
  "whose chunk is not what its hash is of": [
    "CHUNK_HASH",
    (told, { signer }) => {
      const snapshot = tellSnapshot(told, { n: 3, epoch: 1, signer });
      return { ...snapshot, chunk: { ...snapshot.chunk, text: `${snapshot.chunk.text}\n` } };
    },
  ],
  "that its end contradicts": [
    "END_DIFFERS",
    (told, { signer }) => {
      const others = tellSnapshot(told, { n: 3, epoch: 1, signer }, toLines(told, 3).slice(0, 1));
      return { ...tellSnapshot(told, { n: 3, epoch: 1, signer }), end: others.end };
    },
  ],
  "whose end somebody else signed": [
    "END_SIGNATURE",
    (told, { signer }) => ({
      ...tellSnapshot(told, { n: 3, epoch: 1, signer }),
      end: tellSnapshot(told, { n: 3, epoch: 1, signer: OTHER }).end,
    }),
  ],
  "that begins at another state than its head": [
    "HEAD_DIFFERS",
    (told, { signer }) => {
      const snapshot = tellSnapshot(told, { n: 3, epoch: 1, signer });
      const position = { ...snapshot.begin.position, digest: told.digests[2] };
      return { ...snapshot, begin: { ...snapshot.begin, position } };
    },
  ],
};

describe("a snapshot", () => {
  test.each(Object.entries(SHORT))(
    "%s is caught, and never becomes a copy",
    async (_, [fault, tell]) => {
      const primary = await ForeignSteward.start();
      const { zone, told } = await beginForeignZone(primary, [b]);
      const asked = await heard(primary, zone.id, "zone.replicate");
      const { begin, chunk, end } = tell(told, primary);
      for (const body of [begin, chunk, end]) primary.say(asked, body);
      const evidence = await untilCaught(b, zone.id, primary.nodeId);
      expect(evidence).toMatchObject({ kind: "SNAPSHOT", documents: [{ fault }, {}] });
      expect((await show(b, zone.id)).position).toBeNull();
      await using reader = await WireClient.connect(b.wireUrl);
      const answer = await reader.ask({ type: "zone.inspect", zone_id: zone.id });
      expect(answer).toMatchObject({ code: "replica_not_ready" });
    },
  );
});

test("a primary that tells two stewards two histories is caught by both, as they tell one another what it signed", async () => {
  const primary = await ForeignSteward.start();
  const begun = await beginForeignZone(primary, [b, c]);
  const { zone, told, creator } = begun;
  const fork = new ToldZone({ zoneId: zone.id, envelopeHash: zone.hash, signer: primary.signer });
  fork.commit({ epoch: 1, messages: ["first"], isFirst: true });
  fork.commit({ epoch: 1, messages: ["another second"] });
  fork.commit({ epoch: 1 });
  await heard(primary, zone.id, "zone.replicate", 2);
  for (const asked of primary.listAsked(zone.id, "zone.replicate")) {
    const history = asked.message.from === b.nodeId ? told : fork;
    const { begin, chunk, end } = tellSnapshot(history, {
      ...{ n: 3, epoch: 1, signer: primary.signer },
    });
    for (const body of [begin, chunk, end]) primary.say(asked, body);
  }
  for (const steward of [b, c]) {
    const evidence = await untilCaught(steward, zone.id, primary.nodeId);
    expect(evidence).toMatchObject({ kind: "HEADS", epoch: 1, seq: 3 });
    const hashes = evidence.documents.map((head: Reply) => head.hash);
    expect(hashes.sort()).toEqual([told.endAt(3).hash, fork.endAt(3).hash].sort());
  }
  // The next epoch ends it: somebody else takes over, from the copies that there are.
  const next = zone.next({ steward_set: toSet(b, [c], [primary]) });
  expect(await creator.update(b, next)).toMatchObject({ type: "zone.manifest" });
  await until("it is adopted", () => epochAt(c, zone.id) === 2);
  await until("it goes on", async () => (await show(b, zone.id)).halted === null);
});
