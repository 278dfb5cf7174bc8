import type { Manifest, ZoneEnvelope } from "../../protocol/manifest.ts";
import type { Reply } from "../calls/replies.ts";
import type { VerifiedZone } from "./envelope.ts";

/** A zone as a steward shows it, its envelope verified. */
export interface ZoneInfo {
  readonly zoneId: string;
  readonly envelope: ZoneEnvelope;
  /** With defaults applied. */
  readonly manifest: Manifest;
  readonly epoch: number;
  readonly members: number;
  readonly state: Reply<"zone.manifest">["state"];
}

/** Puts a verified envelope and what the steward says beside it together. */
export function toZoneInfo(
  { envelope, manifest }: VerifiedZone,
  { members, state }: Pick<Reply<"zone.manifest">, "members" | "state">,
): ZoneInfo {
  return { zoneId: manifest.id, envelope, manifest, epoch: envelope.epoch, members, state };
}
