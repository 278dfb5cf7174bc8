import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createId } from "../../../src/protocol/ids.ts";
import type { JsonObject } from "../../../src/protocol/json.ts";
import { verifyEvidence } from "../../../src/replication/evidence/verify-evidence.ts";
import type { SentBody } from "../../../src/replication/links/link-port.ts";
import type { EvidenceRow } from "../../../src/store/replication/evidence.ts";
import { decodeEnvelope, encodeEnvelope } from "../../../src/wire/envelope.ts";
import { toLogEntry } from "../../../src/zones/log/log.ts";
import { signPrimaryHead } from "../../../src/zones/log/signed-head.ts";
import { UserShell } from "../../support/user-shell.ts";
import { writeCanonicalJson } from "../../wire/independent/canonical-json.ts";
import { CHECKS, hash } from "../support/checks.ts";
import { type StreamingNode, ZONE_ID } from "../support/streaming-node.ts";
import { createPair, record } from "../support/streaming-pair.ts";
import { OTHER } from "../support/told-zone.ts";
import type { Tamper } from "../support/wired-links.ts";

/** What all liars of this file left behind, as the operator's API shows it. */
const found: object[] = [];
afterAll(async () => {
  await using shell = new UserShell();
  writeFileSync(join(shell.dir, "evidence.json"), JSON.stringify({ evidence: found }));
  const { code, stdout } = await shell.run(["verify-evidence", "evidence.json", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  expect(code).toBe(0);
});

const toBody = ({ kind, zoneId: zone_id, signer, epoch, documents }: EvidenceRow) => ({
  ...{ kind, zone_id, signer, epoch, documents: JSON.parse(documents) as unknown[] },
});

/** Follows a primary until its lie is found. */
async function expectCaught(
  { primary, follower }: { primary: StreamingNode; follower: StreamingNode },
  expected: { kind: string; fault: string; verdict: string },
  isRecover = false,
) {
  const isOver = () => follower.told.some(({ event }) => event === "alarm");
  await follower.until(isOver);
  await follower.store.committed();
  const halted = follower.told.some(({ event }) => event === "halt");
  expect(halted).toBe(!isRecover);
  const [row, ...more] = follower.evidence.listEvidence(ZONE_ID, 0, 10);
  expect(more).toEqual([]);
  expect(row).toMatchObject({ kind: expected.kind, signer: primary.nodeId });
  const evidence = toBody(row as EvidenceRow);
  expect(evidence.documents[0]).toMatchObject({ fault: expected.fault });
  expect(verifyEvidence(CHECKS, evidence)).toMatchObject({ verdict: expected.verdict });
  found.push(evidence);
  return evidence;
}

/** A zone message as its member signs it, and the entry's data that proves it. */
function signMessage(content: unknown) {
  const id = createId("zmsg");
  const message = { id: createId("msg"), from: OTHER.nodeId, to: "atlas_p", timestamp: 5 };
  const body = { type: "zone.message", zone_id: ZONE_ID, id, content, request_id: "req_1" };
  const text = writeCanonicalJson({ ...message, body });
  const sig = OTHER.sign(Buffer.from(`atlas-message-v1\0${text}`));
  const { id: message_id, to, timestamp } = message;
  const public_key = OTHER.publicKey;
  const proof = { message_id, to, timestamp, request_id: "req_1", public_key, sig };
  return { id, content, proof };
}

/** A sealed request as a record keeps it. */
function signRequest(requestId: string, params: object) {
  const message = { id: createId("msg"), from: OTHER.nodeId, to: "atlas_p", timestamp: 5 };
  const asked = { zone_id: ZONE_ID, request_id: requestId, action: "echo", params };
  const body = { type: "zone.request", ...asked };
  const text = writeCanonicalJson({ ...message, body });
  const sig = OTHER.sign(Buffer.from(`atlas-message-v1\0${text}`));
  return JSON.stringify({ message: { ...message, body, public_key: OTHER.publicKey, sig } });
}

/** A follower that is level with its primary, whose frames may be changed. */
async function createLevel() {
  const pair = createPair();
  const { primary, follower } = pair;
  for (const text of ["one", "two", "three"]) primary.say(text);
  const { served } = follower.follow(primary);
  await follower.level(primary);
  return { ...pair, served };
}

/** Signs the head of changed commits, after the last commit that is right. */
function signChanged(primary: StreamingNode, body: SentBody, digest: string): SentBody {
  const [commit] = body.commits as [JsonObject];
  const { entries: _, ...digested } = commit;
  const after = { ...commit, digest: hash(digest, writeCanonicalJson(digested)) };
  const head = signPrimaryHead(primary.key, ZONE_ID, after as never, 5);
  return { ...body, head };
}

/** What is sent, as it arrives. */
function toArrived(sent: SentBody): SentBody {
  const frame = encodeEnvelope("message", { id: "", from: "", to: "", timestamp: 0, body: sent });
  return decodeEnvelope(frame).fields.body as SentBody;
}

/** Has a liar change what holds commits, as it arrives. */
function lieWith(lie: (body: SentBody) => SentBody): Tamper {
  return (sent) => {
    if (sent.type !== "zone.entries") return true;
    const body = toArrived(sent);
    return Array.isArray(body.commits) && body.commits.length > 0 ? lie(body) : true;
  };
}

describe("what members signed reaches followers", () => {
  test("where it verifies, in commits and in a snapshot", async () => {
    const { primary, follower, open } = await createLevel();
    primary.logMessage(signMessage({ said: ["so", 1] }), OTHER.nodeId);
    const names = { nodeId: OTHER.nodeId, requestId: "req_2" };
    primary.request({ ...names, params: '{"a":1}', sig: signRequest("req_2", { a: 1 }) });
    await follower.level(primary);
    const other = open("other");
    other.createZone(false);
    other.follow(primary);
    await other.level(primary);

    expect(other.content()).toEqual(primary.content());
    expect(follower.told.some(({ event }) => event === "halt")).toBe(false);
  });
});

test("what many members signed comes in messages that are checked without holding anything up", async () => {
  const { primary, follower } = await createLevel();
  follower.follower.follow(ZONE_ID, undefined);
  for (let i = 0; i < 300; i++) primary.logMessage(signMessage(i), OTHER.nodeId);
  await primary.store.committed();
  const sizes: number[] = [];
  const { served } = follower.follow(primary);
  served.tamper = lieWith((body) => {
    sizes.push((body.commits as unknown[]).length);
    return body;
  });
  await follower.level(primary);

  expect(sizes.reduce((sum, size) => sum + size)).toBe(300);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
});

/** Lies that the primary makes commits of, with everything hashed and signed as it should be. */
const COMMITTED: readonly [string, string, (primary: StreamingNode) => void][] = [
  [
    "a message that its member did not sign so",
    "PROOF",
    (primary) => primary.logMessage({ ...signMessage("yes"), content: "no" }, OTHER.nodeId),
  ],
  [
    "a message in another member's name",
    "PROOF",
    (primary) => primary.logMessage(signMessage("yes"), `atlas_${"a1".repeat(32)}`),
  ],
  [
    "more than a member signed",
    "PROOF",
    (primary) => primary.logMessage({ ...signMessage("yes"), topic: "t" }, OTHER.nodeId),
  ],
  [
    "a proof without a signature",
    "PROOF",
    (primary) => primary.logMessage({ id: createId("zmsg"), content: 1, proof: {} }, OTHER.nodeId),
  ],
  [
    "a request with other params than were sealed",
    "SEAL",
    (primary) => {
      const sig = signRequest("req_2", { a: 1 });
      primary.request({ nodeId: OTHER.nodeId, requestId: "req_2", params: '{"a":2}', sig });
    },
  ],
  [
    "a request that was sealed as another one",
    "SEAL",
    (primary) => {
      const sig = signRequest("req_2", {});
      primary.request({ nodeId: OTHER.nodeId, requestId: "req_3", sig });
    },
  ],
  [
    "a request whose seal is another's",
    "SEAL",
    (primary) => {
      const sig = signRequest("req_2", {});
      primary.request({ nodeId: `atlas_${"a1".repeat(32)}`, requestId: "req_2", sig });
    },
  ],
  [
    "a record that fits no table",
    "RECORD",
    (primary) => {
      const row = { nodeId: OTHER.nodeId, requestId: "req_2", params: "{" };
      primary.request(row);
    },
  ],
];

describe("a primary that signs for", () => {
  test.each(COMMITTED)("%s halts its follower, proven by its head", async (_, fault, lie) => {
    const scene = await createLevel();
    const before = scene.follower.content();
    lie(scene.primary);
    await expectCaught(scene, { kind: "CHAIN", fault, verdict: "proven" });
    expect(scene.follower.content()).toEqual(before);
  });

  test.each(COMMITTED)("%s in a snapshot halts its follower", async (_, fault, lie) => {
    const scene = createPair();
    lie(scene.primary);
    scene.follower.follow(scene.primary);
    await expectCaught(scene, { kind: "SNAPSHOT", fault, verdict: "contradicts" });
    expect(scene.follower.position).toBeUndefined();
  });

  test("what is false is not built on in recovery, and does not halt", async () => {
    const scene = createPair();
    const { primary, follower } = scene;
    primary.say("one");
    const { served } = follower.follow(primary, true);
    const sent = record(served);
    await follower.level(primary);
    expect(sent.map(({ type }) => type)).toContain("zone.snapshot");
    primary.logMessage({ ...signMessage("yes"), content: "no" }, OTHER.nodeId);
    await expectCaught(scene, { kind: "CHAIN", fault: "PROOF", verdict: "proven" }, true);
  });
});

/** Changes of one zone.entries on its way. */
const CHANGED: readonly [string, string, string, (body: SentBody) => SentBody][] = [
  [
    "a changed entry",
    "LOG_HASH",
    "contradicts",
    (body) => change(body, ({ entries }) => ({ entries: [{ ...entries[0], timestamp: 7 }] })),
  ],
  ["another salt", "HEAD_DIFFERS", "contradicts", (body) => change(body, () => ({ salt: SALT }))],
  [
    "an epoch to come",
    "EPOCH",
    "contradicts",
    (body) => change(body, ({ epoch }) => ({ epoch: epoch + 1 })),
  ],
  [
    "a head that is not signed",
    "HEAD_SIGNATURE",
    "contradicts",
    (body) => ({ ...body, head: { ...(body.head as object), signed_at: 5 } }),
  ],
];
const SALT = "00".repeat(16);

type Changing = JsonObject & { readonly entries: readonly JsonObject[]; readonly epoch: number };

function change(body: SentBody, to: (commit: Changing) => object): SentBody {
  const commits = (body.commits as Changing[]).map((commit) => ({ ...commit, ...to(commit) }));
  return { ...body, commits };
}

describe("a primary that sends", () => {
  test.each(CHANGED)("%s halts its follower", async (_, fault, verdict, lie) => {
    const scene = await createLevel();
    scene.served.tamper = lieWith(lie);
    scene.primary.say("four");
    await expectCaught(scene, { kind: "CHAIN", fault, verdict });
  });

  test("another commit of a number that its follower holds is proven by the two heads", async () => {
    const scene = await createLevel();
    const { primary, follower, served } = scene;
    for (const text of ["four", "five"]) {
      primary.say(text);
      await follower.level(primary);
    }
    const n = follower.position?.n ?? 0;
    const before = follower.log.commits.findCommit(ZONE_ID, n - 1);
    const held = follower.log.commits.findCommit(ZONE_ID, n);
    if (before === undefined || held === undefined) throw new Error("They are not kept.");
    served.tamper = lieWith((body) => {
      const { epoch, seq, hash: logHash } = held;
      const [row] = [...primary.zones.iterateLog(ZONE_ID, seq - 1, 1)];
      const entries = row === undefined ? [] : [toLogEntry(row)];
      const commit = { epoch, n, seq, hash: logHash, salt: SALT, entries, records: [] };
      return signChanged(primary, { ...body, commits: [commit] }, before.digest);
    });
    primary.say("six");
    await expectCaught(scene, { kind: "CHAIN", fault: "OTHER_DIGEST", verdict: "proven" });
  });

  test("a commit in parts that is none halts its follower", async () => {
    const scene = await createLevel();
    const part = { n: 4, index: 0, of: 1, text: "{}" };
    const bare = { type: "zone.entries", zone_id: ZONE_ID, epoch: 1, part };
    scene.served.tamper = lieWith(({ head }) => ({ ...bare, head }));
    scene.primary.say("four");
    await expectCaught(scene, { kind: "CHAIN", fault: "COMMIT", verdict: "contradicts" });
  });

  test("a commit in parts without a head halts its follower", async () => {
    const scene = await createLevel();
    scene.served.tamper = lieWith(({ commits }) => {
      const text = writeCanonicalJson((commits as JsonObject[])[0]);
      const part = { n: 4, index: 0, of: 1, text };
      return { type: "zone.entries", zone_id: ZONE_ID, epoch: 1, part };
    });
    scene.primary.say("four");
    await expectCaught(scene, { kind: "CHAIN", fault: "NO_HEAD", verdict: "contradicts" });
  });
});

/** Changes of a snapshot on its way. */
const SNAPSHOTS: readonly [string, string, (body: SentBody) => SentBody][] = [
  ["a chunk with another hash", "CHUNK_HASH", (body) => onChunk(body, { text: "{}\n" })],
  ["a log's beginning that nobody has", "LOG_AFTER", (body) => onBegin(body, START)],
  ["an end that is not signed", "END_SIGNATURE", (body) => onEnd(body, { upto: 9 })],
  ["a head that is not signed", "HEAD_SIGNATURE", (body) => onHead(body, { signed_at: 5 })],
  ["a head of another position", "HEAD_DIFFERS", (body) => onHead(body, { state: SALT + SALT })],
];

const onChunk = (body: SentBody, fields: object) =>
  "text" in body ? { ...body, ...fields } : body;
const onEnd = (body: SentBody, fields: object) =>
  "chunks" in body ? { ...body, ...fields } : body;
const START = { log_after: { seq: 1, hash: SALT + SALT } };
const onBegin = (body: SentBody, fields: object) =>
  "position" in body ? { ...body, ...fields } : body;
const onHead = (body: SentBody, fields: object) =>
  "position" in body ? { ...body, head: { ...(body.head as object), ...fields } } : body;

describe.each([false, true])("a snapshot, in recovery: %s, with", (isRecover) => {
  test.each(SNAPSHOTS)("%s is evidence", async (_, fault, lie) => {
    const scene = createPair();
    scene.primary.say("one");
    const { served } = scene.follower.follow(scene.primary, isRecover);
    served.tamper = (body) => (body.type === "zone.snapshot" ? lie(toArrived(body)) : true);
    await expectCaught(scene, { kind: "SNAPSHOT", fault, verdict: "contradicts" }, isRecover);
    expect(scene.follower.position).toBeUndefined();
  });

  test("less than its end counts, or another log than its head, is evidence", async () => {
    for (const [fault, lie] of SHORT) {
      const scene = createPair();
      for (const text of ["one", "two"]) scene.primary.say(text);
      const { served } = scene.follower.follow(scene.primary, isRecover);
      const sign = createResigner(scene.primary);
      served.tamper = (body) => (body.type === "zone.snapshot" ? sign(lie(toArrived(body))) : true);
      await expectCaught(scene, { kind: "SNAPSHOT", fault, verdict: "contradicts" }, isRecover);
    }
  });
});

/** Lies about a snapshot that its sender signs. */
const SHORT: readonly [string, (body: SentBody) => SentBody][] = [
  ["LOG_END", (body) => onChunk(body, { text: dropLine(String(body.text)) })],
  ["LOG_HASH", (body) => onChunk(body, { text: String(body.text).replace('"two"', '"2"') })],
  ["LINE", (body) => onChunk(body, { text: "{}\n" })],
  ["END_DIFFERS", (body) => onEnd(body, { upto: 0 })],
];

/** A chunk's text without the last entry of the log. */
function dropLine(text: string): string {
  const lines = text.split("\n");
  const last = lines.findLastIndex((line) => line.startsWith('{"entry"'));
  return lines.filter((_, index) => index !== last).join("\n");
}

/** Hashes chunks anew and signs their end, as a liar who knows how does. */
function createResigner(primary: StreamingNode): (body: SentBody) => SentBody {
  let before = "";
  return (body) => {
    const { type: _, ...fields } = body;
    if ("position" in body) {
      const { zone_id, epoch, snapshot, position, log_after } = fields;
      const start = { zone_id, epoch, snapshot, position, log_after };
      before = hash(undefined, `atlas-snapshot-v1\0${writeCanonicalJson(start)}`);
      return body;
    }
    if ("text" in body) {
      before = hash(before + hash(undefined, String(body.text)), "");
      return { ...body, hash: before };
    }
    const { zone_id, epoch, snapshot, chunks, upto } = body;
    const end = { zone_id, epoch, snapshot, chunks, hash: before, upto };
    const content = Buffer.from(`atlas-snapshot-v1\0${writeCanonicalJson(end)}`);
    const signature = Buffer.from(primary.key.sign(content)).toString("hex");
    return { ...body, hash: before, signature };
  };
}
