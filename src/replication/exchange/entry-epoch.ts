import type { CommitQueries } from "../../store/replication/commits.ts";
import type { ReplicatedZoneRow } from "../../store/replication/replicated-zones.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";

export interface EntryEpochDeps {
  readonly zones: Pick<ZoneQueries, "findEnvelopeEvent" | "iterateLog">;
  readonly commits: Pick<CommitQueries, "findCommit" | "findCommitOfSeq">;
}

/**
 * The epoch of the commit that an entry came with; undefined where that is not known any more. Where the commit is
 * kept no longer, or never was in a copy that was taken whole, the log tells: what follows the events of
 * envelopes is of the last one's epoch; `docs/protocol.md` §9.4.
 */
export function findEntryEpoch(
  deps: EntryEpochDeps,
  { zoneId, seq: end, epoch }: Pick<ReplicatedZoneRow, "zoneId" | "seq" | "epoch">,
  seq: number,
): number | undefined {
  const { zones, commits } = deps;
  const commit = commits.findCommitOfSeq(zoneId, seq);
  const before = commit && commits.findCommit(zoneId, commit.n - 1);
  if (commit !== undefined && before !== undefined) return commit.epoch;
  const event = zones.findEnvelopeEvent(zoneId, 0, seq);
  if (event === undefined) {
    return zones.findEnvelopeEvent(zoneId, seq, end) === undefined ? epoch : undefined;
  }
  // The event after it may be of the same commit, which is of that one's epoch then.
  if (event === seq && zones.findEnvelopeEvent(zoneId, seq, seq + 1) !== undefined)
    return undefined;
  return readEpoch(deps, zoneId, event);
}

function readEpoch({ zones }: EntryEpochDeps, zoneId: string, seq: number): number | undefined {
  for (const { data } of zones.iterateLog(zoneId, seq - 1, 1)) {
    const { epoch } = JSON.parse(data) as { readonly epoch?: unknown };
    if (typeof epoch === "number") return epoch;
  }
  return undefined;
}
