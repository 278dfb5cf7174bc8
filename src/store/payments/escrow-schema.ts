import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { amount } from "../columns.ts";

/** The statuses of an escrow; `docs/protocol.md` §8. */
export const ESCROW_STATUSES = [
  "pending_deposit",
  "deposited",
  "released",
  "refunded",
  "disputed",
  "failed",
] as const;

export type EscrowStatus = (typeof ESCROW_STATUSES)[number];

/** What may be done with an escrow; `docs/protocol.md` §8. */
export const ESCROW_OPS = ["release", "refund", "dispute"] as const;

export type EscrowOp = (typeof ESCROW_OPS)[number];

/** The status each of them leads to. */
export const ESCROW_GOALS = {
  release: "released",
  refund: "refunded",
  dispute: "disputed",
} as const satisfies Record<EscrowOp, EscrowStatus>;

/** Escrows that the chain may still change; in the index's own words, or SQLite does not use it. */
export const OPEN_ESCROWS = "status in ('pending_deposit', 'deposited', 'disputed')";

/** One row an escrow that a payment of this steward opened or is to open; `docs/protocol.md` §8. */
export const escrows = sqliteTable(
  "escrows",
  {
    chainId: integer("chain_id").notNull(),
    /** EIP-55, as all addresses here. */
    contract: text("contract").notNull(),
    /** 0x-hex, as all hashes here. */
    escrowId: text("escrow_id").notNull(),
    taskId: text("task_id").notNull(),
    /** The payment whose terms it is held by. */
    paymentId: text("payment_id").notNull(),
    nodeId: text("node_id").notNull(),
    requestId: text("request_id").notNull(),
    zoneId: text("zone_id").notNull(),
    token: text("token").notNull(),
    depositor: text("depositor").notNull(),
    recipient: text("recipient").notNull(),
    /** The zero address where there is none. */
    arbiter: text("arbiter").notNull(),
    amount: amount("amount").notNull(),
    status: text("status", { enum: ESCROW_STATUSES }).notNull(),
    /** Unix seconds; a dispute moves it. */
    deadline: integer("deadline").notNull(),
    /** The deposit's transaction. */
    txHash: text("tx_hash"),
    /** Whose decision ended it, by what transaction, at what block time. */
    resolvedBy: text("resolved_by"),
    resolvedTx: text("resolved_tx"),
    resolvedAt: integer("resolved_at"),
    /** The block of the last event that changed it. */
    changedBlock: integer("changed_block"),
    protocolFee: amount("protocol_fee"),
    creatorFee: amount("creator_fee"),
    recipientAmount: amount("recipient_amount"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.chainId, table.contract, table.escrowId] }),
    index("escrows_payment").on(table.paymentId),
    index("escrows_id").on(table.escrowId, table.createdAt),
    index("escrows_created").on(table.createdAt, table.escrowId),
    index("escrows_zone").on(table.zoneId, table.createdAt, table.escrowId),
    index("escrows_status").on(table.status, table.createdAt, table.escrowId),
    index("escrows_resolved").on(table.resolvedAt, table.escrowId),
    index("escrows_open").on(table.chainId, table.contract).where(sql.raw(OPEN_ESCROWS)),
  ],
);

/** Releases, refunds and disputes the wallet was asked to carry. */
export const escrowOps = sqliteTable(
  "escrow_ops",
  {
    opId: integer("op_id").primaryKey({ autoIncrement: true }),
    chainId: integer("chain_id").notNull(),
    contract: text("contract").notNull(),
    escrowId: text("escrow_id").notNull(),
    op: text("op", { enum: ESCROW_OPS }).notNull(),
    /** A party's EIP-712 signature; null where the wallet acts for itself. */
    signature: text("signature"),
    /** Who signed. */
    party: text("party"),
    requestedBy: text("requested_by").notNull(),
    state: text("state", { enum: ["requested", "submitted", "confirmed", "failed"] }).notNull(),
    txId: integer("tx_id"),
    txHash: text("tx_hash"),
    failure: text("failure"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("escrow_ops_open")
      .on(table.chainId, table.contract, table.escrowId, table.op)
      .where(sql`state in ('requested', 'submitted')`),
    index("escrow_ops_escrow").on(table.chainId, table.contract, table.escrowId),
    index("escrow_ops_state").on(table.chainId, table.state),
    index("escrow_ops_tx").on(table.txId),
  ],
);

/** Up to which block the events of an escrow contract were taken in. */
export const escrowCursors = sqliteTable(
  "escrow_cursors",
  {
    chainId: integer("chain_id").notNull(),
    contract: text("contract").notNull(),
    block: integer("block").notNull(),
  },
  (table) => [primaryKey({ columns: [table.chainId, table.contract] })],
);
