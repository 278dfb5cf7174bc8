import type { Delivery } from "../calls/replies.ts";

/** The newest epoch of what was handed on, and the position of its event where that is known. */
export interface EpochPlace {
  readonly epoch: number;
  readonly seq: number | undefined;
}

/** Positions, both included, that were handed on and that another epoch began without. */
export interface RewoundEntries {
  readonly zone_id: string;
  readonly from_seq: number;
  readonly to_seq: number;
}

/** What the beginning of an epoch looks like in the log, by the name of its event; `docs/protocol.md` §9.4. */
const EPOCH_EVENTS: ReadonlySet<unknown> = new Set(["created", "updated", "stopped"]);

/** Finds the epoch that a delivery begins. */
export function findEpochOf(delivery: Delivery): EpochPlace | undefined {
  if (delivery.type !== "zone.event" || !EPOCH_EVENTS.has(delivery.event)) return undefined;
  const { epoch } = delivery as { readonly epoch?: unknown };
  return typeof epoch === "number" ? { epoch, seq: delivery.seq } : undefined;
}

/**
 * Finds where the first epoch after the known one began, if that is not above `lastSeq`. Every epoch has
 * its event, in order, so that event is where the log that was handed on ends; `docs/protocol.md` §9.14.
 * @param epochSeq a position at which a steward says that an epoch begins, and which is looked at first
 */
export async function findRewindSeq(
  known: EpochPlace,
  range: { readonly epochSeq: number; readonly lastSeq: number },
  readAfter: (seq: number, limit: number) => Promise<readonly Delivery[]>,
): Promise<number | undefined> {
  const { epochSeq, lastSeq } = range;
  const told = (await readAfter(epochSeq - 1, 1)).map(findEpochOf)[0];
  // A steward that has not logged its newest envelope tells the position of one before.
  if (told === undefined || told.epoch <= known.epoch) return undefined;
  if (told.epoch === known.epoch + 1) return epochSeq;
  for (let after = Math.min(known.seq ?? 0, epochSeq - 1); after < lastSeq; ) {
    const page = await readAfter(after, 500);
    const first = page.map(findEpochOf).find((place) => (place?.epoch ?? 0) > known.epoch);
    if (first?.seq !== undefined) return first.seq <= lastSeq ? first.seq : undefined;
    const end = page.at(-1)?.seq;
    if (end === undefined) break;
    after = end;
  }
  return epochSeq;
}

/**
 * Tells whether the entries skip an epoch: its event lies before them, where something else was handed
 * on.
 */
export function findSkippingEpoch(
  known: EpochPlace,
  entries: readonly Delivery[],
): EpochPlace | undefined {
  let { epoch } = known;
  for (const place of entries.map(findEpochOf)) {
    if (place === undefined) continue;
    if (place.epoch > epoch + 1) return place;
    epoch = Math.max(epoch, place.epoch);
  }
  return undefined;
}
