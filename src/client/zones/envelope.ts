import { findBytesOfHex, toHex } from "../../protocol/hex.ts";
import type { JsonObject } from "../../protocol/json.ts";
import {
  type Manifest,
  manifestSchema,
  toEnvelopeContent,
  type ZoneEnvelope,
  zoneEnvelopeSchema,
} from "../../protocol/manifest.ts";
import { toNodeId, toSha256 } from "../../protocol/node-id.ts";
import { toSchemaMessage } from "../../protocol/schema-fields.ts";
import {
  type EnvelopePlace,
  judgeSuccession,
  mayFollowStop,
} from "../../protocol/zone-succession.ts";
import { AgentError } from "../agent-error.ts";
import { isSignedBy } from "../link/node-identity.ts";

/** A zone as its creator signed it. */
export interface VerifiedZone {
  readonly envelope: ZoneEnvelope;
  /** The manifest with defaults applied; the envelope keeps it as signed. */
  readonly manifest: Manifest;
  /** sha256 of the signed bytes, hex; the successor's `prev`. */
  readonly contentHash: string;
}

/**
 * Verifies an envelope by itself: its form, that it is the zone asked for, and that the node the
 * manifest names as creator signed it; `docs/protocol.md` §6.
 * @throws AgentError `envelope_invalid`
 */
export async function verifyZoneEnvelope(json: JsonObject, zoneId: string): Promise<VerifiedZone> {
  const envelope = zoneEnvelopeSchema.safeParse(json);
  if (!envelope.success) throw refuse("MALFORMED", `Envelope: ${toSchemaMessage(envelope.error)}`);
  const manifest = manifestSchema.safeParse(envelope.data.manifest);
  if (!manifest.success) throw refuse("MALFORMED", `Manifest: ${toSchemaMessage(manifest.error)}`);
  if (manifest.data.id !== zoneId) {
    throw refuse("OTHER_ZONE", "The steward sent another zone's envelope.");
  }
  const publicKey = findBytesOfHex(envelope.data.public_key) ?? new Uint8Array();
  if (toNodeId(publicKey) !== manifest.data.creator.node_id) {
    throw refuse("CREATOR_MISMATCH", "The envelope is not signed by the zone's creator.");
  }
  const content = toEnvelopeContent(envelope.data);
  const signature = findBytesOfHex(envelope.data.signature) ?? new Uint8Array();
  if (!(await isSignedBy(publicKey, content, signature))) {
    throw refuse("SIGNATURE_INVALID", "The envelope's signature does not verify.");
  }
  const contentHash = toHex(toSha256(content));
  return { envelope: envelope.data, manifest: manifest.data, contentHash };
}

/**
 * Checks an envelope against the newest one known of its zone: the creator never changes, epochs never
 * go back, one epoch has one content, the next one names its predecessor, and a stop is final but for
 * who hosts the zone; `docs/protocol.md` §6.
 * @throws AgentError `envelope_invalid`
 */
export function assertNotOlder(known: VerifiedZone | undefined, next: VerifiedZone): void {
  if (known === undefined) return;
  const place = toPlace(known);
  switch (judgeSuccession(place, toPlace(next))) {
    case "creator":
      throw refuse("CREATOR_MISMATCH", "The zone's creator changed.");
    case "behind":
      throw refuse("ROLLBACK", `Epoch ${place.epoch} of this zone is already known.`);
    case "fork":
      throw refuse("FORK", "The creator signed two envelopes with the same epoch.");
    case "detached":
      throw refuse("FORK", "The envelope does not follow the one known before.");
    case "next":
    case "ahead":
      if (known.envelope.state === "stopped" && !mayFollowStop(known.envelope, next.envelope)) {
        throw refuse("STOPPED", "A stopped zone changes nothing but who hosts it.");
      }
  }
}

function toPlace({ envelope, manifest, contentHash }: VerifiedZone): EnvelopePlace {
  const { epoch, prev } = envelope;
  return { creator: manifest.creator.node_id, epoch, prev, hash: contentHash };
}

/**
 * Checks that a node may act for the zone; the SDK joins and pays nowhere else; `docs/protocol.md` §6.
 * @throws AgentError `not_steward`
 */
export function assertSteward(zone: VerifiedZone, nodeId: string): void {
  if (isNamed(zone, nodeId)) return;
  throw new AgentError("not_steward", {
    message: "The zone's signed steward_set does not name the connected node.",
  });
}

/** Tells whether the zone's signed steward_set names a node. */
export function isNamed(zone: VerifiedZone, nodeId: string): boolean {
  return zone.manifest.steward_set.some((steward) => steward.node_id === nodeId);
}

function refuse(reason: string, message: string): AgentError {
  return new AgentError("envelope_invalid", { reason, message });
}
