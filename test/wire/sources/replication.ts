import { writeCanonicalJson } from "../independent/canonical-json.ts";
import { type SeedKey, sha256, toSeedKey } from "../independent/ed25519.ts";
import { AGENT, CREATOR, fromHex, MANIFEST, STEWARD, TIMESTAMP, ZONE_ID } from "./cast.ts";
import { toFirstEnvelope } from "./signed.ts";
import { toZoneLogVectors } from "./zone-log.ts";

/** RFC 8032 §7.1, test SHA(abc): the key of the replica. */
const REPLICA = toSeedKey("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
const EPOCH = 2;

const hex = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("hex");
const bytesOf = (...parts: readonly string[]) => Buffer.concat(parts.map((part) => fromHex(part)));

function signedJson(tag: string, signer: SeedKey, value: unknown) {
  const content = `${hex(tag)}00${hex(writeCanonicalJson(value))}`;
  return { content, signature: signer.sign(fromHex(content)) };
}

function toSecondEnvelope() {
  const voter = { entrypoint: "ws://127.0.0.1:8701/wire", role: "replica", voter: true };
  const content = {
    manifest: {
      ...MANIFEST,
      steward_set: [...MANIFEST.steward_set, { node_id: REPLICA.nodeId, ...voter }],
    },
    epoch: EPOCH,
    state: "active",
    signed_at: TIMESTAMP + 60,
    prev: toFirstEnvelope().hash,
    replication: { min_acks: 1, lease_ms: 10_000 },
  };
  const signed = signedJson("atlas-zone-manifest-v1", CREATOR, content);
  const keyed = { public_key: CREATOR.publicKey, signature: signed.signature };
  return { envelope: { ...content, ...keyed }, hash: sha256(fromHex(signed.content)) };
}

function link(before: string, entry: object) {
  return { entry, hash: sha256(bytesOf(before, hex(writeCanonicalJson(entry)))) };
}

/** The log's entries 5 and 6, after those of `zone-log.json`. */
function toEntries(envelopeHash: string) {
  const before = toZoneLogVectors().entries.at(-1)?.hash ?? "";
  const updated = link(before, {
    ...{ zone_id: ZONE_ID, seq: 5, timestamp: TIMESTAMP + 60, kind: "event" },
    node_id: CREATOR.nodeId,
    data: { event: "updated", epoch: EPOCH, envelope_hash: envelopeHash },
  });
  const message = link(updated.hash, {
    ...{ zone_id: ZONE_ID, seq: 6, timestamp: TIMESTAMP + 61, kind: "message" },
    node_id: AGENT.nodeId,
    data: { id: "zmsg_019a2f3d-0008-7a10-8b20-0123456789ab", content: "hello" },
  });
  return { before, updated, message };
}

const INVITE = {
  kind: "invite",
  key: ["inv_019a2f3d-0007-7a10-8b20-0123456789ab"],
  value: {
    hash: "0f721025370e4b06cb3e04e159aa03a0bf60e1a90e1cfead1243854f73ffb7a0",
    max_uses: 1,
    uses: 0,
    created_at: TIMESTAMP + 62,
    expires_at: TIMESTAMP + 86_400,
  },
};

function toCommits(zero: string, { updated, message }: ReturnType<typeof toEntries>) {
  const salt = (from: number) => hex(Uint8Array.from({ length: 16 }, (_, i) => from + i));
  const at5 = { seq: 5, hash: updated.hash };
  const at6 = { seq: 6, hash: message.hash };
  let before = zero;
  return [
    { n: 1, ...at5, salt: salt(0), entries: [updated.entry], records: [] },
    { n: 2, ...at6, salt: salt(16), entries: [message.entry], records: [] },
    { n: 3, ...at6, salt: salt(32), entries: [], records: [INVITE] },
  ].map(({ entries, ...rest }) => {
    const digested = { epoch: EPOCH, ...rest };
    const canonical = writeCanonicalJson(digested);
    before = sha256(bytesOf(before, hex(canonical)));
    return { commit: { ...digested, entries }, canonical, digest: before };
  });
}

function toHead(seq: number, hash: string, state: string, signedAt: number) {
  const signed = { zone_id: ZONE_ID, epoch: EPOCH, seq, hash, state, signed_at: signedAt };
  const { content, signature } = signedJson("atlas-head-v2", STEWARD, signed);
  const signer = { steward: STEWARD.nodeId, public_key: STEWARD.publicKey };
  return { content, head: { ...signed, ...signer, signature } };
}

function toSnapshot(digest: string, { before, updated, message }: ReturnType<typeof toEntries>) {
  const bound = { zone_id: ZONE_ID, epoch: EPOCH, snapshot: "snp_1" };
  const start = {
    ...bound,
    position: { epoch: EPOCH, n: 3, digest },
    log_after: { seq: 4, hash: before },
  };
  const startHash = sha256(
    bytesOf(`${hex("atlas-snapshot-v1")}00${hex(writeCanonicalJson(start))}`),
  );
  const lines = [updated, message, { record: INVITE }];
  const text = lines.map((line) => `${writeCanonicalJson(line)}\n`).join("");
  const hash = sha256(bytesOf(startHash, sha256(text)));
  const end = { ...bound, chunks: 1, hash, upto: 3 };
  const signed = signedJson("atlas-snapshot-v1", STEWARD, end);
  return { start, start_hash: startHash, chunks: [{ text, hash }], end, ...signed };
}

function toForwarded() {
  const message = {
    id: "msg_019a2f3d-0009-7a10-8b20-0123456789ab",
    from: AGENT.nodeId,
    to: STEWARD.nodeId,
    timestamp: TIMESTAMP + 63,
    body: {
      type: "zone.message",
      request_id: "req_say-1",
      zone_id: ZONE_ID,
      id: "zmsg_019a2f3d-000a-7a10-8b20-0123456789ab",
      content: "through a replica",
    },
  };
  const { content, signature } = signedJson("atlas-message-v1", AGENT, message);
  return { content, message: { ...message, public_key: AGENT.publicKey, sig: signature } };
}

/** What §9 hashes and signs: digests of commits, heads, a snapshot, a sealed message. */
export function toReplicationVectors() {
  const { envelope, hash } = toSecondEnvelope();
  const entries = toEntries(hash);
  const zero = sha256(bytesOf(hex(`atlas-zone-state-v1\0${ZONE_ID}`), hash));
  const commits = toCommits(zero, entries);
  const digests = commits.map(({ digest }) => digest);
  return {
    zone_id: ZONE_ID,
    replica: { seed: REPLICA.seed, public_key: REPLICA.publicKey, node_id: REPLICA.nodeId },
    envelope,
    envelope_hash: hash,
    digest_0: zero,
    commits,
    heads: [
      toHead(6, entries.message.hash, digests[1] ?? "", TIMESTAMP + 61),
      toHead(6, entries.message.hash, digests[2] ?? "", TIMESTAMP + 62),
    ],
    snapshot: toSnapshot(digests[2] ?? "", entries),
    forwarded: toForwarded(),
  };
}
