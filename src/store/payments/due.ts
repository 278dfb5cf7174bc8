import { and, asc, eq, inArray, or, sql } from "drizzle-orm";
import type { Store } from "../database.ts";
import { type PaymentRow, param } from "./payments.ts";
import { ENDED_UNVOIDED, payments, settlementTxs, UNPAID, UNSEEN } from "./schema.ts";

/** Where a walk through requirements is. */
export type UnseenPlace = Pick<PaymentRow, "deadline" | "paymentId">;

/** Prepares the statements that find the payments with something to do about them. */
export function prepareDueQueries({ db }: Pick<Store, "db">) {
  const onChain = eq(payments.chainId, param("chainId"));
  const sent = inArray(payments.state, ["submitting", "submitted"]);
  const authorized = db
    .select()
    .from(payments)
    .where(and(onChain, eq(payments.state, "authorized")))
    .orderBy(asc(sql`rowid`))
    .limit(param("limit"))
    .prepare();
  const underWay = db
    .select()
    .from(payments)
    .where(
      and(
        onChain,
        sent,
        sql`${payments.byContract} = 0`,
        sql`${payments.payer} in (select value from json_each(${param("payers")}))`,
      ),
    )
    .limit(param("limit"))
    .prepare();
  const overdueSent = db
    .select()
    .from(payments)
    .where(and(onChain, sent, sql`${payments.deadline} <= ${param("time")}`))
    .limit(param("limit"))
    .prepare();
  const overdueEnded = db
    .select()
    .from(payments)
    .where(and(onChain, sql.raw(ENDED_UNVOIDED), sql`${payments.deadline} <= ${param("time")}`))
    .orderBy(asc(payments.deadline))
    .limit(param("limit"))
    .prepare();
  const unseen = db
    .select()
    .from(payments)
    .where(
      and(
        onChain,
        sql.raw(UNPAID),
        sql`${payments.deadline} <= ${param("time")}`,
        sql`(${payments.deadline}, ${payments.paymentId}) > (${param("deadline")}, ${param("paymentId")})`,
        sql.raw(UNSEEN),
      ),
    )
    .orderBy(asc(payments.deadline), asc(payments.paymentId))
    .limit(param("limit"))
    .prepare();
  const ended = db
    .select()
    .from(payments)
    .where(and(onChain, sql.raw(ENDED_UNVOIDED), eq(payments.zoneId, param("zoneId"))))
    .limit(param("limit"))
    .prepare();
  const endedContracts = db
    .selectDistinct({ contract: payments.contract })
    .from(payments)
    .where(and(onChain, sql.raw(ENDED_UNVOIDED), eq(payments.mode, "direct")))
    .prepare();
  const endedDeposit = db
    .select({ paymentId: payments.paymentId })
    .from(payments)
    .where(and(onChain, sql.raw(ENDED_UNVOIDED), eq(payments.mode, "escrow")))
    .limit(1)
    .prepare();
  const unresolved = db
    .select({ payment: payments })
    .from(payments)
    .innerJoin(settlementTxs, eq(settlementTxs.txId, payments.txId))
    .where(
      and(onChain, sent, or(sql`${settlementTxs.applied} = 1`, eq(settlementTxs.state, "lost"))),
    )
    .limit(param("limit"))
    .prepare();

  return {
    /** The oldest payments that wait to be sent. */
    listAuthorized: (chainId: number, limit: number): PaymentRow[] =>
      authorized.all({ chainId, limit }),
    /** Payments of these payers that were sent and are not known to be mined. */
    listUnderWay: (chainId: number, payers: readonly string[], limit: number): PaymentRow[] =>
      underWay.all({ chainId, payers: JSON.stringify(payers), limit }),
    /** Payments not settled whose deadline has come and that are not known to be void. */
    listOverdue: (chainId: number, time: number, limit: number): PaymentRow[] => [
      ...overdueSent.all({ chainId, time, limit }),
      ...overdueEnded.all({ chainId, time, limit }),
    ],
    /**
     * Requirements of an earlier epoch past their deadline, which nobody is known to have paid, in the order of
     * their deadlines after a place.
     */
    listUnseen: (chainId: number, time: number, after: UnseenPlace, limit: number): PaymentRow[] =>
      unseen.all({ chainId, time, deadline: after.deadline, paymentId: after.paymentId, limit }),
    /** A zone's ended attempts, not known to be void. */
    listEnded: (chainId: number, zoneId: string, limit: number): PaymentRow[] =>
      ended.all({ chainId, zoneId, limit }),
    /** The settlement contracts that ended attempts, not known to be void, were to be paid at. */
    listEndedContracts: (chainId: number): string[] =>
      endedContracts.all({ chainId }).map(({ contract }) => contract),
    /** Whether an ended attempt at a deposit, not known to be void, could still be carried by somebody. */
    hasEndedDeposits: (chainId: number): boolean => endedDeposit.get({ chainId }) !== undefined,
    /** Sent payments whose transaction is mined, or lost, and did not settle them. */
    listUnresolved: (chainId: number, limit: number): PaymentRow[] =>
      unresolved.all({ chainId, limit }).map((row) => row.payment),
  };
}

/** The prepared statements on payments with something to do about them. */
export type DueQueries = ReturnType<typeof prepareDueQueries>;
