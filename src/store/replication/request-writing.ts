import type { Store, Write } from "../database.ts";
import { OPEN_ESCROWS } from "../payments/escrow-schema.ts";
import { ENDED_UNVOIDED } from "../payments/schema.ts";
import { OPEN_REQUESTS } from "../waiting-requests.ts";
import {
  type Columns,
  ESCROW_COLUMNS,
  ESCROW_OP_COLUMNS,
  PAYMENT_COLUMNS,
  REFUND_COLUMNS,
  RUN_COLUMNS,
} from "./record-columns.ts";
import type { RequestRows, Row } from "./record-rows.ts";

/** Names a request. */
export interface RequestName {
  readonly zoneId: string;
  readonly nodeId: string;
  readonly requestId: string;
}

/** Which of this wallet's transactions carry what of a request: not replicated, kept with its record. */
export interface WalletRows {
  /** Payments that were sent, by id: their state and transaction. */
  readonly payments: Readonly<Record<string, { readonly state: string; readonly txId: number }>>;
  /** Escrow operations, by name. */
  readonly ops: Readonly<Record<string, { readonly state: string; readonly txId: number }>>;
  readonly refundTxId: number | null;
}

interface Sent {
  readonly id: string;
  readonly state: string;
  readonly txId: number | null;
}

