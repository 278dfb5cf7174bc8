import { and, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Store, Write } from "../database.ts";
import { param } from "./payments.ts";
import { NEVER_SENT, paymentHistory, payments, settlementItems, UNPAID, UNSEEN } from "./schema.ts";

/** No transaction was ever signed for it. */
const NEVER_CARRIED = sql`not exists (select 1 from ${settlementItems} where ${settlementItems.paymentId} = ${payments.paymentId})`;

/** Times before which something is forgotten, Unix seconds. */
export interface PaymentAges {
  /** Deadlines of requirements that nobody paid. */
  readonly unpaid: number;
  /** Deadlines of requirements that the chain should have been asked about, and was not. */
  readonly unseen: number;
  /** Ends of payments that were refused before they were sent, and can never execute. */
  readonly neverSent: number;
  /** Failures on chain that no longer make their payer wait. */
  readonly failures: number;
}

/**
 * Prepares the deletion of payments by which no money moved or can move; what an authorization was
 * accepted for stays, unless the chain showed that it can never execute.
 */
export function preparePaymentPrune({ db, raw, usage }: Pick<Store, "db" | "raw" | "usage">) {
  const limit = param("limit");
  const columns = { id: payments.paymentId, nodeId: payments.nodeId };
  const unpaid = db
    .select(columns)
    .from(payments)
    .where(
      and(
        sql.raw(UNPAID),
        lt(payments.deadline, param("before")),
        isNull(payments.payer),
        sql`(not (${sql.raw(UNSEEN)}) or ${payments.deadline} < ${param("unseen")})`,
      ),
    )
    .limit(limit)
    .prepare();
  const neverSent = db
    .select(columns)
    .from(payments)
    .where(and(sql.raw(NEVER_SENT), lt(payments.voidAt, param("before")), NEVER_CARRIED))
    .limit(limit)
    .prepare();
  const failures = raw.prepare(
    "DELETE FROM payer_failures WHERE rowid IN (SELECT rowid FROM payer_failures WHERE at < ? LIMIT ?)",
  );
  const remove = (write: Write, ids: readonly string[]): void => {
    write.run(db.delete(paymentHistory).where(inArray(paymentHistory.paymentId, ids)));
    write.run(db.delete(payments).where(inArray(payments.paymentId, ids)));
  };
  /** Deletes some of each; tells whether more is left. */
  return (write: Write, before: PaymentAges, max: number): boolean => {
    const quotes = unpaid.all({ before: before.unpaid, unseen: before.unseen, limit: max });
    for (const { nodeId } of quotes) usage.add(write, "quote", nodeId, -1, 0);
    const refused = neverSent.all({ before: before.neverSent, limit: max });
    remove(
      write,
      [...quotes, ...refused].map(({ id }) => id),
    );
    const { changes } = write.run(failures, before.failures, max);
    return Math.max(quotes.length, refused.length, changes) === max;
  };
}

export type PaymentPrune = ReturnType<typeof preparePaymentPrune>;
