import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gte,
  inArray,
  lt,
  lte,
  max,
  or,
  sql,
} from "drizzle-orm";
import type { Store, Write } from "../database.ts";
import { type PaymentRow, param } from "./payments.ts";
import {
  ENDED_WITH_DATA,
  payments,
  settlementAttempts,
  settlementItems,
  settlementTxs,
  type TxState,
  walletWords,
} from "./schema.ts";

/** A transaction of the steward's key as stored, without its call data. */
export type TxRow = Omit<typeof settlementTxs.$inferSelect, "data">;
/** A transaction as first written. */
export type NewTxRow = typeof settlementTxs.$inferInsert;
/** One signed form of a transaction. */
export type AttemptRow = typeof settlementAttempts.$inferSelect;
/** One payment a transaction carries. */
export interface TxItem {
  readonly position: number;
  readonly payment: PaymentRow;
}

/** Whose transactions are meant. */
export interface TxSender {
  readonly chainId: number;
  readonly sender: string;
}

/** Prepares the statements on transactions. */
export function prepareTxQueries({ db }: Pick<Store, "db">) {
  const ofSender = and(
    eq(settlementTxs.chainId, param("chainId")),
    eq(settlementTxs.sender, param("sender")),
  );
  const { data, ...columns } = getTableColumns(settlementTxs);
  const open = db
    .select(columns)
    .from(settlementTxs)
    .where(and(ofSender, inArray(settlementTxs.state, ["signed", "mined"])))
    .orderBy(asc(settlementTxs.nonce))
    .prepare();
  const due = db
    .select(columns)
    .from(settlementTxs)
    .where(
      and(
        ofSender,
        inArray(settlementTxs.state, ["signed", "mined"]),
        or(
          eq(settlementTxs.state, "signed"),
          sql`${settlementTxs.applied} = 0`,
          lte(settlementTxs.blockNumber, param("block")),
        ),
      ),
    )
    .orderBy(asc(settlementTxs.nonce))
    .prepare();
  const nonces = db
    .select({ nonce: settlementTxs.nonce })
    .from(settlementTxs)
    .where(
      and(
        ofSender,
        inArray(settlementTxs.state, ["signed", "mined"]),
        gte(settlementTxs.nonce, param("from")),
      ),
    )
    .prepare();
  const dataOf = db
    .select({ data })
    .from(settlementTxs)
    .where(eq(settlementTxs.txId, param("id")))
    .prepare();
  const byId = db
    .select(columns)
    .from(settlementTxs)
    .where(eq(settlementTxs.txId, param("id")))
    .prepare();
  const attempts = db
    .select()
    .from(settlementAttempts)
    .where(eq(settlementAttempts.txId, param("id")))
    .orderBy(desc(sql`rowid`))
    .prepare();
  const attemptOf = db
    .select({ txId: settlementAttempts.txId })
    .from(settlementAttempts)
    .where(eq(settlementAttempts.hash, param("hash")))
    .prepare();
  const items = db
    .select({ position: settlementItems.position, payment: payments })
    .from(settlementItems)
    .innerJoin(payments, eq(payments.paymentId, settlementItems.paymentId))
    .where(eq(settlementItems.txId, param("id")))
    .orderBy(asc(settlementItems.position))
    .prepare();
  const outcome = db
    .select({ outcome: settlementItems.outcome })
    .from(settlementItems)
    .where(
      and(
        eq(settlementItems.txId, param("txId")),
        eq(settlementItems.paymentId, param("paymentId")),
      ),
    )
    .prepare();
  const setOutcome = db
    .update(settlementItems)
    .set({ outcome: param("outcome"), reason: param("reason") })
    .where(
      and(eq(settlementItems.txId, param("txId")), eq(settlementItems.position, param("position"))),
    )
    .prepare();

  return {
    /** Writes a transaction and returns its row id. */
    insert: (write: Write, row: NewTxRow): number =>
      write.get(db.insert(settlementTxs).values(row).returning({ txId: settlementTxs.txId })).txId,
    /** The final transaction of a nonce. */
    findFinal: ({ chainId, sender }: TxSender, nonce: number): TxRow | undefined =>
      db
        .select(columns)
        .from(settlementTxs)
        .where(
          and(
            eq(settlementTxs.chainId, chainId),
            eq(settlementTxs.sender, sender),
            eq(settlementTxs.nonce, nonce),
            eq(settlementTxs.state, "final"),
          ),
        )
        .get(),
    addAttempt: (write: Write, row: typeof settlementAttempts.$inferInsert): void => {
      write.run(db.insert(settlementAttempts).values(row));
    },
    find: (id: number): TxRow | undefined => byId.get({ id }),
    /** A transaction's call data, 0x-hex. @throws Error where there is no such transaction */
    getData: (id: number): string => {
      const row = dataOf.get({ id });
      if (!row) throw new Error(`no transaction ${id}`);
      return row.data;
    },
    /** Transactions that are not final, lowest nonce first. */
    listOpen: (sender: TxSender): TxRow[] => open.all({ ...sender }),
    /** Those of them that are not mined, not applied, or mined in a block up to this one. */
    listDue: (sender: TxSender, block: number): TxRow[] => due.all({ ...sender, block }),
    /** Nonces from one on that are signed or mined here. */
    listNonces: (sender: TxSender, from: number): number[] =>
      nonces.all({ ...sender, from }).map(({ nonce }) => nonce),
    /** The highest nonce that was ever signed here; undefined where none was. */
    findLastNonce: ({ chainId, sender }: TxSender): number | undefined =>
      db
        .select({ nonce: max(settlementTxs.nonce) })
        .from(settlementTxs)
        .where(and(eq(settlementTxs.chainId, chainId), eq(settlementTxs.sender, sender)))
        .get()?.nonce ?? undefined,
    /** The operator's word on a wallet: how many of its transactions need not be known. */
    findWalletWord: ({ chainId, sender }: TxSender): number | undefined =>
      db
        .select({ nonce: walletWords.nonce })
        .from(walletWords)
        .where(and(eq(walletWords.chainId, chainId), eq(walletWords.sender, sender)))
        .get()?.nonce,
    putWalletWord: (write: Write, row: typeof walletWords.$inferInsert): void => {
      const target = [walletWords.chainId, walletWords.sender];
      write.run(db.insert(walletWords).values(row).onConflictDoUpdate({ target, set: row }));
    },
    /** The signed forms of a transaction, newest first. */
    listAttempts: (id: number): AttemptRow[] => attempts.all({ id }),
    /** Whether a transaction of this hash was signed here. */
    isOurs: (hash: string): boolean => attemptOf.get({ hash }) !== undefined,
    listItems: (id: number): TxItem[] => items.all({ id }),
    setOutcome: (
      write: Write,
      txId: number,
      position: number,
      outcome: "settled" | "failed",
      reason: string | null,
    ): void => {
      write.run(setOutcome, { txId, position, outcome, reason });
    },
    /** What a transaction did for one payment it carried. */
    findOutcome: (txId: number, paymentId: string): "settled" | "failed" | undefined =>
      outcome.get({ txId, paymentId })?.outcome ?? undefined,
    /**
     * Forgets the bytes of some transactions that ended before a time; hashes stay. Tells whether more
     * are left.
     */
    pruneBytes: (write: Write, before: number, limit: number): boolean => {
      const ended = db
        .select({ txId: settlementTxs.txId })
        .from(settlementTxs)
        .where(and(sql.raw(ENDED_WITH_DATA), lt(settlementTxs.updatedAt, before)))
        .limit(limit)
        .all()
        .map(({ txId }) => txId);
      if (ended.length === 0) return false;
      write.run(
        db.update(settlementTxs).set({ data: "" }).where(inArray(settlementTxs.txId, ended)),
      );
      write.run(
        db
          .update(settlementAttempts)
          .set({ raw: "" })
          .where(inArray(settlementAttempts.txId, ended)),
      );
      return ended.length === limit;
    },
    /** Changes a transaction that is in one of the states, and says whether it was. */
    compareAndSet: (
      write: Write,
      txId: number,
      from: readonly TxState[],
      set: Partial<NewTxRow> & { updatedAt: number },
    ): boolean =>
      write.run(
        db
          .update(settlementTxs)
          .set(set)
          .where(and(eq(settlementTxs.txId, txId), inArray(settlementTxs.state, [...from]))),
      ).changes > 0,
  };
}

/** The prepared statements on transactions. */
export type TxQueries = ReturnType<typeof prepareTxQueries>;
