import { createHash } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { Agent, type SkippedEntries } from "../../src/client/agent.ts";
import type { Delivery } from "../../src/client/calls/replies.ts";
import { parseLogPage } from "../../src/client/zones/log-page.ts";
import { toCanonicalJson } from "../../src/protocol/json.ts";
import { toSignedJson } from "../../src/protocol/signed-content.ts";
import { createTestKey, type TestNodeKey } from "./keys.ts";
import { type AnyBody, startScriptedSteward } from "./scripted-steward.ts";
import { createZoneEnvelope, ZONE_ID } from "./zone-fixture.ts";

const steward = createTestKey(2);
const stranger = createTestKey(3);

/** A zone's log of `count` messages, hashed the way `docs/protocol.md` §6 says. */
function createLog(count: number) {
  let hash = createHash("sha256").update("atlas-zone-log-v1").update(ZONE_ID).digest("hex");
  return Array.from({ length: count }, (_, index) => {
    const entry = {
      zone_id: ZONE_ID,
      seq: index + 1,
      timestamp: 1_700_000_000 + index,
      kind: "message",
      node_id: stranger.nodeId,
      data: { id: `zmsg_${index + 1}`, content: { n: index + 1 } },
    };
    hash = createHash("sha256")
      .update(Buffer.from(hash, "hex"))
      .update(toCanonicalJson(entry))
      .digest("hex");
    return { entry, hash };
  });
}

const log = createLog(12);

function signHead(seq: number, key: TestNodeKey = steward, hash = log[seq - 1]?.hash ?? "") {
  const content = { zone_id: ZONE_ID, seq, hash, signed_at: 1_700_000_000 };
  const signature = Buffer.from(key.sign(toSignedJson("atlas-head-v1", content))).toString("hex");
  return { ...content, steward: key.nodeId, public_key: key.publicKeyHex, signature };
}

const createPage = (
  from: number,
  to: number,
  changes: AnyBody = {},
): AnyBody & { type: string } => ({
  type: "zone.page",
  zone_id: ZONE_ID,
  entries: structuredClone(log.slice(from, to)),
  head_seq: log.length,
  head: signHead(log.length),
  ...changes,
});

const check = (
  page: AnyBody & { type: string },
  afterSeq: number,
  known?: { seq: number; hash: string },
) =>
  parseLogPage(page, {
    zoneId: ZONE_ID,
    afterSeq,
    known,
    isSteward: (nodeId) => nodeId === steward.nodeId,
    findPrimary: () => steward.nodeId,
  });

test("pages that hang together pass: from the beginning, from a known hash, from anywhere", async () => {
  const first = await check(createPage(0, 5), 0);
  expect(first).toMatchObject({ afterSeq: 0, last: { seq: 5, hash: log[4]?.hash } });
  expect(await check(createPage(5, 12), 5, first.last)).toMatchObject({ last: { seq: 12 } });
  expect(await check(createPage(5, 12), 5)).toMatchObject({ last: { seq: 12 } });
  expect(await check(createPage(12, 12), 12)).toMatchObject({ last: undefined });
  const { head: _, ...unsigned } = createPage(0, 3);
  expect(await check(unsigned, 0)).toMatchObject({ last: { seq: 3 } });
});

test("removed entries are skipped up to a signed checkpoint, from which the chain goes on", async () => {
  const page = createPage(7, 12, { checkpoint: signHead(7) });
  expect(await check(page, 2)).toMatchObject({ afterSeq: 7, last: { seq: 12 } });
});

const changedContent = createPage(0, 5);
changedContent.entries[2].entry.data.content.n = 99;
const swapped = createPage(0, 5);
[swapped.entries[1], swapped.entries[2]] = [swapped.entries[2], swapped.entries[1]];
const missing = createPage(0, 5);
missing.entries.splice(2, 1);
const rehashed = createPage(9, 12);
rehashed.entries[2].hash = "00".repeat(32);

test.each<[string, AnyBody & { type: string }, number, string]>([
  ["changed content", changedContent, 0, "HASH"],
  ["swapped entries", swapped, 0, "GAP"],
  ["a missing entry", missing, 0, "GAP"],
  ["entries removed without a checkpoint", createPage(7, 12), 2, "GAP"],
  ["another last hash", rehashed, 9, "HASH"],
  ["a stranger's head", createPage(0, 5, { head: signHead(12, stranger) }), 0, "STEWARD"],
  [
    "a head of another hash",
    createPage(0, 12, { head: signHead(12, steward, "11".repeat(32)) }),
    0,
    "HASH",
  ],
  [
    "a head changed after signing",
    createPage(0, 5, { head: { ...signHead(12), signed_at: 1 } }),
    0,
    "SIGNATURE_INVALID",
  ],
  ["a head of another position", createPage(0, 5, { head: signHead(11) }), 0, "HEAD"],
  ["entries after its head", createPage(0, 5, { head: signHead(3), head_seq: 3 }), 0, "HEAD"],
  [
    "a stranger's checkpoint",
    createPage(7, 12, { checkpoint: signHead(7, stranger) }),
    2,
    "STEWARD",
  ],
  [
    "a checkpoint of another hash",
    createPage(7, 12, { checkpoint: signHead(7, steward, "11".repeat(32)) }),
    2,
    "HASH",
  ],
])("a page with %s is history_invalid", async (_name, page, afterSeq, reason) => {
  await expect(check(page, afterSeq)).rejects.toMatchObject({ code: "history_invalid", reason });
});

test("a page that does not continue the one before is history_invalid", async () => {
  const known = { seq: 5, hash: "11".repeat(32) };
  await expect(check(createPage(5, 12), 5, known)).rejects.toMatchObject({ reason: "HASH" });
});

test("an agent that was away too long is told what was removed, and goes on after it", async () => {
  const envelope = createZoneEnvelope(createTestKey(1), steward);
  const peer = await startScriptedSteward({
    onMessage: (socket, body, message) => {
      if (body.type === "zone.inspect") {
        socket.reply(message, { type: "zone.manifest", envelope, members: 0, state: "active" });
      } else if (body.type === "zone.join") {
        const joined = {
          zone_id: ZONE_ID,
          name: "n",
          members: 1,
          epoch: 1,
          role: "member",
          seq: 12,
        };
        socket.reply(message, { type: "zone.joined", ...joined, envelope });
      } else {
        const page =
          body.after_seq < 7 ? createPage(7, 9, { checkpoint: signHead(7) }) : createPage(9, 12);
        socket.reply(message, page);
      }
    },
  });
  const agent = await Agent.connect(peer.wireUrl, { key: createTestKey(5).seed, name: "late" });
  onTestFinished(() => agent.close());
  const skipped: SkippedEntries[] = [];
  agent.on("skipped", (entries) => skipped.push(entries));
  const seen: Delivery[] = [];
  const done = new Promise<void>((resolve) =>
    agent.on("message", (message) => {
      if (seen.push(message) === 5) resolve();
    }),
  );
  await agent.join(ZONE_ID, { afterSeq: 2 });
  await done;
  expect(skipped).toEqual([{ zone_id: ZONE_ID, from_seq: 3, to_seq: 7 }]);
  expect(seen.map(({ seq }) => seq)).toEqual([8, 9, 10, 11, 12]);
  expect(agent.lastSeq(ZONE_ID)).toBe(12);
});
