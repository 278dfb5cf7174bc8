import type { Store, Write } from "../../store/database.ts";
import type {
  EvidenceRow,
  prepareEvidenceQueries,
  prepareQuarantineQueries,
  QuarantineRow,
} from "../../store/replication/evidence.ts";
import type { ZoneState } from "../core/state.ts";
import { type ReplicaStatus, type StatusFacts, toReplicaStatus } from "./replica-status.ts";

const REMOVED_ROWS_MAX = 500;

export interface ReplicaDeskDeps extends Pick<StatusFacts, "isConnected" | "findUrl"> {
  /** The replicated zones of this steward. */
  readonly machines: {
    list(): readonly string[];
    find(zoneId: string): ZoneState | undefined;
    dispatch(zoneId: string, event: { readonly type: "resync" }): void;
  };
  readonly zones: { findZone(zoneId: string): { readonly headSeq: number } | undefined };
  readonly evidence: ReturnType<typeof prepareEvidenceQueries>;
  readonly quarantine: ReturnType<typeof prepareQuarantineQueries>;
  readonly store: Pick<Store, "gate">;
  /** Calls for what stopped because the quarantine was full. */
  readonly roomMade: () => void;
  readonly monotonicMs: () => number;
}

/** What an operator sees of the replicated zones of his steward; `docs/protocol.md` §9. */
export class ReplicaDesk {
  private readonly deps: ReplicaDeskDeps;

  constructor(deps: ReplicaDeskDeps) {
    this.deps = deps;
  }

  /** All replicated zones, in order of zone id. */
  list(): readonly ReplicaStatus[] {
    const zoneIds = [...this.deps.machines.list()].sort();
    return zoneIds.map((zoneId) => this.find(zoneId)).filter((status) => status !== undefined);
  }

  find(zoneId: string): ReplicaStatus | undefined {
    const { machines, zones, evidence, quarantine, monotonicMs, isConnected, findUrl } = this.deps;
    const state = machines.find(zoneId);
    if (state === undefined) return undefined;
    return toReplicaStatus(zoneId, state, {
      nowMs: monotonicMs(),
      headSeq: zones.findZone(zoneId)?.headSeq ?? 0,
      quarantined: quarantine.countQuarantined(zoneId),
      evidence: evidence.countEvidence(zoneId),
      isConnected,
      findUrl,
    });
  }

  /** Has a follower take another copy, and a primary that evidence halted go on. */
  resync(zoneId: string): void {
    this.deps.machines.dispatch(zoneId, { type: "resync" });
  }

  /** Evidence of a zone after an item, oldest first. */
  listEvidence(zoneId: string, after: number, limit: number): readonly EvidenceRow[] {
    return this.deps.evidence.listEvidence(zoneId, after, limit);
  }

  /** Parts of what was set aside of a zone after one, oldest first. */
  listQuarantine(zoneId: string, after: number, limit: number): readonly QuarantineRow[] {
    return this.deps.quarantine.listQuarantine(zoneId, after, limit);
  }

  /** Removes some of what a cut set aside; tells whether more may be left. Who waits for the room goes on. */
  removeQuarantine(write: Write, zoneId: string, cut: string): boolean {
    const { quarantine, store, roomMade } = this.deps;
    const isMore = quarantine.deleteQuarantine(write, zoneId, cut, REMOVED_ROWS_MAX);
    if (!isMore) store.gate(roomMade);
    return isMore;
  }
}
