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

/** The states of a payment; the diagram is in `src/payments/README.md`. */
export const PAYMENT_STATES = [
  "quoted",
  "authorized",
  "submitting",
  "submitted",
  "confirmed",
  "delivered",
  "expired",
  "rejected",
  "failed",
  "refunded",
] as const;

export type PaymentState = (typeof PAYMENT_STATES)[number];

/** Ended attempts that could still execute; in the index's own words, or SQLite does not use it. */
export const ENDED_UNVOIDED = "state in ('rejected', 'failed') and void_at is null";

/** Requirements that nobody has paid; in the index's own words, too. */
export const UNPAID = "state in ('quoted', 'expired')";
/**
 * Requirements of a replicated zone's earlier epoch that the chain was not asked about: what was accepted for them
 * may have been lost; `docs/protocol.md` §9.9. The first part is false at once where no zone is replicated.
 */
export const UNSEEN = `exists (select 1 from replicated_zones) and payments.state = 'quoted'
  and payments.void_at is null and exists (select 1 from replicated_zones r
    join zones z on z.zone_id = r.zone_id
    where r.zone_id = payments.zone_id and payments.quoted_epoch is not z.epoch)`;
/** How long after its deadline one of them is kept where it was not looked for on the chain, seconds. */
export const UNSEEN_KEPT_SECS = 30 * 86_400;
/** Payments that never left the steward and never can any more; in the index's own words, too. */
export const NEVER_SENT = "state = 'rejected' and attempts = 0 and void_at is not null";

/** Payments whose settlement paid everybody; in the index's own words, too. */
export const SETTLED_DIRECTLY = "mode = 'direct' and settled_at is not null";

