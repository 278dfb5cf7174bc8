import { and, asc, desc, eq, gt, lt, type SQL, sql } from "drizzle-orm";
import type { Store, Write } from "../database.ts";
import { WAITING_REQUESTS } from "../waiting-requests.ts";
import {
  OPEN_REFUNDS,
  type PaymentState,
  payerFailures,
  paymentHistory,
  payments,
} from "./schema.ts";

/** A payment as stored. */
export type PaymentRow = typeof payments.$inferSelect;
/** A payment as first written: what became of it is not there yet. */
export type QuotedRow = Pick<
  PaymentRow,
  | "paymentId"
  | "nodeId"
  | "requestId"
  | "zoneId"
  | "action"
  | "current"
  | "chainId"
  | "token"
  | "contract"
  | "mode"
  | "recipient"
  | "creator"
  | "creatorFeeBps"
  | "amount"
  | "zoneKey"
  | "requestKey"
  | "deadline"
  | "escrowDeadline"
  | "arbiter"
  | "contentKey"
  | "salt"
  | "nonce"
  | "quoteSignature"
  | "quotedBlock"
  | "quotedEpoch"
  | "state"
  | "attempts"
  | "createdAt"
  | "updatedAt"
>;
/** One line of a payment's history. */
export type PaymentHistoryRow = typeof paymentHistory.$inferSelect;

/** A named parameter of a prepared statement. */
export function param(name: string): never {
  return sql.placeholder(name) as never;
}

/** Prepares the statements on payments. */
export function preparePaymentQueries({ db, usage }: Pick<Store, "db" | "usage">) {
  const insert = db
    .insert(payments)
    .values({
      paymentId: param("paymentId"),
      nodeId: param("nodeId"),
      requestId: param("requestId"),
      zoneId: param("zoneId"),
      action: param("action"),
      current: param("current"),
      chainId: param("chainId"),
      token: param("token"),
      contract: param("contract"),
      mode: param("mode"),
      recipient: param("recipient"),
      creator: param("creator"),
      creatorFeeBps: param("creatorFeeBps"),
      amount: param("amount"),
      zoneKey: param("zoneKey"),
      requestKey: param("requestKey"),
      deadline: param("deadline"),
      escrowDeadline: param("escrowDeadline"),
      arbiter: param("arbiter"),
      contentKey: param("contentKey"),
      salt: param("salt"),
      nonce: param("nonce"),
      quoteSignature: param("quoteSignature"),
      quotedBlock: param("quotedBlock"),
      quotedEpoch: param("quotedEpoch"),
      state: param("state"),
      attempts: param("attempts"),
      createdAt: param("createdAt"),
      updatedAt: param("updatedAt"),
    })
    .prepare();
  const byId = db
    .select()
    .from(payments)
    .where(eq(payments.paymentId, param("id")))
    .prepare();
  const byNonce = db
    .select()
    .from(payments)
    .where(eq(payments.nonce, param("nonce")))
    .prepare();
  const current = db
    .select()
    .from(payments)
    .where(
      and(
        eq(payments.zoneId, param("zoneId")),
        eq(payments.nodeId, param("nodeId")),
        eq(payments.requestId, param("requestId")),
        sql`${payments.current} = 1`,
      ),
    )
    .prepare();
  const history = db
    .insert(paymentHistory)
    .values({
      paymentId: param("paymentId"),
      state: param("state"),
      at: param("at"),
      detail: param("detail"),
    })
    .prepare();
  const historyOf = db
    .select()
    .from(paymentHistory)
    .where(eq(paymentHistory.paymentId, param("id")))
    .orderBy(asc(paymentHistory.historyId))
    .prepare();
  const failures = db
    .select({ count: sql<number>`count(*)`, oldest: sql<number | null>`min(${payerFailures.at})` })
    .from(payerFailures)
    .where(
      and(
        eq(payerFailures.chainId, param("chainId")),
        eq(payerFailures.payer, param("payer")),
        gt(payerFailures.at, param("after")),
      ),
    )
    .prepare();

  return {
    /** Writes a quoted payment. */
    insert: (write: Write, row: QuotedRow): void => {
      write.run(insert, { ...row });
      usage.add(write, "quote", row.nodeId, 1, 0);
    },
    /** How many requirements of a node, and of all, nobody has paid. */
    unpaidOf: (nodeId: string): number => usage.of("quote", nodeId).rows,
    unpaidInAll: (): number => usage.total("quote").rows,
    /** Notes that one of them has been. */
    noteTaken: (write: Write, nodeId: string): void => usage.add(write, "quote", nodeId, -1, 0),
    find: (id: string): PaymentRow | undefined => byId.get({ id }),
    findByNonce: (nonce: string): PaymentRow | undefined => byNonce.get({ nonce }),
    /** The latest requirement of a request. */
    findCurrent: ({
      zoneId,
      nodeId,
      requestId,
    }: Pick<PaymentRow, "zoneId" | "nodeId" | "requestId">): PaymentRow | undefined =>
      current.get({ zoneId, nodeId, requestId }),
    addHistory: (
      write: Write,
      paymentId: string,
      state: PaymentState,
      at: number,
      detail?: object,
    ): void => {
      write.run(history, { paymentId, state, at, detail: detail ? JSON.stringify(detail) : null });
    },
    historyOf: (id: string): PaymentHistoryRow[] => historyOf.all({ id }),
    /** On-chain failures of a payer after a time, and when the first of them was. */
    countFailures: (chainId: number, payer: string, after: number) =>
      failures.get({ chainId, payer, after }) ?? { count: 0, oldest: null },
    addFailure: (write: Write, row: typeof payerFailures.$inferInsert): void => {
      write.run(db.insert(payerFailures).values(row).onConflictDoNothing());
    },
    /**
     * Changes a payment that is in one of the states, and says whether it was.
     * @param set must leave `state` and `updatedAt` to the parameters
     */
    compareAndSet: prepareCompareAndSet(db),
    /** Newest first, before a payment id. */
    list: (filter: PaymentFilter): PaymentRow[] => {
      const conditions: SQL[] = [];
      if (filter.after !== undefined) conditions.push(lt(payments.paymentId, filter.after));
      if (filter.zoneId !== undefined) {
        // With a state its index, which has the zone: a zone may have any number of payments.
        const plus = sql.raw(filter.state === undefined ? "" : "+");
        conditions.push(sql`${plus}${payments.zoneId} = ${filter.zoneId}`);
      }
      if (filter.state !== undefined) conditions.push(eq(payments.state, filter.state));
      if (filter.waiting === "operator") conditions.push(WAITING_FOR_OPERATOR);
      return db
        .select()
        .from(payments)
        .where(and(...conditions))
        .orderBy(desc(payments.paymentId))
        .limit(filter.limit)
        .all();
    },
  };
}

