import type { ZoneQueries, ZoneRow } from "../store/zones/zones.ts";
import type { ReplicaStanding } from "../wire/zone-replies.ts";
import type { ZoneGate } from "./zone-gate.ts";

/** Zones whose place of the newest envelope is remembered. */
const KEPT_MAX = 10_000;

/** What answers about a replicated zone say beside what they are asked for; `docs/protocol.md` §9.4, §9.10. */
export interface Standing {
  /** The entry that tells of the newest envelope. */
  readonly epoch_seq?: number;
  readonly replica?: ReplicaStanding;
}

interface Found {
  /** How far the log was looked through. */
  readonly upTo: number;
  readonly hash: string;
  readonly seq: number;
}

/** Finds out how zones stand; a log is looked through once. */
export class Standings {
  private readonly gate: ZoneGate;
  private readonly queries: ZoneQueries;
  private readonly found = new Map<string, Found>();

  constructor({ gate, queries }: { gate: ZoneGate; queries: ZoneQueries }) {
    this.gate = gate;
    this.queries = queries;
  }

  /**
   * How a zone stands; empty for zones with one steward.
   * @param end the last entry that is told of
   */
  find(row: ZoneRow, end = row.headSeq): Standing {
    const { gate } = this;
    const { zoneId } = row;
    if (!gate.isReplicated(zoneId)) return {};
    const seq = this.findEpochSeq(row, end);
    const replica = gate.findReplica(zoneId);
    return { ...(seq > 0 && { epoch_seq: seq }), ...(replica !== undefined && { replica }) };
  }

  private findEpochSeq({ zoneId, headSeq, headHash }: ZoneRow, end: number): number {
    const known = this.found.get(zoneId);
    const isSame = known !== undefined && this.isStill(zoneId, known, { headSeq, headHash });
    const after = isSame ? known.upTo : 0;
    const found = this.queries.findEnvelopeEvent(zoneId, after, headSeq);
    const seq = found ?? (isSame ? known.seq : 0);
    if (this.found.size >= KEPT_MAX) this.found.clear();
    this.found.set(zoneId, { upTo: headSeq, hash: headHash, seq });
    return seq <= end ? seq : (this.queries.findEnvelopeEvent(zoneId, 0, end) ?? 0);
  }

  /** A copy may have gone back, and on in another way. */
  private isStill(
    zoneId: string,
    { upTo, hash }: Found,
    { headSeq, headHash }: Pick<ZoneRow, "headSeq" | "headHash">,
  ): boolean {
    if (upTo === headSeq) return hash === headHash;
    return upTo < headSeq && this.queries.findEntryHash(zoneId, upTo) === hash;
  }
}
