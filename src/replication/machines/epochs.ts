import type { Manifest, ZoneEnvelope } from "../../protocol/manifest.ts";
import { manifestSchema, zoneEnvelopeSchema } from "../../protocol/manifest.ts";
import { toStewardSet } from "../../protocol/steward-set.ts";
import type { EnvelopeRow } from "../../store/zones/zones.ts";
import type { Epoch } from "../core/state.ts";

/** An envelope that was verified, as far as its epoch goes. */
interface Verified {
  readonly envelope: Pick<ZoneEnvelope, "epoch" | "prev" | "replication">;
  readonly manifest: Pick<Manifest, "steward_set" | "creator">;
  readonly hash: string;
}

/** What the core reads of a verified envelope. */
export function toEpoch({ envelope, manifest, hash }: Verified): Epoch {
  const { refs: _, ...set } = toStewardSet(manifest, envelope.replication);
  const { epoch, prev } = envelope;
  return { ...set, epoch, hash, prev, creator: manifest.creator.node_id };
}

/** An epoch, and where its stewards say that they are reached. */
export interface KnownEpoch {
  readonly epoch: Epoch;
  /** Entrypoints by node id. */
  readonly entrypoints: ReadonlyMap<string, string>;
}

/** Reads an envelope that this steward verified when it stored it. */
export function toKnownEpoch(row: EnvelopeRow): KnownEpoch {
  const envelope = zoneEnvelopeSchema.parse(JSON.parse(row.envelope));
  const manifest = manifestSchema.parse(envelope.manifest);
  const entrypoints = new Map<string, string>();
  for (const { node_id, entrypoint } of manifest.steward_set) {
    if (entrypoint !== undefined) entrypoints.set(node_id, entrypoint);
  }
  return { epoch: toEpoch({ envelope, manifest, hash: row.hash }), entrypoints };
}
