import { createHash } from "node:crypto";
import type { NodeKey } from "../../src/identity/node-key.ts";
import { createId } from "../../src/protocol/ids.ts";
import type { JsonObject } from "../../src/protocol/json.ts";
import { toEnvelopeContent, type ZoneEnvelope } from "../../src/protocol/manifest.ts";
import { signEnvelope } from "../../src/zones/hosting/signed-envelope.ts";

type Content = Omit<ZoneEnvelope, "public_key" | "signature">;

/** A zone's envelopes as a creator with its own key signs them. */
export interface SignedZone {
  readonly id: string;
  /** Of the signed bytes, hex. */
  readonly hash: string;
  readonly envelope: JsonObject;
  /** Signs the next epoch with changed manifest fields. */
  next(change?: JsonObject, more?: Partial<Content>): SignedZone;
  /** Signs this epoch again with other content. */
  again(more: Partial<Content>): SignedZone;
}

/** Signs a first envelope that names one steward. */
export function signZone(key: NodeKey, stewardId: string, fields: JsonObject = {}): SignedZone {
  const now = Math.floor(Date.now() / 1000);
  const manifest = {
    version: "1",
    id: createId("zone"),
    name: "remote",
    description: "A zone of a remote creator.",
    creator: { node_id: key.nodeId },
    type: "open",
    actions: [{ name: "echo", description: "Answers." }],
    steward_set: [{ node_id: stewardId, role: "primary" }],
    created_at: now,
    ...fields,
  };
  return toSigned(key, {
    manifest,
    epoch: 1,
    state: "active",
    signed_at: now,
    prev: null,
    replication: undefined,
  });
}

function toSigned(key: NodeKey, content: Content): SignedZone {
  const hash = createHash("sha256").update(toEnvelopeContent(content)).digest("hex");
  return {
    id: content.manifest.id as string,
    hash,
    envelope: signEnvelope(key, content),
    again: (more) => toSigned(key, { ...content, ...more }),
    next: (change = {}, more = {}) =>
      toSigned(key, {
        ...content,
        epoch: content.epoch + 1,
        prev: hash,
        manifest: { ...content.manifest, ...change },
        ...more,
      }),
  };
}
