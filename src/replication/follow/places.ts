import type { LogPosition } from "../../protocol/log-chain.ts";
import type { CommitQueries } from "../../store/replication/commits.ts";
import type { ReplicatedZoneQueries } from "../../store/replication/replicated-zones.ts";
import type { ZoneQueries, ZoneRow } from "../../store/zones/zones.ts";
import type { CopyPlace } from "./copying.ts";
import type { FollowTarget } from "./follow-events.ts";
import type { FollowedPlace } from "./judge-entries.ts";
import { toLocator } from "./locator.ts";
import { findLogStart } from "./log-start.ts";

export interface PlaceDeps {
  readonly zones: Pick<ZoneQueries, "findEntryHash" | "findCheckpoint">;
  readonly commits: Pick<CommitQueries, "findCommit">;
  readonly replicated: Pick<ReplicatedZoneQueries, "findReplicated">;
  readonly genesisOf: (zoneId: string) => string;
  /** The primary of an epoch's envelope; undefined where none is known. */
  readonly primaryOf: (zoneId: string, epoch: number) => string | undefined;
}

/** Where this steward's complete copy stands; undefined without one. */
export function findOwnPlace(
  { replicated }: Pick<PlaceDeps, "replicated">,
  zoneId: string,
): CopyPlace | undefined {
  const row = replicated.findReplicated(zoneId);
  if (row === undefined || !row.complete || (row.epoch === 0 && row.n === 0)) return undefined;
  const { epoch, n, digest, seq, hash } = row;
  return { position: { epoch, n, digest }, log: { seq, hash } };
}

/** A place as what arrives is judged by it, from whom a zone is followed; `docs/protocol.md` §9.5. */
export function toFollowedPlace(
  { commits, primaryOf }: Pick<PlaceDeps, "commits" | "primaryOf">,
  { zoneId, epoch, isRecover }: FollowTarget & Pick<FollowedPlace, "zoneId" | "epoch">,
  place: CopyPlace,
): FollowedPlace {
  const maySign = (nodeId: string, headEpoch: number): boolean => {
    const first = isRecover ? headEpoch : epoch;
    for (let of = epoch; of >= first; of--) if (primaryOf(zoneId, of) === nodeId) return true;
    return false;
  };
  const digestAt = (n: number) => commits.findCommit(zoneId, n)?.digest;
  return { zoneId, epoch, ...place, maySign, digestAt };
}

/** The pairs by which a responder finds what the logs have in common: of the copy, or of what there is of one. */
export function locate(
  deps: PlaceDeps,
  { zoneId, headSeq, headHash }: Pick<ZoneRow, "zoneId" | "headSeq" | "headHash">,
  own: CopyPlace | undefined,
): readonly LogPosition[] {
  const end = own?.log ?? { seq: headSeq, hash: headHash };
  const hashAt = (seq: number) => deps.zones.findEntryHash(zoneId, seq);
  return toLocator({ start: findLogStart(deps, zoneId), end, hashAt });
}
