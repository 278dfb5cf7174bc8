import type { Store } from "../database.ts";
import { OPEN_REQUESTS, WAITING_REQUESTS } from "../waiting-requests.ts";
import { OPEN_ESCROWS } from "./escrow-schema.ts";
import { ENDED_UNVOIDED, OPEN_REFUNDS, UNPAID } from "./schema.ts";

/** Something of a zone that is not at its end. */
export interface OpenItem {
  readonly kind: "payment" | "escrow" | "refund" | "request";
  readonly id: string;
  readonly state: string;
}

const TOLD_MAX = 20;
/** After a requirement's deadline its payment may still be found on chain. */
const QUOTE_KEPT_SECS = 600;

/** By the indexes of what is open, however much of the zone has ended. */
const SQL = `
WITH RECURSIVE chains(id) AS (
  SELECT min(chain_id) FROM payments
  UNION ALL
  SELECT (SELECT min(chain_id) FROM payments WHERE chain_id > chains.id) FROM chains WHERE id IS NOT NULL
)
SELECT 'payment' AS kind, payment_id AS id, state FROM payments INDEXED BY payments_state
  WHERE chain_id IN (SELECT id FROM chains WHERE id IS NOT NULL)
    AND state IN ('authorized', 'submitting', 'submitted') AND zone_id = @zoneId
UNION ALL
SELECT 'payment', payment_id, state FROM payments INDEXED BY payments_unpaid
  WHERE ${UNPAID} AND deadline > @now - ${QUOTE_KEPT_SECS} AND zone_id = @zoneId
UNION ALL
SELECT 'payment', payment_id, state FROM payments INDEXED BY payments_ended
  WHERE ${ENDED_UNVOIDED} AND zone_id = @zoneId
UNION ALL
SELECT 'escrow', escrow_id, status FROM escrows INDEXED BY escrows_open
  WHERE ${OPEN_ESCROWS} AND zone_id = @zoneId
UNION ALL
SELECT 'refund', payment_id, state FROM refunds INDEXED BY refunds_open
  WHERE ${OPEN_REFUNDS} AND (state <> 'failed' OR @owed) AND (SELECT zone_id FROM payments WHERE payments.payment_id = refunds.payment_id) = @zoneId
UNION ALL
SELECT 'request', request_id, state FROM requests INDEXED BY requests_open
  WHERE ${OPEN_REQUESTS} AND state IN ('paying', 'paid', 'running', 'undelivered') AND (state <> 'undelivered' OR @owed)
    AND zone_id = @zoneId
UNION ALL
SELECT 'request', request_id, state FROM requests INDEXED BY requests_waiting
  WHERE ${WAITING_REQUESTS} AND state = 'failed' AND @owed AND zone_id = @zoneId
LIMIT ${TOLD_MAX}`;

/** Which of what is open counts. */
export interface OpenFilter {
  /** Unix seconds. */
  readonly now: number;
  /** Also what waits for the operator alone: failed refunds, paid requests without an answer. */
  readonly owed: boolean;
}

/** Prepares what finds payments, escrows, refunds and requests of a zone that have not ended. */
export function prepareOpenOfZone({ raw }: Pick<Store, "raw">) {
  const open = raw.prepare<[{ zoneId: string; now: number; owed: number }], OpenItem>(SQL);
  return (zoneId: string, { now, owed }: OpenFilter): OpenItem[] =>
    open.all({ zoneId, now, owed: Number(owed) });
}
