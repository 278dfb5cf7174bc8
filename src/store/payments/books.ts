import { and, asc, count, eq, gt, inArray, isNotNull, sql } from "drizzle-orm";
import type { Store } from "../database.ts";
import type { PaymentRow } from "./payments.ts";
import {
  type PaymentState,
  payments,
  SETTLED_DIRECTLY,
  settlementTxs,
  type TxState,
  UNFINISHED_TXS,
} from "./schema.ts";

/** A span of settlement times, Unix seconds: from the first, up to but without the second. */
export interface BookSpan {
  readonly from: number;
  readonly to: number;
  readonly zoneId?: string;
}

/** Where a slice of what was settled goes on. */
export interface BookCursor {
  /** Unix seconds. */
  readonly at: number;
  readonly id: string;
}

/** What accounts are made of; amounts in the token's smallest unit, gas in wei. */
export interface SettledRow {
  readonly paymentId: string;
  readonly zoneId: string;
  readonly chainId: number;
  readonly token: string;
  readonly isRefunded: boolean;
  readonly amount: bigint;
  readonly protocolFee: bigint;
  readonly creatorFee: bigint;
  readonly recipientAmount: bigint;
  readonly txHash: string | null;
  /** Of its transaction, which may have settled others, too; 0 where somebody else carried it. */
  readonly gasCost: bigint;
  readonly cursor: BookCursor;
}

type StoredSettled = Pick<SettledRow, "paymentId" | "zoneId" | "chainId" | "token" | "txHash"> & {
  readonly state: PaymentState;
  readonly amount: string;
  readonly protocolFee: string | null;
  readonly creatorFee: string | null;
  readonly recipientAmount: string | null;
  readonly gasCost: string | null;
} & BookCursor;

interface SlicePlace extends BookCursor {
  readonly to: number;
  readonly limit: number;
}

/** Of payments, and what is theirs or their escrow's. */
const toSettledSql = (own: "p" | "e", from: string, at: string, id: string, hash: string) => `
SELECT p.payment_id AS paymentId, p.zone_id AS zoneId, p.chain_id AS chainId, p.token AS token, p.state AS state,
  p.amount AS amount, ${own}.protocol_fee AS protocolFee, ${own}.creator_fee AS creatorFee,
  ${own}.recipient_amount AS recipientAmount, ${at} AS at, ${id} AS id, t.mined_hash AS txHash, t.gas_cost AS gasCost
FROM ${from} LEFT JOIN settlement_txs t ON t.mined_hash = ${hash} AND t.gas_cost IS NOT NULL
WHERE (${at}, ${id}) > (@at, @id) AND ${at} < @to`;

const SETTLED_SQL = `${toSettledSql("p", "payments p INDEXED BY payments_settled", "p.settled_at", "p.payment_id", "p.tx_hash")}
  AND ${SETTLED_DIRECTLY} ORDER BY p.settled_at, p.payment_id LIMIT @limit`;
/** What an escrow paid counts from its release on, not from the deposit. */
const RELEASED_SQL = `${toSettledSql("e", "escrows e INDEXED BY escrows_resolved JOIN payments p ON p.payment_id = e.payment_id", "e.resolved_at", "e.escrow_id", "e.resolved_tx")}
  AND e.status = 'released' ORDER BY e.resolved_at, e.escrow_id LIMIT @limit`;

/** Statements for accounts, reports and metrics; but for the first two rare, so built on each call. */
export function prepareBookQueries({ db, raw }: Pick<Store, "db" | "raw">) {
  const settled = raw.prepare<[SlicePlace], StoredSettled>(SETTLED_SQL);
  const released = raw.prepare<[SlicePlace], StoredSettled>(RELEASED_SQL);
  return {
    /** Payments of all zones settled before a time, in the order of when, after a cursor. */
    listSettled: (after: BookCursor, to: number, limit: number): SettledRow[] =>
      settled.all({ ...after, to, limit }).map(toSettled),
    /** Escrows of all zones released before a time, as the former. */
    listReleased: (after: BookCursor, to: number, limit: number): SettledRow[] =>
      released.all({ ...after, to, limit }).map(toSettled),
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
        .where(sql.raw(UNFINISHED_TXS))
        .groupBy(settlementTxs.chainId, settlementTxs.state)
        .all(),
  };
}

function toSettled({ state, at, id, ...row }: StoredSettled): SettledRow {
  return {
    ...row,
    isRefunded: state === "refunded",
    amount: BigInt(row.amount),
    protocolFee: BigInt(row.protocolFee ?? 0),
    creatorFee: BigInt(row.creatorFee ?? 0),
    recipientAmount: BigInt(row.recipientAmount ?? 0),
    gasCost: BigInt(row.gasCost ?? 0),
    cursor: { at, id },
  };
}

/** The statements for accounts, reports and metrics. */
export type BookQueries = ReturnType<typeof prepareBookQueries>;
