import type { ZoneQueries, ZoneRow } from "../../store/zones/zones.ts";
import type { ZoneGate } from "../zone-gate.ts";
import { toGenesisHash } from "./log.ts";

export interface ReleasedEndDeps {
  readonly gate: ZoneGate;
  readonly queries: ZoneQueries;
}

/** An entry that pages end with. */
export interface ReleasedEnd {
  readonly seq: number;
  readonly hash: string;
}

/** Where pages of a zone's log end: at its newest released entry; `docs/protocol.md` §9.7. */
export function findReleasedEnd({ gate, queries }: ReleasedEndDeps, row: ZoneRow): ReleasedEnd {
  const seq = gate.findReleasedSeq(row.zoneId) ?? row.headSeq;
  if (seq >= row.headSeq) return { seq: row.headSeq, hash: row.headHash };
  const hash = queries.findEntryHash(row.zoneId, seq);
  if (hash !== undefined) return { seq, hash };
  const checkpoint = queries.findCheckpoint(row.zoneId);
  // Behind what is pruned there is nothing to show.
  return checkpoint ?? { seq: 0, hash: toGenesisHash(row.zoneId) };
}
