import { and, asc, eq, inArray, isNull, ne, notInArray } from "drizzle-orm";
import type { Store, Write } from "../database.ts";
import { param } from "./payments.ts";
import { refunds, zoneRegistrations } from "./schema.ts";

/** A refund as stored. */
export type RefundRow = typeof refunds.$inferSelect;
/** A zone's registration as stored. */
export type RegistrationRow = typeof zoneRegistrations.$inferSelect;

/** Statements on what the wallet does beside settling; most are rare, so built on each call. */
export function prepareJobQueries({ db }: Pick<Store, "db">) {
  const refundOf = db
    .select()
    .from(refunds)
    .where(eq(refunds.paymentId, param("paymentId")))
    .prepare();
  return {
    findRefund: (paymentId: string): RefundRow | undefined => refundOf.get({ paymentId }),
    findRefundOfTx: (txId: number): RefundRow | undefined =>
      db.select().from(refunds).where(eq(refunds.txId, txId)).get(),
    /** Which of some transactions paid another payment's refund. */
    listRefundHashes: (hashes: string[], exceptOf: string): string[] =>
      db
        .select({ hash: refunds.txHash })
        .from(refunds)
        .where(
          and(
            eq(refunds.state, "confirmed"),
            inArray(refunds.txHash, hashes),
            ne(refunds.paymentId, exceptOf),
          ),
        )
        .all()
        .flatMap(({ hash }) => hash ?? []),
    /** The oldest refunds that wait to be sent by this wallet, but for some. */
    listRequestedRefunds: (chainId: number, limit: number, except: string[] = []): RefundRow[] =>
      db
        .select()
        .from(refunds)
        .where(
          and(
            eq(refunds.chainId, chainId),
            eq(refunds.state, "requested"),
            isNull(refunds.steward),
            notInArray(refunds.paymentId, except),
          ),
        )
        .orderBy(asc(refunds.createdAt))
        .limit(limit)
        .all(),
    insertRefund: (write: Write, row: typeof refunds.$inferInsert): void => {
      write.run(db.insert(refunds).values(row));
    },
    /** Changes a refund that is in one of the states, and says whether it was. */
    moveRefund: (
      write: Write,
      paymentId: string,
      from: readonly RefundRow["state"][],
      set: Partial<RefundRow> & { updatedAt: number },
    ): boolean =>
      write.run(
        db
          .update(refunds)
          .set(set)
          .where(and(eq(refunds.paymentId, paymentId), inArray(refunds.state, [...from]))),
      ).changes > 0,
    findRegistration: (chainId: number, zoneId: string): RegistrationRow | undefined =>
      db
        .select()
        .from(zoneRegistrations)
        .where(and(eq(zoneRegistrations.chainId, chainId), eq(zoneRegistrations.zoneId, zoneId)))
        .get(),
    findRegistrationOfTx: (txId: number): RegistrationRow | undefined =>
      db.select().from(zoneRegistrations).where(eq(zoneRegistrations.txId, txId)).get(),
    /** The registrations that are to be sent, the oldest first. */
    listWantedRegistrations: (chainId: number, limit: number): RegistrationRow[] =>
      db
        .select()
        .from(zoneRegistrations)
        .where(and(eq(zoneRegistrations.chainId, chainId), eq(zoneRegistrations.state, "wanted")))
        .orderBy(asc(zoneRegistrations.updatedAt))
        .limit(limit)
        .all(),
    /** Writes what is wanted of a zone's registration, over what was there. */
    putRegistration: (write: Write, row: typeof zoneRegistrations.$inferInsert): void => {
      write.run(
        db
          .insert(zoneRegistrations)
          .values(row)
          .onConflictDoUpdate({
            target: [zoneRegistrations.chainId, zoneRegistrations.zoneId],
            set: row,
          }),
      );
    },
    /** Changes a registration of an epoch that is in one of the states, and says whether it was. */
    moveRegistration: (
      write: Write,
      { chainId, zoneId, epoch }: Pick<RegistrationRow, "chainId" | "zoneId" | "epoch">,
      from: readonly RegistrationRow["state"][],
      set: Partial<RegistrationRow> & { updatedAt: number },
    ): boolean =>
      write.run(
        db
          .update(zoneRegistrations)
          .set(set)
          .where(
            and(
              eq(zoneRegistrations.chainId, chainId),
              eq(zoneRegistrations.zoneId, zoneId),
              eq(zoneRegistrations.epoch, epoch),
              inArray(zoneRegistrations.state, [...from]),
            ),
          ),
      ).changes > 0,
  };
}

/** The statements on refunds and registrations. */
export type JobQueries = ReturnType<typeof prepareJobQueries>;
