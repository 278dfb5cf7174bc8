import type { Store, Write } from "../database.ts";
import type { PaymentState } from "./schema.ts";

/** A change of everything a transaction carries. */
export interface ItemsMove {
  readonly txId: number;
  readonly from: readonly PaymentState[];
  readonly to: PaymentState;
  /** Unix seconds. */
  readonly at: number;
  readonly detail?: object;
}

/**
 * Prepares the statements that change all payments of a transaction at once, which costs a fraction
 * of changing each.
 */
export function prepareItemQueries({ raw }: Pick<Store, "raw">) {
  const add = raw.prepare(
    `INSERT INTO settlement_items (tx_id, position, payment_id)
     SELECT :txId, key, value FROM json_each(:paymentIds)`,
  );
  const items = "SELECT payment_id FROM settlement_items WHERE tx_id = :txId";
  const inState = "state IN (SELECT value FROM json_each(:from))";
  const log = (where: string) =>
    raw.prepare(
      `INSERT INTO payment_history (payment_id, state, at, detail)
       SELECT payment_id, :to, :at, :detail FROM payments
       WHERE payment_id IN (${items}) AND ${where} ORDER BY payments.rowid`,
    );
  const claim = raw.prepare(
    `UPDATE payments SET state = :to, tx_id = :txId, attempts = attempts + 1, updated_at = :at
     WHERE payment_id IN (${items}) AND ${inState}`,
  );
  const logClaim = log(inState);
  const move = raw.prepare(
    `UPDATE payments SET state = :to, updated_at = :at
     WHERE payment_id IN (${items}) AND tx_id = :txId AND ${inState}`,
  );
  const logMove = log(`tx_id = :txId AND ${inState}`);
  const toParams = ({ txId, from, to, at }: ItemsMove) => ({
    ...{ txId, to, at },
    from: JSON.stringify(from),
  });
  const toLine = ({ detail }: ItemsMove) => ({ detail: detail ? JSON.stringify(detail) : null });

  return {
    /** Writes what a transaction carries, in its order. */
    add: (write: Write, txId: number, paymentIds: readonly string[]): void => {
      write.run(add, { txId, paymentIds: JSON.stringify(paymentIds) });
    },
    /** Ties payments in one of the states to the transaction, and returns how many. */
    claim: (write: Write, change: ItemsMove): number => {
      write.run(logClaim, { ...toParams(change), ...toLine(change) });
      return write.run(claim, toParams(change)).changes;
    },
    /** Changes payments that are tied to the transaction and in one of the states. */
    move: (write: Write, change: ItemsMove): void => {
      write.run(logMove, { ...toParams(change), ...toLine(change) });
      write.run(move, toParams(change));
    },
  };
}

/** The prepared statements on all payments of a transaction. */
export type ItemQueries = ReturnType<typeof prepareItemQueries>;
