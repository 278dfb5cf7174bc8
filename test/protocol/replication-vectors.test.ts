import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { SignatureVerifier } from "../../src/identity/verify.ts";
import {
  type Commit,
  comparePositions,
  toDigest,
  toZeroDigest,
} from "../../src/protocol/commit.ts";
import type { JsonObject } from "../../src/protocol/json.ts";
import type { ChainHash, LogEntry } from "../../src/protocol/log-chain.ts";
import { type PrimaryHead, toPrimaryHeadContent } from "../../src/protocol/primary-head.ts";
import { type SignedMessageFields, toMessageContent } from "../../src/protocol/signed-content.ts";
import {
  type SnapshotEnd,
  type SnapshotLine,
  type SnapshotStart,
  toChunkHash,
  toSnapshotEndContent,
  toSnapshotStartHash,
  toSnapshotText,
} from "../../src/protocol/snapshot.ts";
import { verifyEnvelope } from "../../src/zones/hosting/signed-envelope.ts";
import { readVectors } from "../wire/vectors.ts";

interface ReplicationFile {
  readonly zone_id: string;
  readonly envelope: JsonObject;
  readonly envelope_hash: string;
  readonly digest_0: string;
  readonly commits: readonly { readonly commit: Commit; readonly digest: string }[];
  readonly heads: readonly { readonly content: string; readonly head: PrimaryHead }[];
  readonly snapshot: {
    readonly start: SnapshotStart;
    readonly start_hash: string;
    readonly chunks: readonly { readonly text: string; readonly hash: string }[];
    readonly end: SnapshotEnd;
    readonly content: string;
    readonly signature: string;
  };
  readonly forwarded: {
    readonly content: string;
    readonly message: SignedMessageFields & { readonly public_key: string; readonly sig: string };
  };
}

const file = readVectors<ReplicationFile>("replication.json");
const verifier = new SignatureVerifier();
const hash: ChainHash = (before, text) =>
  createHash("sha256")
    .update(before ?? "", "hex")
    .update(text)
    .digest("hex");
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function isSigned(publicKey: string, content: string, signature: string): boolean {
  const [key, bytes, sig] = [publicKey, content, signature].map((text) => Buffer.from(text, "hex"));
  return verifier.verify(key as Buffer, bytes as Buffer, sig as Buffer);
}

test("digests chain from the envelope over every commit, and entries count by the log's hash", () => {
  expect(verifyEnvelope(verifier, file.envelope).hash).toBe(file.envelope_hash);
  let digest = toZeroDigest(hash, file.zone_id, file.envelope_hash);
  expect(digest).toBe(file.digest_0);
  for (const { commit, digest: expected } of file.commits) {
    const other = toDigest(hash, digest, { ...commit, salt: "00".repeat(16) });
    digest = toDigest(hash, digest, commit);
    expect(digest).toBe(expected);
    expect(other).not.toBe(expected);
  }
});

test("a primary's head is signed over all but the signer", () => {
  for (const { head, content } of file.heads) {
    expect(toHex(toPrimaryHeadContent(head))).toBe(content);
    expect(isSigned(head.public_key, content, head.signature)).toBe(true);
    const later = toHex(toPrimaryHeadContent({ ...head, epoch: head.epoch + 1 }));
    expect(isSigned(head.public_key, later, head.signature)).toBe(false);
  }
});

test("a snapshot's hashes begin with its start, and its end is signed", () => {
  const { start, start_hash, chunks, end, content, signature } = file.snapshot;
  let before = toSnapshotStartHash(hash, start);
  expect(before).toBe(start_hash);
  for (const { text, hash: expected } of chunks) {
    before = toChunkHash(hash, before, text);
    expect(before).toBe(expected);
  }
  const lines = chunks
    .map(({ text }) => text)
    .join("")
    .trimEnd()
    .split("\n");
  const parsed = lines.map((line) => JSON.parse(line) as SnapshotLine & { entry?: LogEntry });
  expect(parsed.map(toSnapshotText).join("")).toBe(chunks.map(({ text }) => text).join(""));
  expect(end.hash).toBe(before);
  expect(toHex(toSnapshotEndContent(end))).toBe(content);
  expect(isSigned(file.heads[0]?.head.public_key ?? "", content, signature)).toBe(true);
});

test("a message sealed for the primary is signed as any other", () => {
  const { message, content } = file.forwarded;
  expect(toHex(toMessageContent(message))).toBe(content);
  expect(isSigned(message.public_key, content, message.sig)).toBe(true);
});

test("of two positions the higher epoch is more advanced, then the higher n", () => {
  expect(comparePositions({ epoch: 3, n: 1 }, { epoch: 2, n: 9 })).toBeGreaterThan(0);
  expect(comparePositions({ epoch: 2, n: 1 }, { epoch: 2, n: 9 })).toBeLessThan(0);
  expect(comparePositions({ epoch: 2, n: 9 }, { epoch: 2, n: 9 })).toBe(0);
});
