import { createHash, createPublicKey, verify } from "node:crypto";
import type { NodeKey } from "../../src/identity/node-key.ts";
import { writeCanonicalJson } from "../wire/independent/canonical-json.ts";

/** A JSON object of the model. */
export type Fields = Readonly<Record<string, unknown>>;

/** A zone's rules as its manifest says them; what is absent has its default. */
export interface Rules {
  readonly open?: boolean;
  readonly skills_required?: readonly string[];
  readonly max_members?: number;
}

/** What a creator decides about a zone. */
export interface ZoneTerms {
  readonly name: string;
  readonly topic: string;
  readonly rules: Rules;
}

/** A signed envelope and what the model needs of it. */
export interface SignedEnvelope {
  readonly envelope: Fields;
  /** Hex sha256 of the signed bytes. */
  readonly hash: string;
}

/** What is signed, before it is. */
export interface EnvelopeDraft {
  readonly manifest: Fields;
  readonly epoch: number;
  readonly state: "active" | "stopped";
  readonly signedAt: number;
  readonly prev: string | null;
}

/** Writes a manifest by `docs/protocol.md` §6. */
export function toManifest(
  terms: ZoneTerms,
  fixed: { readonly id: string; readonly creator: string; readonly steward: string },
): Fields {
  return {
    version: "1",
    id: fixed.id,
    name: terms.name,
    description: "A zone of the model.",
    creator: { node_id: fixed.creator },
    type: "open",
    topic: terms.topic,
    rules: terms.rules,
    steward_set: [{ node_id: fixed.steward, role: "primary" }],
    created_at: 1_790_000_000,
  };
}

/** Signs an envelope with code of its own. */
export function signDraft(key: NodeKey, draft: EnvelopeDraft): SignedEnvelope {
  const { manifest, epoch, state, signedAt, prev } = draft;
  const content = { manifest, epoch, state, signed_at: signedAt, prev };
  const bytes = toSignedBytes(content);
  const signature = Buffer.from(key.sign(bytes)).toString("hex");
  return {
    envelope: { ...content, public_key: key.publicKeyHex, signature },
    hash: sha256(bytes),
  };
}

/** Reads an envelope somebody else signed; throws where its signature does not verify. */
export function readEnvelope(envelope: Fields): SignedEnvelope {
  const { manifest, epoch, state, signed_at, prev } = envelope;
  const bytes = toSignedBytes({ manifest, epoch, state, signed_at, prev });
  const x = Buffer.from(envelope.public_key as string, "hex").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  if (!verify(null, bytes, key, Buffer.from(envelope.signature as string, "hex"))) {
    throw new Error("The steward's envelope does not verify.");
  }
  return { envelope, hash: sha256(bytes) };
}

function toSignedBytes(content: Fields): Uint8Array {
  return Buffer.concat([
    Buffer.from("atlas-zone-manifest-v1\0"),
    Buffer.from(writeCanonicalJson(content)),
  ]);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