/** The prepared statements on payments. */
export type PaymentQueries = ReturnType<typeof preparePaymentQueries>;

/** Which payments to list, newest first. */
export interface PaymentFilter {
  /** The last payment id of the page before. */
  readonly after?: string;
  readonly limit: number;
  readonly zoneId?: string;
  readonly state?: PaymentState;
  /** Only those whose paid request is undelivered or failed, or whose refund by this steward failed. */
  readonly waiting?: "operator";
}

const WAITING_FOR_OPERATOR = sql`${payments.paymentId} in (
  select p.payment_id
  from (select zone_id, node_id, request_id from requests where ${sql.raw(WAITING_REQUESTS)}) r
    join payments p on p.zone_id = r.zone_id and p.node_id = r.node_id
      and p.request_id = r.request_id and p.current = 1
  union all
  select payment_id from refunds where state = 'failed' and ${sql.raw(OPEN_REFUNDS)})`;

type PaymentChange = Partial<Omit<PaymentRow, "paymentId" | "state" | "updatedAt">>;

/** What a change of state is: from where, to where, and what else is written. */
export interface PaymentTransition {
  readonly paymentId: string;
  readonly from: readonly PaymentState[];
  readonly to: PaymentState;
  readonly at: number;
  readonly set?: PaymentChange;
}

function prepareCompareAndSet(db: Store["db"]) {
  const prepare = (names: readonly string[]) =>
    db
      .update(payments)
      .set({
        ...Object.fromEntries(names.map((name) => [name, param(name)])),
        state: param("to"),
        updatedAt: param("at"),
      })
      .where(
        and(
          eq(payments.paymentId, param("id")),
          sql`${payments.state} in (select value from json_each(${param("from")}))`,
        ),
      )
      .prepare();
  const prepared = new Map<string, ReturnType<typeof prepare>>();
  return (write: Write, { paymentId, from, to, at, set = {} }: PaymentTransition): boolean => {
    const names = Object.keys(set).sort();
    const key = names.join();
    const statement = prepared.get(key) ?? prepare(names);
    prepared.set(key, statement);
    return (
      write.run(statement, { ...set, id: paymentId, from: JSON.stringify(from), to, at }).changes >
      0
    );
  };
}
