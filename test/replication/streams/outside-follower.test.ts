import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createId } from "../../../src/protocol/ids.ts";
import type { SignedZone } from "../../support/creator.ts";
import type { TestSteward } from "../../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../../support/wire-client.ts";
import { writeCanonicalJson } from "../../wire/independent/canonical-json.ts";
import { sha256 } from "../../wire/independent/ed25519.ts";
import { Creator, startReplica, toSet } from "../support/replicated-zone.ts";

let primary: TestSteward;
beforeAll(async () => {
  primary = await startReplica();
});
afterAll(async () => {
  await primary[Symbol.asyncDispose]();
});

const hex = (text: string) => Buffer.from(text, "hex");
const chain = (before: string, text: string) =>
  createHash("sha256").update(hex(before)).update(text).digest("hex");

/** A zone of the primary with a learner that a test speaks for, and a member who talks in it. */
async function createScene() {
  const learner = await WireClient.connect(primary.wireUrl, { key: createAgentKey() });
  const member = await WireClient.connect(primary.wireUrl, { key: createAgentKey() });
  onTestFinished(() => learner[Symbol.asyncDispose]());
  onTestFinished(() => member[Symbol.asyncDispose]());
  const creator = new Creator();
  const first = creator.sign(toSet(primary, [], [{ nodeId: learner.nodeId }]), 0);
  const zone = first.again({ replication: { min_acks: 0, lease_ms: 60_000 } });
  await creator.create(primary, zone);
  const ask = (body: Reply) => member.ask({ zone_id: zone.id, ...body });
  expect(await ask({ type: "zone.join" })).toMatchObject({ type: "zone.joined" });
  const say = (content: string) => ask({ type: "zone.message", id: createId("zmsg"), content });
  return { learner, creator, zone, say };
}

const genesisOf = ({ id }: SignedZone) => sha256(`atlas-zone-log-v1${id}`);

/** Asks for the zone, as section 9 says. */
function replicate(learner: WireClient, zone: SignedZone, changes: Reply = {}): string {
  const { public_key: _, signature: __, ...content } = zone.envelope;
  const envelope_hash = sha256(`atlas-zone-manifest-v1\0${writeCanonicalJson(content)}`);
  return learner.sendBody({
    ...{ type: "zone.replicate", zone_id: zone.id, epoch: 1, envelope_hash, window: 65_536 },
    ...{ position: null, log: [{ seq: 0, hash: genesisOf(zone) }], ...changes },
  });
}

/** Reads a whole snapshot, acknowledges its chunks, and recomputes what it says. */
async function copy(learner: WireClient, zone: SignedZone) {
  const begin = await learner.nextBody("zone.snapshot");
  const { position, log_after, snapshot, head } = begin;
  const bound = { zone_id: zone.id, epoch: 1, snapshot };
  let hash = sha256(`atlas-snapshot-v1\0${writeCanonicalJson({ ...bound, position, log_after })}`);
  let text = "";
  for (let index = 0; ; index++) {
    const next = await learner.nextBody("zone.snapshot");
    if (next.text === undefined) {
      expect(next).toMatchObject({ ...bound, chunks: index, hash });
      break;
    }
    hash = sha256(hex(hash + sha256(next.text)));
    expect(next).toMatchObject({ ...bound, index, hash });
    text += next.text;
    learner.sendBody({ type: "zone.replica_ack", ...bound, index });
  }
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { begin, position, head, lines };
}

test("a follower from outside gets a snapshot and commits whose hashes it can recompute", async () => {
  const { learner, zone, say } = await createScene();
  await say("one");
  replicate(learner, zone);
  const { position, head, lines } = await copy(learner, zone);

  let log = genesisOf(zone);
  for (const { entry, hash } of lines.filter(({ entry }) => entry !== undefined)) {
    log = chain(log, writeCanonicalJson(entry));
    expect(hash).toBe(log);
  }
  expect(head).toMatchObject({
    epoch: 1,
    hash: log,
    state: position.digest,
    steward: primary.nodeId,
  });
  const kinds = lines.flatMap(({ record }) => record?.kind ?? []);
  expect(kinds).toEqual(["member"]);

  await say("two");
  const { commits, head: next } = await learner.nextBody("zone.entries");
  let { digest } = position;
  for (const { entries, ...digested } of commits) {
    for (const entry of entries) log = chain(log, writeCanonicalJson(entry));
    digest = chain(digest, writeCanonicalJson(digested));
    expect(digested.hash).toBe(log);
  }
  expect(commits[0].n).toBe(position.n + 1);
  expect(next).toMatchObject({ hash: log, state: digest });
});

test("who comes back is streamed on from its position; with another digest it gets a snapshot", async () => {
  const { learner, zone, say } = await createScene();
  replicate(learner, zone);
  const { position, head } = await copy(learner, zone);
  const log = [{ seq: head.seq, hash: head.hash }];
  await say("one");
  await learner.nextBody("zone.entries");

  replicate(learner, zone, { position, log });
  const again = await learner.nextBody("zone.entries");
  expect(again.commits[0].n).toBe(position.n + 1);

  replicate(learner, zone, { position: { ...position, digest: "00".repeat(32) }, log });
  const { begin } = await copy(learner, zone);
  expect(begin.log_after).toEqual(log[0]);
});

test("an acknowledgement with another digest ends the subscription", async () => {
  const { learner, zone, say } = await createScene();
  replicate(learner, zone);
  const { position } = await copy(learner, zone);
  const { n } = position;
  const ack = { type: "zone.replica_ack", zone_id: zone.id, epoch: 1, n };
  learner.sendBody({ ...ack, digest: "00".repeat(32) });
  await say("one");
  replicate(learner, zone);
  const { begin } = await copy(learner, zone);
  expect(begin.position.n).toBe(n + 1);
  // Nothing came in between of what was asked for first.
  const bodies = learner.received.map(({ fields }) => fields.body as Reply | undefined);
  expect(bodies.filter((body) => (body?.commits?.length ?? 0) > 0)).toEqual([]);
});

test("who asks for an epoch that is over is told of the envelopes since, also where it acknowledges", async () => {
  const { learner, creator, zone } = await createScene();
  const next = zone.next({ name: "renamed" });
  expect(await creator.update(primary, next)).toMatchObject({ type: "zone.manifest" });
  const stale = { type: "zone.error", code: "stale_manifest", envelopes: [{ epoch: 2 }] };

  expect(await learner.replyTo(replicate(learner, zone))).toMatchObject(stale);
  const ack = { zone_id: zone.id, epoch: 1, n: 1, digest: "00".repeat(32) };
  const id = learner.sendBody({ type: "zone.replica_ack", ...ack });
  expect(await learner.replyTo(id)).toMatchObject(stale);
});
