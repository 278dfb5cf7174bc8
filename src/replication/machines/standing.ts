import { z } from "zod";
import type { ReplicatedZoneRow, StandingRow } from "../../store/replication/replicated-zones.ts";
import type { DurableZone, Epoch } from "../core/state.ts";

const standingSchema = z.object({
  first: z.object({ epoch: z.int(), n: z.int() }).optional(),
  entry: z.object({ isKept: z.boolean(), isEmpty: z.boolean() }),
  isForeign: z.boolean(),
  /** The hash of E's envelope: an adoption that was undone is seen by it. */
  newest: z.string().optional(),
});

/** What is stored of a zone beside its envelopes and its commits. */
export function toStandingRow(zoneId: string, durable: DurableZone): StandingRow {
  const { first, entry, isForeign, isComplete, isLost, halted } = durable;
  const newest = durable.epochs.at(-1)?.hash;
  const standing: z.output<typeof standingSchema> = { first, entry, isForeign, newest };
  return {
    zoneId,
    complete: isComplete,
    lost: isLost,
    halted: halted ?? null,
    standing: JSON.stringify(standing),
  };
}

/** Whether two say the same in a standing's row, as far as that can be told without writing them. */
export function hasSameStanding(one: DurableZone, other: DurableZone): boolean {
  return (
    one.first === other.first &&
    one.entry === other.entry &&
    one.epochs === other.epochs &&
    one.isForeign === other.isForeign &&
    one.isComplete === other.isComplete &&
    one.isLost === other.isLost &&
    one.halted === other.halted
  );
}

/** Writes one zone's standing out, but not again where only its position changed, as most steps do. */
export class StandingWriter {
  private last: { readonly of: DurableZone; readonly row: StandingRow } | undefined;

  /** As `toStandingRow`. */
  toRow(zoneId: string, durable: DurableZone): StandingRow {
    const { last } = this;
    if (last !== undefined && hasSameStanding(last.of, durable)) return last.row;
    const row = toStandingRow(zoneId, durable);
    this.last = { of: durable, row };
    return row;
  }
}

/** Reads what is durable of a zone from its row and the envelopes that are kept. */
export function toDurableZone(row: ReplicatedZoneRow, epochs: readonly Epoch[]): DurableZone {
  const { first, entry, isForeign } = standingSchema.parse(JSON.parse(row.standing));
  const { epoch, n, digest, complete, lost, halted } = row;
  return {
    epochs,
    position: complete || n > 0 ? { epoch, n, digest } : undefined,
    isComplete: complete,
    isLost: lost,
    isForeign,
    halted: halted === null ? undefined : halted === "STATE_LOST" ? "STATE_LOST" : "EVIDENCE",
    first,
    entry,
  };
}