/** Prepares the writing and removing of the rows that hang on a request. */
export function prepareRequestWriting({ raw, usage }: Pick<Store, "raw" | "usage">) {
  const underWay = [
    `requests WHERE ${OPEN_REQUESTS} AND state IN ('paying', 'paid', 'running')
       AND zone_id = @zoneId`,
    `payments WHERE zone_id = @zoneId
       AND (state IN ('authorized', 'submitting', 'submitted') OR ${ENDED_UNVOIDED})`,
    `escrows WHERE zone_id = @zoneId AND ${OPEN_ESCROWS}`,
    `refunds JOIN payments USING (payment_id)
       WHERE refunds.state IN ('requested', 'submitted') AND zone_id = @zoneId`,
  ].map((from) =>
    raw.prepare<[{ zoneId: string; limit: number }], RequestName>(
      `SELECT DISTINCT zone_id AS zoneId, node_id AS nodeId, request_id AS requestId FROM ${from}
       LIMIT @limit`,
    ),
  );
  const sentPayments = raw.prepare<[RequestName], Sent>(
    `SELECT payment_id AS id, state, tx_id AS txId FROM payments WHERE zone_id = @zoneId
     AND node_id = @nodeId AND request_id = @requestId`,
  );
  const OF_REQUEST = `(SELECT payment_id FROM payments WHERE zone_id = @zoneId AND node_id = @nodeId
    AND request_id = @requestId)`;
  const ESCROW_OF_REQUEST = `(SELECT chain_id, contract, escrow_id FROM escrows
    WHERE payment_id IN ${OF_REQUEST})`;
  const sentOps = raw.prepare<[RequestName], Sent>(
    `SELECT op AS id, state, tx_id AS txId FROM escrow_ops
     WHERE (chain_id, contract, escrow_id) IN ${ESCROW_OF_REQUEST} AND state = 'submitted'`,
  );
  const refundTx = raw.prepare<[RequestName], number | null>(
    `SELECT tx_id FROM refunds WHERE payment_id IN ${OF_REQUEST} AND tx_id IS NOT NULL`,
  );
  const quotes = raw.prepare<[RequestName], number>(
    `SELECT count(*) FROM payments WHERE zone_id = @zoneId AND node_id = @nodeId
     AND request_id = @requestId AND state IN ('quoted', 'expired') AND payer IS NULL`,
  );
  // From the leaves to the root: each is found by what it hangs on.
  const removals = [
    `DELETE FROM escrow_ops WHERE (chain_id, contract, escrow_id) IN ${ESCROW_OF_REQUEST}
      AND state IN ('requested', 'submitted')`,
    `DELETE FROM escrows WHERE payment_id IN ${OF_REQUEST}`,
    `DELETE FROM refunds WHERE payment_id IN ${OF_REQUEST}`,
    `DELETE FROM payments WHERE zone_id = @zoneId AND node_id = @nodeId AND request_id = @requestId`,
  ].map((sql) => raw.prepare<[RequestName]>(sql));
  // What is at its end stays for the books, and nothing acts on it.
  const openRemovals = [
    `DELETE FROM escrow_ops WHERE (chain_id, contract, escrow_id) IN ${ESCROW_OF_REQUEST}
      AND state IN ('requested', 'submitted')`,
    `DELETE FROM escrows WHERE payment_id IN ${OF_REQUEST} AND ${OPEN_ESCROWS}`,
    `DELETE FROM refunds WHERE payment_id IN ${OF_REQUEST} AND state IN ('requested', 'submitted')`,
    `DELETE FROM payments WHERE zone_id = @zoneId AND node_id = @nodeId AND request_id = @requestId
      AND state NOT IN ('confirmed', 'delivered', 'refunded')`,
  ].map((sql) => raw.prepare<[RequestName]>(sql));
  const inserts = {
    run: prepareInsert(raw, "provider_runs", RUN_COLUMNS, [
      ...["invoke_id", "zone_id", "requester", "request_id"],
    ]),
    payment: prepareInsert(raw, "payments", PAYMENT_COLUMNS, ["tx_id"]),
    escrow: prepareInsert(raw, "escrows", ESCROW_COLUMNS, []),
    op: prepareInsert(raw, "escrow_ops", ESCROW_OP_COLUMNS, ["tx_id"]),
    refund: prepareInsert(raw, "refunds", REFUND_COLUMNS, ["tx_id"]),
  };
  const lookAgain = raw.prepare<[number]>(
    "UPDATE settlement_txs SET state = 'mined', applied = 0 WHERE tx_id = ? AND state IN ('mined', 'final')",
  );
  const txState = raw.prepare<[number], string>("SELECT state FROM settlement_txs WHERE tx_id = ?");
  /** Its transaction's id; null where there is none, or it can never be mined any more. */
  const toLiveTx = (txId: number | null | undefined): number | null =>
    txId == null || txState.pluck().get(txId) === "lost" ? null : txId;
  const rewind = raw.prepare<[number, number, string]>(
    "UPDATE escrow_cursors SET block = min(block, ?) WHERE chain_id = ? AND contract = ?",
  );
  const begin = raw.prepare<[{ chainId: number; contract: string }]>(
    `INSERT INTO escrow_cursors (chain_id, contract, block)
     SELECT @chainId, @contract, max(-1, min(quoted_block) - 1) FROM payments
     WHERE chain_id = @chainId AND contract = @contract AND mode = 'escrow'
     HAVING count(*) > 0 ON CONFLICT DO NOTHING`,
  );
  /** Has the escrow's contract read from what is known of it on: this steward may be further. */
  const readAgain = (write: Write, { escrow, payments }: RequestRows): void => {
    if (escrow === undefined) return;
    const payment = payments.find(({ payment_id }) => payment_id === escrow.payment_id);
    const block = (escrow.changed_block ?? payment?.quoted_block ?? 0) as number;
    const [chainId, contract] = [escrow.chain_id as number, escrow.contract as string];
    if (write.run(rewind, block - 1, chainId, contract).changes === 0) {
      write.run(begin, { chainId, contract });
    }
  };
  const noteQuotes = (write: Write, name: RequestName, sign: 1 | -1): void =>
    usage.add(write, "quote", name.nodeId, sign * (quotes.pluck().get(name) ?? 0), 0);
  return {
    /** Some of a zone's requests about which something is being done: run, paid, settled, held or refunded. */
    listUnderWay: (zoneId: string, limit: number): RequestName[] => {
      for (const some of underWay) {
        const names = some.all({ zoneId, limit });
        if (names.length > 0) return names;
      }
      return [];
    },
    /** What this wallet did for a request so far; undefined where it did nothing. */
    findWalletRows: (name: RequestName): WalletRows | undefined => {
      const payments = sentPayments.all(name).filter(({ txId }) => txId !== null);
      const ops = sentOps.all(name).filter(({ txId }) => txId !== null);
      const refundTxId = refundTx.pluck().get(name) ?? null;
      if (payments.length + ops.length === 0 && refundTxId === null) return undefined;
      return { payments: toSent(payments), ops: toSent(ops), refundTxId };
    },
    /** Removes what hangs on a request: payments, escrow, open operations, refund. */
    removePayments: (write: Write, name: RequestName): void => {
      noteQuotes(write, name, -1);
      for (const removal of removals) write.run(removal, name);
    },
    /** Removes of what hangs on a request what is not at its end. */
    removeOpenPayments: (write: Write, name: RequestName): void => {
      noteQuotes(write, name, -1);
      for (const removal of openRemovals) write.run(removal, name);
    },
    /** Writes what hangs on a request whose own row is there; throws SqliteError. */
    insertPayments: (
      write: Write,
      name: RequestName,
      rows: RequestRows,
      wallet: WalletRows | undefined,
    ): void => {
      const { zoneId, nodeId: requester, requestId } = name;
      const { invoke_id } = rows.request;
      for (const row of rows.runs) {
        const key = { invoke_id, zone_id: zoneId, requester, request_id: requestId };
        write.run(inserts.run, { ...row, ...(key as Row) });
      }
      for (const row of rows.payments) {
        const sent = wallet?.payments[String(row.payment_id)];
        const isSent = row.state === "authorized" && sent !== undefined;
        const state = isSent ? "submitted" : (row.state as string);
        write.run(inserts.payment, { ...row, state, tx_id: sent?.txId ?? null });
      }
      if (rows.escrow !== undefined) write.run(inserts.escrow, rows.escrow);
      readAgain(write, rows);
      for (const row of rows.ops) {
        const sent = wallet?.ops[String(row.op)];
        const txId = toLiveTx(sent?.txId);
        const state = sent !== undefined && txId !== null ? sent.state : (row.state as string);
        write.run(inserts.op, { ...row, state, tx_id: txId });
        if (txId !== null) write.run(lookAgain, txId);
      }
      if (rows.refund !== undefined) {
        // Once another steward's operator has taken it over, what this wallet sent is no part of it.
        const sent = rows.refund.steward === null ? wallet?.refundTxId : undefined;
        const txId = toLiveTx(sent);
        const isLost = txId === null && sent != null;
        const state = toRefundState(rows.refund, { isSent: txId !== null, isLost });
        write.run(inserts.refund, { ...rows.refund, state, tx_id: txId });
        // What it came to while there was no row to tell is looked at again.
        if (txId !== null) write.run(lookAgain, txId);
      }
      noteQuotes(write, name, 1);
    },
  };
}

function prepareInsert(
  raw: Store["raw"],
  table: string,
  columns: Columns,
  more: readonly string[],
) {
  const names = [...Object.keys(columns), ...more];
  return raw.prepare<[Row]>(
    `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(", ")})
     VALUES (${names.map((name) => `@${name}`).join(", ")})`,
  );
}

/**
 * The state of a refund whose record is as old as its last commit: what this wallet sent since is not sent
 * again, and what it sent and lost is.
 */
function toRefundState(
  { state, steward }: Row,
  { isSent, isLost }: { readonly isSent: boolean; readonly isLost: boolean },
): string {
  if (steward !== null) return state as string;
  if (isSent && state === "requested") return "submitted";
  return isLost && state === "submitted" ? "requested" : (state as string);
}

function toSent(rows: readonly Sent[]): Record<string, { state: string; txId: number }> {
  return Object.fromEntries(
    rows.map(({ id, state, txId }) => [id, { state, txId: txId as number }]),
  );
}
