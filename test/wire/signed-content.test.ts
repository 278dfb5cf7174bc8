import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { SignatureVerifier } from "../../src/identity/verify.ts";
import { findBytesOfHex, toHex } from "../../src/protocol/hex.ts";
import { toCanonicalBytes, toCanonicalJson } from "../../src/protocol/json.ts";
import {
  manifestSchema,
  toEnvelopeContent,
  type ZoneEnvelope,
  zoneEnvelopeSchema,
} from "../../src/protocol/manifest.ts";
import { toNodeId } from "../../src/protocol/node-id.ts";
import { isUsablePoint } from "../../src/protocol/public-key.ts";
import {
  concatBytes,
  type SignatureTag,
  type SignedMessageFields,
  toBoundVerifyContent,
  toMessageContent,
  toResponderContent,
  toSignedJson,
} from "../../src/protocol/signed-content.ts";
import { decodeEnvelope } from "../../src/wire/envelope.ts";
import { parseMessageFields } from "../../src/wire/messages.ts";
import { toSeedKey } from "./independent/ed25519.ts";
import { frameHex } from "./independent/messagepack.ts";
import { fromHex } from "./sources/cast.ts";
import { readVectors } from "./vectors.ts";

const verifier = new SignatureVerifier();

interface Signed {
  readonly name: string;
  readonly tag: SignatureTag;
  readonly public_key: string;
  readonly value: unknown;
  readonly canonical: string;
  readonly content: string;
  readonly signature: string;
}
type Proof = Pick<Signed, "content" | "signature" | "public_key">;
interface SignedFile {
  readonly vectors: readonly Signed[];
  readonly handshake: {
    readonly hello_payload: string;
    readonly hello_ack_payload: string;
    readonly responder_challenge: string;
    readonly responder_proof: Proof;
    readonly bound_verify: Proof;
    readonly plain_verify: Proof;
  };
}
const signed = readVectors<SignedFile>("signed-content.json");

function isSignedBy({ public_key, content, signature }: Proof): boolean {
  return verifier.verify(fromHex(public_key), fromHex(content), fromHex(signature));
}

describe("identity vectors", () => {
  const identity = readVectors<{
    keys: { name: string; seed: string; public_key: string; node_id: string }[];
    small_order_keys: string[];
  }>("identity.json");

  test.each(identity.keys)("$name: seed → public key → node id", (key) => {
    expect(toSeedKey(key.seed).publicKey).toBe(key.public_key);
    expect(toNodeId(fromHex(key.public_key))).toBe(key.node_id);
    expect(isUsablePoint(fromHex(key.public_key))).toBe(true);
  });

  test.each(identity.small_order_keys)("%s is of small order", (key) => {
    expect(isUsablePoint(fromHex(key))).toBe(false);
  });
});

describe("canonical JSON vectors", () => {
  const { vectors } = readVectors<{
    vectors: { name: string; input: string; canonical: string; sha256: string }[];
  }>("canonical-json.json");

  test.each(vectors)("$name", ({ input, canonical, sha256 }) => {
    expect(toCanonicalJson(JSON.parse(input))).toBe(canonical);
    const bytes = toCanonicalBytes(JSON.parse(input));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [1n], ["\ud800"], [undefined]])(
    "%s has no canonical form",
    (value) => {
      expect(() => toCanonicalJson(value)).toThrow();
    },
  );
});

