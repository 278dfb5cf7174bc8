import type { Store, Write } from "../database.ts";
import type { DeliveryState } from "./schema.ts";

/** A delivery as it is stored; times are milliseconds since the epoch. */
export interface DeliveryRow {
  readonly webhookId: string;
  readonly eventId: number;
  readonly type: string;
  readonly zoneId: string | null;
  readonly lane: string;
  readonly body: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly happenedAt: number;
  readonly nextAt: number;
  readonly changedAt: number;
  readonly status: number | null;
  readonly error: string | null;
}

/** What came of an attempt. */
export interface DeliveryChange {
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly nextAt: number;
  readonly changedAt: number;
  readonly status: number | null;
  readonly error: string | null;
}

/** How many there are, and since when the oldest waits. */
export interface DeliveryCounts {
  readonly pending: number;
  readonly dead: number;
  /** Milliseconds since the epoch; null where none waits. */
  readonly oldestAt: number | null;
}

type NewDelivery = Omit<DeliveryRow, "state" | "attempts" | "status" | "error">;

const PRUNED_ROWS_MAX = 500;
/** SQL: where what ended waits that is sent anew; no zone's id begins so. */
const AGAIN_LANE = "'again:' || coalesce(d.zone_id, '')";
const COLUMNS = `webhook_id AS webhookId, event_id AS eventId, type, zone_id AS zoneId, lane, body, state,
  attempts, happened_at AS happenedAt, next_at AS nextAt, changed_at AS changedAt, status, error`;

