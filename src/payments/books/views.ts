import type { JsonObject } from "../../protocol/json.ts";
import type { HeldShareRow } from "../../store/payments/claims.ts";
import type { PaymentHistoryRow, PaymentRow } from "../../store/payments/payments.ts";
import type { SettlementReceipt } from "../../wire/zone-replies.ts";
import { toEscrowIdOf } from "../contracts/escrow-events.ts";

/** The receipt of a settled payment; undefined while it is not settled; `docs/protocol.md` §8. */
export function findReceiptOf(row: PaymentRow): SettlementReceipt | undefined {
  const { txHash, blockNumber, settledAt, protocolFee, creatorFee, recipientAmount } = row;
  if (txHash === null || blockNumber === null || settledAt === null) return undefined;
  if (protocolFee === null || creatorFee === null || recipientAmount === null) return undefined;
  return {
    tx_hash: txHash,
    block_number: blockNumber,
    chain_id: row.chainId,
    token: row.token,
    amount: row.amount.toString(),
    protocol_fee: protocolFee.toString(),
    creator_fee: creatorFee.toString(),
    recipient_amount: recipientAmount.toString(),
    recipient: row.recipient,
    settled_at: settledAt,
  };
}

/** A payment as the admin API shows it: amounts as strings, no signature. */
export function toPaymentView(row: PaymentRow, history?: readonly PaymentHistoryRow[]): JsonObject {
  const receipt = findReceiptOf(row);
  return {
    id: row.paymentId,
    state: row.state,
    node_id: row.nodeId,
    request_id: row.requestId,
    zone_id: row.zoneId,
    action: row.action,
    chain_id: row.chainId,
    token: row.token,
    contract: row.contract,
    settlement_mode: row.mode,
    recipient: row.recipient,
    creator: row.creator,
    creator_fee_bps: row.creatorFeeBps,
    amount: row.amount.toString(),
    nonce: row.nonce,
    deadline: row.deadline,
    payer: row.payer,
    ...(row.mode === "escrow" && row.payer !== null && { escrow_id: toEscrowIdOf(row) }),
    authorization_type: row.kind,
    attempts: row.attempts,
    failure:
      row.failureReason === null
        ? null
        : { reason: row.failureReason, message: row.failureMessage ?? "" },
    voided_at: row.voidAt,
    settlement: receipt ? { ...receipt } : null,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
    ...(history && { history: history.map(toHistoryView) }),
  };
}

/** A share that the token refused to pay, as the admin API shows it. */
export function toHeldView({
  share,
  owner,
  amount,
  contract,
  claimedBlock,
}: HeldShareRow): JsonObject {
  const claimed = claimedBlock !== null;
  return { share, owner, amount: amount.toString(), contract, claimed };
}

function toHistoryView(row: PaymentHistoryRow): JsonObject {
  const detail = row.detail === null ? undefined : (JSON.parse(row.detail) as JsonObject);
  return { state: row.state, at: row.at, ...(detail && { detail }) };
}