describe("signed content vectors", () => {
  test.each(signed.vectors)("$tag: $name", (vector) => {
    expect(toHex(toSignedJson(vector.tag, vector.value))).toBe(vector.content);
    expect(isSignedBy(vector)).toBe(true);
    const other = vector.content.replace("7631007b", "7632007b"); // "v1" → "v2" in the tag
    expect(other).not.toBe(vector.content);
    expect(isSignedBy({ ...vector, content: other })).toBe(false);
  });

  test("every tag that signs canonical JSON has a vector", () => {
    expect([...new Set(signed.vectors.map(({ tag }) => tag))].sort()).toEqual([
      "atlas-head-v1",
      "atlas-message-v1",
      "atlas-quote-v1",
      "atlas-vote-v1",
      "atlas-zone-manifest-v1",
    ]);
  });

  test.each(signed.vectors.filter(({ tag }) => tag === "atlas-message-v1"))(
    "toMessageContent: $name",
    ({ value, content }) => {
      const message = parseMessageFields("message", value as Record<string, unknown>);
      expect(toHex(toMessageContent(message))).toBe(content);
      const bare = value as SignedMessageFields;
      expect(toHex(toMessageContent(bare))).toBe(content);
    },
  );

  test("zone envelopes: content, the chain of prev, and the manifest as sent", () => {
    const vectors = signed.vectors.filter(({ tag }) => tag === "atlas-zone-manifest-v1");
    let prev: string | null = null;
    for (const { value, content, public_key, signature } of vectors) {
      const envelope: ZoneEnvelope = zoneEnvelopeSchema.parse({
        ...(value as object),
        public_key,
        signature,
      });
      expect(envelope.prev).toBe(prev);
      expect(toHex(toEnvelopeContent(envelope))).toBe(content);
      expect(manifestSchema.safeParse(envelope.manifest).success).toBe(true);
      prev = createHash("sha256").update(fromHex(content)).digest("hex");
    }
    expect(vectors.length).toBe(2);
  });
});

describe("handshake vectors", () => {
  const { handshake } = signed;
  const hash = (hex: string) => createHash("sha256").update(fromHex(hex)).digest();
  const helloHash = hash(handshake.hello_payload);

  test("the responder proof covers the Hello's payload, the challenge and the node id", () => {
    const ack = decodeEnvelope(fromHex(frameHex(0x02, handshake.hello_ack_payload)));
    const fields = parseMessageFields("hello_ack", ack.fields);
    const content = toResponderContent(helloHash, fields.challenge, fields.node_id);
    expect(toHex(fields.challenge)).toBe(handshake.responder_challenge);
    expect(toHex(fields.signature ?? new Uint8Array())).toBe(handshake.responder_proof.signature);
    expect(toHex(content)).toBe(handshake.responder_proof.content);
    expect(isSignedBy(handshake.responder_proof)).toBe(true);
  });

  test("the bound Verify covers both payloads, the HelloAck's with its signature", () => {
    const content = toBoundVerifyContent(helloHash, hash(handshake.hello_ack_payload));
    expect(toHex(content)).toBe(handshake.bound_verify.content);
    expect(isSignedBy(handshake.bound_verify)).toBe(true);
  });

  test("the plain Verify covers the 32 challenge bytes", () => {
    expect(handshake.plain_verify.content).toBe(handshake.responder_challenge);
    expect(isSignedBy(handshake.plain_verify)).toBe(true);
  });
});

describe("zone log vector", () => {
  const log = readVectors<{
    zone_id: string;
    genesis: string;
    entries: { entry: unknown; canonical: string; prev_hash: string; hash: string }[];
  }>("zone-log.json");

  test("each hash covers the one before it and the canonical entry", () => {
    let prev = createHash("sha256").update(`atlas-zone-log-v1${log.zone_id}`).digest("hex");
    expect(prev).toBe(log.genesis);
    for (const { entry, canonical, prev_hash, hash } of log.entries) {
      expect(prev_hash).toBe(prev);
      expect(toCanonicalJson(entry)).toBe(canonical);
      const bytes = concatBytes([fromHex(prev), toCanonicalBytes(entry)]);
      prev = createHash("sha256").update(bytes).digest("hex");
      expect(hash).toBe(prev);
    }
  });
});

test("hex is read in both cases and refused where it is none", () => {
  expect(findBytesOfHex("00ffAb")).toEqual(Uint8Array.of(0, 255, 0xab));
  expect(findBytesOfHex("")).toEqual(new Uint8Array());
  for (const text of ["0", "0g", "0x00", " 00", "00\n"])
    expect(findBytesOfHex(text)).toBeUndefined();
});