/** Prepares the queries on deliveries. Of each lane all pending ones are held but the first. */
export function prepareDeliveryQueries({ raw }: Pick<Store, "raw">) {
  const insert = raw.prepare<[NewDelivery]>(
    `INSERT OR IGNORE INTO webhook_deliveries (webhook_id, event_id, type, zone_id, lane, body, state,
       is_held, attempts, happened_at, next_at, changed_at)
     VALUES (@webhookId, @eventId, @type, @zoneId, @lane, @body, 'pending',
       EXISTS (SELECT 1 FROM webhook_deliveries
         WHERE webhook_id = @webhookId AND lane = @lane AND state = 'pending'),
       0, @happenedAt, @nextAt, @changedAt)`,
  );
  const change = raw.prepare<[DeliveryChange & { webhookId: string; eventId: number }]>(
    `UPDATE webhook_deliveries SET state = @state, attempts = @attempts, next_at = @nextAt,
       changed_at = @changedAt, status = @status, error = @error
     WHERE webhook_id = @webhookId AND event_id = @eventId AND state = 'pending'`,
  );
  const release = raw.prepare<[{ webhookId: string; lane: string }]>(
    `UPDATE webhook_deliveries SET is_held = 0
     WHERE webhook_id = @webhookId AND event_id = (SELECT min(event_id) FROM webhook_deliveries
       WHERE webhook_id = @webhookId AND lane = @lane AND state = 'pending')`,
  );
  const revive = raw.prepare<[{ webhookId: string; eventId: number; now: number }]>(
    `UPDATE webhook_deliveries AS d SET state = 'pending', lane = ${AGAIN_LANE},
       is_held = EXISTS (SELECT 1 FROM webhook_deliveries
         WHERE webhook_id = @webhookId AND lane = ${AGAIN_LANE} AND state = 'pending'
           AND event_id < @eventId),
       attempts = 0, next_at = @now, changed_at = @now
     WHERE webhook_id = @webhookId AND event_id = @eventId AND state <> 'pending'`,
  );
  // Of a lane only the first is not held: the one behind the revived one is the only one that may have to be.
  const holdNext = raw.prepare<[{ webhookId: string; eventId: number }]>(
    `UPDATE webhook_deliveries SET is_held = 1
     WHERE webhook_id = @webhookId AND event_id = (SELECT min(event_id) FROM webhook_deliveries
       WHERE webhook_id = @webhookId AND state = 'pending' AND event_id > @eventId
         AND lane = (SELECT lane FROM webhook_deliveries
           WHERE webhook_id = @webhookId AND event_id = @eventId))`,
  );
  const one = raw.prepare<[string, number], DeliveryRow>(
    `SELECT ${COLUMNS} FROM webhook_deliveries WHERE webhook_id = ? AND event_id = ?`,
  );
  const due = raw.prepare<[string, number, number], DeliveryRow>(
    `SELECT ${COLUMNS} FROM webhook_deliveries
     WHERE webhook_id = ? AND state = 'pending' AND is_held = 0 AND next_at <= ?
     ORDER BY next_at LIMIT ?`,
  );
  const next = raw
    .prepare<[string, number], number | null>(
      `SELECT min(next_at) FROM webhook_deliveries
       WHERE webhook_id = ? AND state = 'pending' AND is_held = 0 AND next_at > ?`,
    )
    .pluck();
  const overdue = raw.prepare<[string, number, number], DeliveryRow>(
    `SELECT ${COLUMNS} FROM webhook_deliveries
     WHERE webhook_id = ? AND state = 'pending' AND happened_at < ? ORDER BY event_id LIMIT ?`,
  );
  const lanesOf =
    "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = ? AND state = 'pending'";
  const again = raw
    .prepare<[string], number>(`${lanesOf} AND lane >= 'again:' AND lane < 'again;'`)
    .pluck();
  const before = raw.prepare<[string], number>(`${lanesOf} AND lane < 'again:'`).pluck();
  const behind = raw.prepare<[string], number>(`${lanesOf} AND lane >= 'again;'`).pluck();
  const page = raw.prepare<[PageParams], DeliveryRow>(
    `SELECT ${COLUMNS} FROM webhook_deliveries WHERE webhook_id = @webhookId AND event_id > @after
     ORDER BY event_id LIMIT @limit`,
  );
  const pageOfState = raw.prepare<[PageParams & { state: DeliveryState }], DeliveryRow>(
    `SELECT ${COLUMNS} FROM webhook_deliveries WHERE webhook_id = @webhookId AND state = @state
       AND event_id > @after ORDER BY event_id LIMIT @limit`,
  );
  const counts = raw.prepare<[{ webhookId: string }], DeliveryCounts>(
    `SELECT
       (SELECT count(*) FROM webhook_deliveries
         WHERE webhook_id = @webhookId AND state = 'pending') AS pending,
       (SELECT count(*) FROM webhook_deliveries
         WHERE webhook_id = @webhookId AND state = 'dead') AS dead,
       (SELECT happened_at FROM webhook_deliveries
         WHERE webhook_id = @webhookId AND state = 'pending' ORDER BY event_id LIMIT 1) AS oldestAt`,
  );
  const edge = raw
    .prepare<[string, string, number], number>(
      `SELECT event_id FROM webhook_deliveries WHERE webhook_id = ? AND state = ?
       ORDER BY event_id DESC LIMIT 1 OFFSET ?`,
    )
    .pluck();
  const prune = raw.prepare<[PruneParams]>(
    `DELETE FROM webhook_deliveries WHERE webhook_id = @webhookId AND event_id IN (
       SELECT event_id FROM webhook_deliveries WHERE webhook_id = @webhookId AND state = @state
         AND (event_id <= @edge OR changed_at < @from) ORDER BY event_id LIMIT ${PRUNED_ROWS_MAX})`,
  );
  return {
    /** Adds a delivery behind those of its lane, once for an event. */
    insertDelivery: (write: Write, row: NewDelivery): void => {
      write.run(insert, row);
    },
    /** Notes what came of an attempt; what ends makes room for the next of its lane. */
    changeDelivery: (
      write: Write,
      { webhookId, eventId, lane }: Pick<DeliveryRow, "webhookId" | "eventId" | "lane">,
      to: DeliveryChange,
    ): void => {
      const { changes } = write.run(change, { ...to, webhookId, eventId });
      if (changes === 1 && to.state !== "pending") write.run(release, { webhookId, lane });
    },
    /**
     * Has one sent anew that has ended, in order with others of its zone that are sent anew; tells whether it had.
     */
    reviveDelivery: (write: Write, webhookId: string, eventId: number, now: number): boolean => {
      if (write.run(revive, { webhookId, eventId, now }).changes === 0) return false;
      write.run(holdNext, { webhookId, eventId });
      return true;
    },
    findDelivery: (webhookId: string, eventId: number): DeliveryRow | undefined =>
      one.get(webhookId, eventId),
    /** Lists what may be sent now, what has waited for longest first. */
    listDue: (webhookId: string, now: number, limit: number): DeliveryRow[] =>
      due.all(webhookId, now, limit),
    /** When the next one may be sent that may not yet. */
    findNextAt: (webhookId: string, now: number): number | undefined =>
      next.get(webhookId, now) ?? undefined,
    /** Lists pending ones whose event happened before a time. */
    listOlder: (webhookId: string, before: number, limit: number): DeliveryRow[] =>
      overdue.all(webhookId, before, limit),
    /** Counts what waits to be sent for the first time. */
    countPending: (webhookId: string): number =>
      (before.get(webhookId) ?? 0) + (behind.get(webhookId) ?? 0),
    /** Counts what waits to be sent anew after it had ended. */
    countRevived: (webhookId: string): number => again.get(webhookId) ?? 0,
    /** Lists deliveries by event, after one. */
    listDeliveries: (
      webhookId: string,
      { after, limit, state }: { after: number; limit: number; state: DeliveryState | undefined },
    ): DeliveryRow[] =>
      state === undefined
        ? page.all({ webhookId, after, limit })
        : pageOfState.all({ webhookId, after, limit, state }),
    countDeliveries: (webhookId: string): DeliveryCounts =>
      counts.get({ webhookId }) ?? { pending: 0, dead: 0, oldestAt: null },
    /** Forgets ended ones, but for the newest so many, and older ones; returns how many of a slice. */
    pruneDeliveries: (
      write: Write,
      webhookId: string,
      { state, kept, from }: { state: DeliveryState; kept: number; from: number },
    ): number => {
      const last = edge.get(webhookId, state, kept) ?? -1;
      return write.run(prune, { webhookId, state, edge: last, from }).changes;
    },
    prunedRowsMax: PRUNED_ROWS_MAX,
  };
}

interface PageParams {
  readonly webhookId: string;
  readonly after: number;
  readonly limit: number;
}

interface PruneParams {
  readonly webhookId: string;
  readonly state: DeliveryState;
  readonly edge: number;
  /** Milliseconds since the epoch. */
  readonly from: number;
}

export type DeliveryQueries = ReturnType<typeof prepareDeliveryQueries>;
