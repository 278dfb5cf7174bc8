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

/** The shares of a payment that a token may refuse to pay; `refund` is an escrow's, to its payer. */
export const HELD_SHARES = ["protocol_fee", "creator_fee", "recipient", "refund"] as const;

export type HeldShare = (typeof HELD_SHARES)[number];

/** Shares that their contract still keeps; in the index's own words, or SQLite does not use it. */
export const UNCLAIMED = "claimed_block is null";

/** One row a share that the token refused to pay and the contract kept for its owner. */
export const heldShares = sqliteTable(
  "held_shares",
  {
    paymentId: text("payment_id").notNull(),
    share: text("share", { enum: HELD_SHARES }).notNull(),
    chainId: integer("chain_id").notNull(),
    /** EIP-55, as all addresses here. */
    contract: text("contract").notNull(),
    token: text("token").notNull(),
    owner: text("owner").notNull(),
    amount: amount("amount").notNull(),
    /** The transaction that was to pay it. */
    txHash: text("tx_hash").notNull(),
    blockNumber: integer("block_number").notNull(),
    logIndex: integer("log_index").notNull(),
    /** The block at which the contract was seen not to keep it any more. */
    claimedBlock: integer("claimed_block"),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.paymentId, table.share] }),
    index("held_shares_tx").on(table.txHash),
    index("held_shares_unclaimed")
      .on(table.chainId, table.contract, table.owner, table.token)
      .where(sql.raw(UNCLAIMED)),
    index("held_shares_claimed").on(table.chainId, table.claimedBlock),
  ],
);

/** States of a claim; `failed` only where the chain showed that nothing was paid. */
export const CLAIM_STATES = ["requested", "submitted", "confirmed", "failed"] as const;

/** Kept shares that the wallet was asked to have paid to their owner. */
export const claims = sqliteTable(
  "claims",
  {
    claimId: integer("claim_id").primaryKey({ autoIncrement: true }),
    chainId: integer("chain_id").notNull(),
    contract: text("contract").notNull(),
    token: text("token").notNull(),
    owner: text("owner").notNull(),
    state: text("state", { enum: CLAIM_STATES }).notNull(),
    requestedBy: text("requested_by").notNull(),
    /** What the contract paid; null before that. */
    amount: amount("amount"),
    failure: text("failure"),
    txId: integer("tx_id"),
    txHash: text("tx_hash"),
    blockNumber: integer("block_number"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("claims_open")
      .on(table.chainId, table.contract, table.owner)
      .where(sql`state in ('requested', 'submitted')`),
    index("claims_owner").on(table.chainId, table.contract, table.owner),
    index("claims_state").on(table.chainId, table.state),
    index("claims_tx").on(table.txId),
  ],
);
