import { and, asc, desc, eq, gt, gte, inArray, min, notInArray, sql } from "drizzle-orm";
import type { Store, Write } from "../database.ts";
import {
  ESCROW_GOALS,
  type EscrowStatus,
  escrowCursors,
  escrowOps,
  escrows,
  OPEN_ESCROWS,
} from "./escrow-schema.ts";
import { param } from "./payments.ts";
import { payments } from "./schema.ts";

/** An escrow as stored. */
export type EscrowRow = typeof escrows.$inferSelect;
/** A release, refund or dispute to carry, as stored. */
export type EscrowOpRow = typeof escrowOps.$inferSelect;
/** Names an escrow. */
export type EscrowKey = Pick<EscrowRow, "chainId" | "contract" | "escrowId">;

/** Which escrows to list, newest first. */
export interface EscrowFilter {
  /** The last escrow id of the page before. */
  readonly after?: string;
  readonly limit: number;
  readonly zoneId?: string;
  readonly status?: EscrowStatus;
}

type EscrowChange = Partial<Omit<EscrowRow, keyof EscrowKey>>;

/** Statements on escrows; a few per payment, so built on each call. */
export function prepareEscrowQueries({ db }: Pick<Store, "db">) {
  const ofKey = ({ chainId, contract, escrowId }: EscrowKey) =>
    and(
      eq(escrows.chainId, chainId),
      eq(escrows.contract, contract),
      eq(escrows.escrowId, escrowId),
    );
  const nextContract = db
    .select({ contract: min(escrows.contract) })
    .from(escrows)
    .where(
      and(
        eq(escrows.chainId, param("chainId")),
        gt(escrows.contract, param("after")),
        sql.raw(OPEN_ESCROWS),
      ),
    )
    .prepare();
  return {
    find: (key: EscrowKey): EscrowRow | undefined =>
      db.select().from(escrows).where(ofKey(key)).get(),
    findOfPayment: (paymentId: string): EscrowRow | undefined =>
      db.select().from(escrows).where(eq(escrows.paymentId, paymentId)).get(),
    /** The newest escrow of an id that a node asked for; without a node, anybody's. */
    findById: (escrowId: string, nodeId?: string): EscrowRow | undefined =>
      db
        .select()
        .from(escrows)
        .where(
          and(
            eq(escrows.escrowId, escrowId),
            ...(nodeId === undefined ? [] : [eq(escrows.nodeId, nodeId)]),
          ),
        )
        .orderBy(desc(escrows.createdAt))
        .limit(1)
        .get(),
    /** Writes an escrow, over what was there under its id. */
    put: (write: Write, row: typeof escrows.$inferInsert): void => {
      write.run(
        db
          .insert(escrows)
          .values(row)
          .onConflictDoUpdate({
            target: [escrows.chainId, escrows.contract, escrows.escrowId],
            set: row,
          }),
      );
    },
    /** Changes an escrow that is in one of the statuses, and says whether it was. */
    compareAndSet: (
      write: Write,
      key: EscrowKey,
      from: readonly EscrowStatus[],
      set: EscrowChange,
    ): boolean =>
      write.run(
        db
          .update(escrows)
          .set(set)
          .where(and(ofKey(key), inArray(escrows.status, [...from]))),
      ).changes > 0,
    /** Escrows that an event at or after a block changed. */
    listChangedSince: (chainId: number, contract: string, block: number): EscrowRow[] =>
      db
        .select()
        .from(escrows)
        .where(
          and(
            eq(escrows.chainId, chainId),
            eq(escrows.contract, contract),
            gte(escrows.changedBlock, block),
          ),
        )
        .all(),
    list: ({ after, limit, zoneId, status }: EscrowFilter): EscrowRow[] => {
      const last =
        after === undefined
          ? undefined
          : db.select().from(escrows).where(eq(escrows.escrowId, after)).get();
      const conditions = [];
      if (zoneId !== undefined) conditions.push(eq(escrows.zoneId, zoneId));
      if (status !== undefined) conditions.push(eq(escrows.status, status));
      if (last !== undefined) {
        conditions.push(
          sql`(${escrows.createdAt}, ${escrows.escrowId}) < (${last.createdAt}, ${last.escrowId})`,
        );
      }
      return db
        .select()
        .from(escrows)
        .where(and(...conditions))
        .orderBy(desc(escrows.createdAt), desc(escrows.escrowId))
        .limit(limit)
        .all();
    },
    /** The contracts in which a chain's open escrows are held. */
    listOpenContracts: (chainId: number): string[] => {
      const contracts: string[] = [];
      for (let after = ""; ; ) {
        const found = nextContract.get({ chainId, after })?.contract;
        if (found === undefined || found === null) return contracts;
        contracts.push(found);
        after = found;
      }
    },
    /** The block of a chain's oldest accepted escrow quote. */
    findFirstBlock: (chainId: number): number | undefined =>
      db
        .select({ block: min(payments.quotedBlock) })
        .from(payments)
        .where(and(eq(payments.chainId, chainId), eq(payments.mode, "escrow")))
        .get()?.block ?? undefined,
    findCursor: (chainId: number, contract: string): number | undefined =>
      db
        .select()
        .from(escrowCursors)
        .where(and(eq(escrowCursors.chainId, chainId), eq(escrowCursors.contract, contract)))
        .get()?.block,
    putCursor: (write: Write, chainId: number, contract: string, block: number): void => {
      write.run(
        db
          .insert(escrowCursors)
          .values({ chainId, contract, block })
          .onConflictDoUpdate({
            target: [escrowCursors.chainId, escrowCursors.contract],
            set: { block },
          }),
      );
    },
    ...prepareOpQueries(db),
  };
}