/** One row a payment requirement, and everything that became of it; `docs/protocol.md` §8. */
export const payments = sqliteTable(
  "payments",
  {
    paymentId: text("payment_id").primaryKey(),
    nodeId: text("node_id").notNull(),
    requestId: text("request_id").notNull(),
    zoneId: text("zone_id").notNull(),
    action: text("action").notNull(),
    /** Set while this is the latest requirement of its request. */
    current: integer("current", { mode: "boolean" }).notNull(),
    chainId: integer("chain_id").notNull(),
    /** EIP-55, as all addresses here. */
    token: text("token").notNull(),
    /** The contract the authorization pays to. */
    contract: text("contract").notNull(),
    mode: text("mode", { enum: ["direct", "escrow"] }).notNull(),
    recipient: text("recipient").notNull(),
    creator: text("creator").notNull(),
    creatorFeeBps: integer("creator_fee_bps").notNull(),
    amount: amount("amount").notNull(),
    /** 0x-hex, as all hashes here. */
    zoneKey: text("zone_key").notNull(),
    requestKey: text("request_key").notNull(),
    deadline: integer("deadline").notNull(),
    /** Beside the terms of every payment, what an escrow commits to; null in direct mode. */
    escrowDeadline: integer("escrow_deadline"),
    arbiter: text("arbiter"),
    contentKey: text("content_key"),
    salt: text("salt").notNull(),
    nonce: text("nonce").notNull().unique(),
    /** The node key's signature over the requirement, hex. */
    quoteSignature: text("quote_signature").notNull(),
    /** Head of the chain at the quote: no settlement of it is older. */
    quotedBlock: integer("quoted_block").notNull(),
    /** The zone's epoch in which this steward quoted it, not in its record; null where another one did. */
    quotedEpoch: integer("quoted_epoch"),
    state: text("state", { enum: PAYMENT_STATES }).notNull(),
    payer: text("payer"),
    kind: text("kind", { enum: ["receive", "transfer"] }),
    /** Decimal: a uint256. */
    validAfter: amount("valid_after"),
    /** v, r, s as 65 bytes of a key, or whatever a smart account's signature is. */
    signature: text("signature"),
    /** Whether the signature is passed on as bytes, for a payer with code. */
    byContract: integer("by_contract", { mode: "boolean" }),
    /** The transaction that carries or carried it. */
    txId: integer("tx_id"),
    /** On-chain attempts so far. */
    attempts: integer("attempts").notNull(),
    /** When the chain showed that the authorization can never execute any more. */
    voidAt: integer("void_at"),
    failureReason: text("failure_reason"),
    failureMessage: text("failure_message"),
    txHash: text("tx_hash"),
    blockNumber: integer("block_number"),
    blockHash: text("block_hash"),
    settledAt: integer("settled_at"),
    protocolFee: amount("protocol_fee"),
    creatorFee: amount("creator_fee"),
    recipientAmount: amount("recipient_amount"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("payments_current")
      .on(table.zoneId, table.nodeId, table.requestId)
      .where(sql`current = 1`),
    // Requirements that nobody has paid are left out: their entries would be written twice.
    uniqueIndex("payments_authorization")
      .on(table.chainId, table.token, table.payer, table.nonce)
      .where(sql`payer is not null`),
    index("payments_state").on(table.chainId, table.state),
    index("payments_request").on(table.zoneId, table.nodeId, table.requestId),
    index("payments_zone").on(table.zoneId, table.paymentId),
    // The zone is there for lists of both: it is read without the row.
    index("payments_listed").on(table.state, table.paymentId, table.zoneId),
    index("payments_settled").on(table.settledAt, table.paymentId).where(sql.raw(SETTLED_DIRECTLY)),
    index("payments_ended").on(table.chainId, table.deadline).where(sql.raw(ENDED_UNVOIDED)),
    index("payments_unpaid").on(table.deadline).where(sql.raw(UNPAID)),
    index("payments_never_sent").on(table.voidAt).where(sql.raw(NEVER_SENT)),
  ],
);

/** Every change of a payment's state. */
export const paymentHistory = sqliteTable(
  "payment_history",
  {
    historyId: integer("history_id").primaryKey({ autoIncrement: true }),
    paymentId: text("payment_id").notNull(),
    state: text("state", { enum: PAYMENT_STATES }).notNull(),
    at: integer("at").notNull(),
    /** JSON object; never holds a signature. */
    detail: text("detail"),
  },
  (table) => [index("payment_history_payment").on(table.paymentId)],
);

/** What became of a transaction of the steward's key. */
export const TX_STATES = ["signed", "mined", "final", "lost"] as const;
export type TxState = (typeof TX_STATES)[number];

/** What a transaction of the steward's key does. */
export const TX_KINDS = [
  "settle",
  "recover",
  "fill",
  "refund",
  "register",
  "deposit",
  "escrow",
  "claim",
] as const;
export type TxKind = (typeof TX_KINDS)[number];

/** Transactions that are not final; in the index's own words, too. */
export const UNFINISHED_TXS = "state <> 'final'";

/** Transactions that nothing can change any more and whose bytes are still kept. */
export const ENDED_WITH_DATA = "state in ('final', 'lost') and data <> ''";

/** One row a nonce of the steward's key, written before anything with it is broadcast. */
export const settlementTxs = sqliteTable(
  "settlement_txs",
  {
    txId: integer("tx_id").primaryKey({ autoIncrement: true }),
    chainId: integer("chain_id").notNull(),
    sender: text("sender").notNull(),
    nonce: integer("nonce").notNull(),
    kind: text("kind", { enum: TX_KINDS }).notNull(),
    state: text("state", { enum: TX_STATES }).notNull(),
    to: text("to").notNull(),
    /** Call data, 0x-hex; empty some time after its end. */
    data: text("data").notNull(),
    gasLimit: integer("gas_limit").notNull(),
    /** The hash that was mined. */
    minedHash: text("mined_hash"),
    blockNumber: integer("block_number"),
    blockHash: text("block_hash"),
    succeeded: integer("succeeded", { mode: "boolean" }),
    gasUsed: integer("gas_used"),
    /** Wei: gas used times the effective price. */
    gasCost: amount("gas_cost"),
    /** When a node last took it. */
    sentAt: integer("sent_at"),
    /** Whether the payments were told the outcome. */
    applied: integer("applied", { mode: "boolean" }).notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("settlement_txs_nonce")
      .on(table.chainId, table.sender, table.nonce)
      .where(sql`state <> 'lost'`),
    index("settlement_txs_state").on(table.chainId, table.sender, table.state),
    index("settlement_txs_unfinished")
      .on(table.chainId, table.state)
      .where(sql.raw(UNFINISHED_TXS)),
    index("settlement_txs_mined").on(table.minedHash).where(sql`mined_hash is not null`),
    index("settlement_txs_bulk").on(table.updatedAt).where(sql.raw(ENDED_WITH_DATA)),
  ],
);

/** The operator's word that up to so many of a wallet's transactions on chain need not be known here. */
export const walletWords = sqliteTable(
  "wallet_words",
  {
    chainId: integer("chain_id").notNull(),
    sender: text("sender").notNull(),
    /** How many there were. */
    nonce: integer("nonce").notNull(),
    /** Id of the token. */
    givenBy: text("given_by").notNull(),
    at: integer("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.chainId, table.sender] })],
);

/** Every signed form of a nonce: the first one and its fee bumps. */
export const settlementAttempts = sqliteTable(
  "settlement_attempts",
  {
    hash: text("hash").primaryKey(),
    txId: integer("tx_id").notNull(),
    /** The signed bytes, 0x-hex; empty some time after its transaction's end. */
    raw: text("raw").notNull(),
    /** Wei. */
    maxFee: amount("max_fee").notNull(),
    priorityFee: amount("priority_fee").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [index("settlement_attempts_tx").on(table.txId)],
);

/** Which payments a transaction carries, and what it did for each. */
export const settlementItems = sqliteTable(
  "settlement_items",
  {
    txId: integer("tx_id").notNull(),
    position: integer("position").notNull(),
    paymentId: text("payment_id").notNull(),
    outcome: text("outcome", { enum: ["settled", "failed"] }),
    /** Revert data of a failed item, 0x-hex. */
    reason: text("reason"),
  },
  (table) => [
    primaryKey({ columns: [table.txId, table.position] }),
    index("settlement_items_payment").on(table.paymentId),
  ],
);

/** On-chain failures of payers, for the cooldown; `docs/protocol.md` §8. */
export const payerFailures = sqliteTable(
  "payer_failures",
  {
    chainId: integer("chain_id").notNull(),
    payer: text("payer").notNull(),
    paymentId: text("payment_id").notNull(),
    at: integer("at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.chainId, table.payer, table.paymentId, table.at] }),
    index("payer_failures_at").on(table.at),
  ],
);

/** States of a refund; `failed` only where the chain showed that nothing was paid. */
export const REFUND_STATES = ["requested", "submitted", "confirmed", "failed"] as const;

/** Refunds that are still owed here, failed ones of another steward left out; in the index's own words, too. */
export const OPEN_REFUNDS = "state <> 'confirmed' and (state <> 'failed' or steward is null)";

/** Money the operator gives back, at most once a payment. */
export const refunds = sqliteTable(
  "refunds",
  {
    paymentId: text("payment_id").primaryKey(),
    chainId: integer("chain_id").notNull(),
    token: text("token").notNull(),
    /** The payer. */
    to: text("to").notNull(),
    amount: amount("amount").notNull(),
    state: text("state", { enum: REFUND_STATES }).notNull(),
    /** Who asked for it, and why. */
    requestedBy: text("requested_by").notNull(),
    reason: text("reason"),
    /** Why it failed, where it did. */
    failure: text("failure"),
    txId: integer("tx_id"),
    txHash: text("tx_hash"),
    blockNumber: integer("block_number"),
    /** Node id of the steward whose wallet pays it; null: this one's. */
    steward: text("steward"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    index("refunds_state").on(table.chainId, table.state),
    index("refunds_tx").on(table.txId),
    index("refunds_open").on(table.state, table.paymentId).where(sql.raw(OPEN_REFUNDS)),
  ],
);

/** What the registry on chain is to say about a zone; for information only. */
export const zoneRegistrations = sqliteTable(
  "zone_registrations",
  {
    chainId: integer("chain_id").notNull(),
    zoneId: text("zone_id").notNull(),
    creator: text("creator").notNull(),
    creatorFeeBps: integer("creator_fee_bps").notNull(),
    epoch: integer("epoch").notNull(),
    /** 0x-hex sha256 of the envelope's signed bytes. */
    envelopeHash: text("envelope_hash").notNull(),
    state: text("state", { enum: ["wanted", "submitted", "registered", "refused"] }).notNull(),
    txId: integer("tx_id"),
    txHash: text("tx_hash"),
    detail: text("detail"),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.chainId, table.zoneId] }),
    index("zone_registrations_state").on(table.chainId, table.state),
    index("zone_registrations_tx").on(table.txId),
  ],
);
