import type { JsonObject } from "../../protocol/json.ts";
import type { Store, Write } from "../database.ts";

/** An event as it is kept. */
export interface EventRow {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: string;
  readonly zoneId: string | null;
  readonly subject: string | null;
  readonly data: JsonObject;
}

type StoredRow = Omit<EventRow, "data"> & { readonly data: string };

/** Which events are asked for; what is left out does not narrow. */
export interface EventFilter {
  /** Whole names. */
  readonly types?: readonly string[] | undefined;
  readonly zoneId?: string | undefined;
}

/** Events in their order, and where to read on. */
export interface EventPage {
  readonly events: readonly EventRow[];
  /** Everything up to here was looked at, whether it fits the filter or not. */
  readonly upTo: number;
}

/** How much is read at once. */
export interface EventBounds {
  readonly limit: number;
  /** The last event that may be read. */
  readonly upTo: number;
  /** What all data together may exceed by one event at most. */
  readonly charsMax?: number | undefined;
}

/** What is kept of events. */
export interface EventRetention {
  readonly entriesMax: number;
  /** Milliseconds since the epoch; older ones go. */
  readonly from: number;
  /** The last event that everybody who must not miss one has been given; undefined where nobody waits. */
  readonly floor: number | undefined;
  /** Whoever waits holds back so many at most. */
  readonly heldMax: number;
}

/** What one call looks at: a filter that nothing fits does not hold up the loop. */
const LOOKED_AT_MAX = 2_000;
const PRUNED_ROWS_MAX = 500;
const COLUMNS = "id, at, type, zone_id AS zoneId, subject, data";

/** Prepares the queries on events. */
export function prepareEventQueries({ raw }: Pick<Store, "raw">) {
  const insert = raw.prepare<[Omit<StoredRow, "id">], { id: number }>(
    `INSERT INTO events (at, type, zone_id, subject, data)
     VALUES (@at, @type, @zoneId, @subject, @data) RETURNING id`,
  );
  const insertAs = raw.prepare<[StoredRow]>(
    `INSERT INTO events (id, at, type, zone_id, subject, data)
     VALUES (@id, @at, @type, @zoneId, @subject, @data)`,
  );
  const newest = raw
    .prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
    .pluck();
  const oldest = raw.prepare<[], number | null>("SELECT min(id) FROM events").pluck();
  const count = raw.prepare<[], number>("SELECT count(*) FROM events").pluck();
  const edge = raw
    .prepare<[number, number], number | null>(
      "SELECT max(id) FROM (SELECT id FROM events WHERE id > ? ORDER BY id LIMIT ?)",
    )
    .pluck();
  const page = raw.prepare<[PageParams], StoredRow>(
    `SELECT ${COLUMNS} FROM events WHERE id > @after AND id <= @upTo
       AND (@zoneId IS NULL OR zone_id = @zoneId)
       AND (@types IS NULL OR type IN (SELECT value FROM json_each(@types)))
     ORDER BY id LIMIT @limit`,
  );
  const keptFrom = raw
    .prepare<[number], number>("SELECT id FROM events ORDER BY id DESC LIMIT 1 OFFSET ?")
    .pluck();
  const first = raw.prepare<[], Pick<StoredRow, "id" | "at">>(
    `SELECT id, at FROM events ORDER BY id LIMIT ${PRUNED_ROWS_MAX}`,
  );
  const remove = raw.prepare<[number]>("DELETE FROM events WHERE id <= ?");
  const findNewest = (): number => newest.get() ?? 0;
  const findOldest = (): number | undefined => oldest.get() ?? undefined;
  let isDense = (count.get() ?? 0) >= findNewest() - (findOldest() ?? 1) + 1;

  /** The last of those that are too many; ids have no gaps but where a restored copy begins. */
  const findExcess = (max: number): number => {
    if (isDense) return findNewest() - max;
    return keptFrom.get(max) ?? 0;
  };
  return {
    /** Adds an event and returns its id. */
    insertEvent: (write: Write, { data, ...row }: Omit<EventRow, "id">): number =>
      (write.get(insert, { ...row, data: JSON.stringify(data) }) as { id: number }).id,
    /**
     * Notes that the database is an older copy's, with an id above all that the original may have given
     * since, so that whoever read those goes on: they count events, and there is less than one a millisecond.
     * @param at milliseconds since the epoch
     */
    noteRestored: (write: Write, at: number): void => {
      const before = findNewest();
      const row = { id: Math.max(before + 1, at), at, type: "steward.restored" };
      const data = JSON.stringify({ before });
      write.run(insertAs, { ...row, zoneId: null, subject: null, data });
      isDense = false;
    },
    /** The last id that was given, 0 before the first one. */
    findNewestEvent: findNewest,
    findOldestEvent: findOldest,
    /** Reads on after an event: no more than so many, and but a part of the log a call. */
    readEvents: (
      after: number,
      { limit, upTo: end, charsMax = Number.POSITIVE_INFINITY }: EventBounds,
      filter: EventFilter = {},
    ): EventPage => {
      const { zoneId = null, types } = filter;
      const isNarrow = zoneId !== null || types !== undefined;
      // Without a filter nothing is passed over, and the limit alone bounds what is looked at.
      const upTo = isNarrow ? Math.min(end, edge.get(after, LOOKED_AT_MAX) ?? after) : end;
      if (upTo <= after) return { events: [], upTo: after };
      const wanted = types === undefined ? null : JSON.stringify(types);
      const events: EventRow[] = [];
      let chars = 0;
      for (const row of page.iterate({ after, upTo, zoneId, types: wanted, limit })) {
        events.push({ ...row, data: JSON.parse(row.data) as JsonObject });
        chars += row.data.length;
        if (events.length === limit || chars >= charsMax) return { events, upTo: row.id };
      }
      return { events, upTo };
    },
    /** Forgets some events that are too many or too old, the oldest first; tells whether more are left. */
    pruneEvents: (write: Write, retention: EventRetention): boolean => {
      const { entriesMax, from, floor = Number.MAX_SAFE_INTEGER, heldMax } = retention;
      const excess = findExcess(entriesMax);
      const excessHeld = findExcess(Math.max(entriesMax, heldMax));
      const rows = first.all();
      // A prefix, whatever the clock did: what is kept has no holes.
      const kept = rows.findIndex(
        ({ id, at }) => id > excessHeld && (id > floor || (id > excess && at >= from)),
      );
      const last = kept === -1 ? rows.at(-1) : rows[kept - 1];
      if (last === undefined) return false;
      write.run(remove, last.id);
      return kept === -1 && rows.length === PRUNED_ROWS_MAX;
    },
  };
}

interface PageParams {
  readonly after: number;
  readonly upTo: number;
  readonly zoneId: string | null;
  readonly types: string | null;
  readonly limit: number;
}

export type EventQueries = ReturnType<typeof prepareEventQueries>;