const RESOLVED: readonly EscrowRow["status"][] = ["released", "refunded"];

function prepareOpQueries(db: Store["db"]) {
  const opsOf = db
    .select()
    .from(escrowOps)
    .where(
      and(
        eq(escrowOps.chainId, param("chainId")),
        eq(escrowOps.contract, param("contract")),
        eq(escrowOps.escrowId, param("escrowId")),
        inArray(escrowOps.state, ["requested", "submitted", "confirmed"]),
      ),
    )
    .orderBy(asc(escrowOps.opId))
    .prepare();
  return {
    insertOp: (write: Write, row: typeof escrowOps.$inferInsert): number =>
      write.get(db.insert(escrowOps).values(row).returning({ opId: escrowOps.opId })).opId,
    findOp: (opId: number): EscrowOpRow | undefined =>
      db.select().from(escrowOps).where(eq(escrowOps.opId, opId)).get(),
    findOpOfTx: (txId: number): EscrowOpRow | undefined =>
      db.select().from(escrowOps).where(eq(escrowOps.txId, txId)).get(),
    /** What is being done with an escrow, or was done and its status does not show it yet. */
    listPendingOps: ({ chainId, contract, escrowId, status }: EscrowRow): EscrowOpRow[] =>
      opsOf
        .all({ chainId, contract, escrowId })
        .filter(({ state, op }) =>
          state === "confirmed" ? !RESOLVED.includes(status) && status !== ESCROW_GOALS[op] : true,
        ),
    /** The oldest ones that wait to be sent, but for some. */
    listRequestedOps: (chainId: number, held: readonly number[], limit: number): EscrowOpRow[] =>
      db
        .select()
        .from(escrowOps)
        .where(
          and(
            eq(escrowOps.chainId, chainId),
            eq(escrowOps.state, "requested"),
            notInArray(escrowOps.opId, [...held]),
          ),
        )
        .orderBy(asc(escrowOps.opId))
        .limit(limit)
        .all(),
    /** Changes one that is in one of the states, and says whether it was. */
    moveOp: (
      write: Write,
      opId: number,
      from: readonly EscrowOpRow["state"][],
      set: Partial<EscrowOpRow> & { updatedAt: number },
    ): boolean =>
      write.run(
        db
          .update(escrowOps)
          .set(set)
          .where(and(eq(escrowOps.opId, opId), inArray(escrowOps.state, [...from]))),
      ).changes > 0,
  };
}

/** The statements on escrows. */
export type EscrowQueries = ReturnType<typeof prepareEscrowQueries>;
