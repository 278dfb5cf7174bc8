import { createHash } from "node:crypto";
import { StewardError } from "../../errors.ts";
import type { NodeKey } from "../../identity/node-key.ts";
import type { SignatureVerifier } from "../../identity/verify.ts";
import { findBytesOfHex } from "../../protocol/hex.ts";
import { type JsonObject, toCanonicalBytes } from "../../protocol/json.ts";
import {
  MANIFEST_BYTES_MAX,
  type Manifest,
  manifestSchema,
  toEnvelopeContent,
  toEnvelopeJson,
  type ZoneEnvelope,
  zoneEnvelopeSchema,
} from "../../protocol/manifest.ts";
import { toNodeId } from "../../protocol/node-id.ts";
import { toSchemaMessage } from "../../protocol/schema-fields.ts";
import { safeParse } from "../../wire/safe-parse.ts";
import { assertParamsSchema } from "../params/schema.ts";

/** An envelope whose form, signature and creator are verified. */
export interface VerifiedEnvelope {
  readonly envelope: ZoneEnvelope;
  readonly manifest: Manifest;
  /** Hex sha256 of the signed bytes; the successor's `prev`. */
  readonly hash: string;
  /** What was signed, unchanged, with its key and signature: stored and served. */
  readonly raw: JsonObject;
}

/**
 * Parses and verifies a signed zone envelope; `docs/protocol.md` §6.
 * @throws StewardError `invalid_params`; the message names the field
 */
export function verifyEnvelope(verifier: SignatureVerifier, raw: JsonObject): VerifiedEnvelope {
  const parsed = safeParse(zoneEnvelopeSchema, raw);
  if (!parsed.success) throw refuse(toSchemaMessage(parsed.error, "envelope"));
  const envelope = parsed.data;
  const manifest = parseManifest(envelope.manifest);
  const publicKey = findBytesOfHex(envelope.public_key) ?? new Uint8Array();
  if (toNodeId(publicKey) !== manifest.creator.node_id) {
    throw refuse("envelope.public_key: expected the creator's key");
  }
  const content = toEnvelopeContent(envelope);
  const signature = findBytesOfHex(envelope.signature) ?? new Uint8Array();
  if (!verifier.verify(publicKey, content, signature)) {
    throw refuse("envelope.signature: does not verify");
  }
  // Without fields that nobody signed: they would be served in the creator's name.
  return { envelope, manifest, hash: sha256Hex(content), raw: toEnvelopeJson(envelope) };
}

/**
 * Parses a manifest with its defaults applied; `docs/protocol.md` §6.
 * @throws StewardError `invalid_params`
 */
export function parseManifest(raw: JsonObject): Manifest {
  const parsed = safeParse(manifestSchema, raw);
  if (!parsed.success) throw refuse(toSchemaMessage(parsed.error, "manifest"));
  if (toCanonicalBytes(raw).length > MANIFEST_BYTES_MAX) {
    throw refuse("manifest: larger than 256 KiB");
  }
  for (const action of parsed.data.actions) assertParamsSchema(action);
  return parsed.data;
}

/** Signs an envelope with the creator's key. */
export function signEnvelope(
  key: NodeKey,
  content: Omit<ZoneEnvelope, "public_key" | "signature">,
): JsonObject {
  const { replication, ...rest } = content;
  const signature = Buffer.from(key.sign(toEnvelopeContent(content))).toString("hex");
  return {
    ...rest,
    ...(replication !== undefined && { replication }),
    public_key: key.publicKeyHex,
    signature,
  } as unknown as JsonObject;
}

function refuse(message: string): StewardError {
  return new StewardError("invalid_params", { message });
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
