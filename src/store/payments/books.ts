import { and, asc, count, eq, gt, gte, inArray, isNotNull, lt, ne } from "drizzle-orm";
import type { Store } from "../database.ts";
import { escrows } from "./escrow-schema.ts";
import type { PaymentRow } from "./payments.ts";
import { type PaymentState, payments, settlementTxs, type TxState } from "./schema.ts";

/** A span of settlement times, Unix seconds: from the first, up to but without the second. */
export interface BookSpan {
  readonly from: number;
  readonly to: number;
  readonly zoneId?: string;
}

/** Statements for accounts, reports and metrics; rare, so built on each call. */
export function prepareBookQueries({ db }: Pick<Store, "db">) {
  return {
    /** Payments of all zones settled within a span. */
    listSettled: (span: Omit<BookSpan, "zoneId">): PaymentRow[] => {
      const direct = db
        .select()
        .from(payments)
        .where(
          and(
            eq(payments.mode, "direct"),
            gte(payments.settledAt, span.from),
            lt(payments.settledAt, span.to),
          ),
        )
        .orderBy(asc(payments.settledAt), asc(payments.paymentId))
        .all();
      return [...direct, ...listReleased(db, span)];
    },
    /** What mined transactions cost, in wei, by their hash. */
    listGas: (hashes: readonly string[]) =>
      db
        .select({ hash: settlementTxs.minedHash, gasCost: settlementTxs.gasCost })
        .from(settlementTxs)
        .where(and(isNotNull(settlementTxs.gasCost), inArray(settlementTxs.minedHash, [...hashes])))
        .all(),
    /** Accepted payments of a chain after an id, oldest first. */
    listAccepted: (chainId: number, after: string, limit: number): PaymentRow[] =>
      db
        .select()
        .from(payments)
        .where(
          and(
            eq(payments.chainId, chainId),
            gt(payments.paymentId, after),
            isNotNull(payments.payer),
          ),
        )
        .orderBy(asc(payments.paymentId))
        .limit(limit)
        .all(),
    /** The contracts that a chain's accepted payments went to. */
    listContracts: (chainId: number): string[] =>
      db
        .selectDistinct({ contract: payments.contract })
        .from(payments)
        .where(and(eq(payments.chainId, chainId), isNotNull(payments.payer)))
        .all()
        .map(({ contract }) => contract),
    /** Whether a chain's payment was settled, or deposited, at one of these contracts. */
    hasSettled: (chainId: number, contracts: readonly string[]): boolean =>
      db
        .select({ id: payments.paymentId })
        .from(payments)
        .where(
          and(
            eq(payments.chainId, chainId),
            inArray(payments.state, ["confirmed", "delivered", "refunded"]),
            inArray(payments.contract, [...contracts]),
          ),
        )
        .limit(1)
        .get() !== undefined,
    /** The block of a chain's oldest accepted quote. */
    findFirstBlock: (chainId: number): number | undefined =>
      db
        .select({ block: payments.quotedBlock })
        .from(payments)
        .where(and(eq(payments.chainId, chainId), isNotNull(payments.payer)))
        .orderBy(asc(payments.quotedBlock))
        .limit(1)
        .get()?.block,
    countByState: (): { state: PaymentState; count: number }[] =>
      db
        .select({ state: payments.state, count: count() })
        .from(payments)
        .groupBy(payments.state)
        .all(),
    countTxs: (): { chainId: number; state: TxState; count: number }[] =>
      db
        .select({ chainId: settlementTxs.chainId, state: settlementTxs.state, count: count() })
        .from(settlementTxs)
        .where(ne(settlementTxs.state, "final"))
        .groupBy(settlementTxs.chainId, settlementTxs.state)
        .all(),
  };
}

/** Escrowed payments released within a span: what they paid counts from then on, not the deposit. */
function listReleased(db: Store["db"], { from, to }: Omit<BookSpan, "zoneId">): PaymentRow[] {
  const rows = db
    .select({ payment: payments, escrow: escrows })
    .from(escrows)
    .innerJoin(payments, eq(payments.paymentId, escrows.paymentId))
    .where(
      and(
        eq(escrows.status, "released"),
        gte(escrows.resolvedAt, from),
        lt(escrows.resolvedAt, to),
      ),
    )
    .orderBy(asc(escrows.resolvedAt), asc(escrows.escrowId))
    .all();
  return rows.map(({ payment, escrow }) => ({
    ...payment,
    settledAt: escrow.resolvedAt,
    txHash: escrow.resolvedTx,
    protocolFee: escrow.protocolFee,
    creatorFee: escrow.creatorFee,
    recipientAmount: escrow.recipientAmount,
  }));
}

/** The statements for accounts, reports and metrics. */
export type BookQueries = ReturnType<typeof prepareBookQueries>;
