import { z } from "zod";

/** Smallest units, or wei; never a number. */
const units = z.string().regex(/^[0-9]+$/);
const text = z.string();
const maybe = z.string().nullable();

/** A settled payment's facts; `docs/protocol.md` §8. */
const receiptBody = z.object({
  tx_hash: text,
  block_number: z.int(),
  chain_id: z.int(),
  token: text,
  amount: units,
  protocol_fee: units,
  creator_fee: units,
  recipient_amount: units,
  recipient: text,
  settled_at: z.int(),
});

/** A refund, of a payment that has one. */
export const refundBody = z.object({
  state: text,
  to: text,
  amount: units,
  requested_by: text,
  reason: maybe,
  failure: maybe,
  tx_hash: maybe,
  block_number: z.int().nullable(),
  steward: text.optional().describe("Who pays it, where it is another steward of the zone"),
  created_at: z.int(),
  updated_at: z.int(),
});

const heldBody = z.object({
  share: text,
  owner: text,
  amount: units,
  contract: text,
  claimed: z.boolean(),
});

/** A payment, and the state of its request beside it. */
export const paymentBody = z.object({
  id: text,
  state: text,
  node_id: text,
  request_id: text,
  zone_id: text,
  action: text,
  chain_id: z.int(),
  token: text,
  contract: text,
  settlement_mode: z.enum(["direct", "escrow"]),
  recipient: text,
  creator: maybe,
  creator_fee_bps: z.int(),
  amount: units,
  nonce: text,
  deadline: z.int(),
  payer: maybe,
  escrow_id: text.optional(),
  authorization_type: maybe,
  attempts: z.int(),
  failure: z.object({ reason: text, message: text }).nullable(),
  voided_at: z.int().nullable(),
  settlement: receiptBody.nullable(),
  created_at: z.int(),
  updated_at: z.int(),
  held: z.array(heldBody),
  request: z
    .object({
      state: text,
      failure: z.looseObject({}).nullable(),
      updated_at: z.int(),
    })
    .nullable(),
  waiting: z.literal("operator").optional(),
  hint: text.optional(),
});

/** One payment, with its history and refund. */
export const shownPaymentBody = paymentBody.extend({
  history: z.array(z.object({ state: text, at: z.int(), detail: z.looseObject({}).optional() })),
  refund: refundBody.nullable(),
});

/** An escrow. */
export const escrowBody = z.object({
  escrow_id: text,
  task_id: text,
  request_id: text,
  tx_hash: text.optional(),
  status: text,
  deadline: z.int(),
  chain_id: z.int(),
  contract: text,
  token: text,
  amount: units,
  depositor: text,
  recipient: text,
  arbiter: text.optional(),
  pending: text.optional(),
  resolved_tx_hash: text.optional(),
  resolved_at: z.int().optional(),
  protocol_fee: units.optional(),
  creator_fee: units.optional(),
  recipient_amount: units.optional(),
  payment_id: text,
  node_id: text,
  zone_id: text,
  resolved_by: maybe,
  created_at: z.int(),
  updated_at: z.int(),
});

/** What was settled of a zone on a day. */
export const accountBody = z.object({
  day: text,
  zone_id: text,
  chain_id: z.int(),
  token: text,
  payments: z.int(),
  gross: units,
  protocol_fee: units,
  creator_fee: units,
  net: units,
  held: units,
  refunded: units,
  gas_wei: units,
});

/** The books of a chain against the chain. */
export const auditedChainBody = z.object({
  chain_id: z.int(),
  from_block: z.int(),
  to_block: z.int(),
  checked: z.int(),
  pending: z.int(),
  settled: units,
  differences: z.array(z.object({ payment_id: text, state: text, problem: text })),
});

/** A claim of shares that the token refused. */
export const claimBody = z.object({
  id: z.int(),
  chain_id: z.int(),
  contract: text,
  token: text,
  payee: text,
  state: text,
  amount: units.nullable(),
  requested_by: text,
  failure: maybe,
  tx_hash: maybe,
  block_number: z.int().nullable(),
  created_at: z.int(),
  updated_at: z.int(),
});

/** What a contract keeps for an owner, as the chain says now. */
export const claimableBody = z.object({
  chain_id: z.int(),
  contract: text,
  token: text,
  payee: text,
  amount: units.nullable(),
  claimable: z.boolean(),
  reason: text.optional(),
  message: text.optional(),
  claim: claimBody.nullable(),
});
