import { ZERO_ADDRESS } from "../../protocol/addresses.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { EscrowQueries, EscrowRow } from "../../store/payments/escrows.ts";
import type { EscrowState } from "../../wire/zone-replies.ts";

/** An escrow as it travels; amounts are decimal strings; `docs/protocol.md` §8. */
export function toEscrowState(queries: EscrowQueries, row: EscrowRow): EscrowState {
  const [pending] = queries.listPendingOps(row);
  const { protocolFee, creatorFee, recipientAmount, resolvedTx, resolvedAt } = row;
  return {
    escrow_id: row.escrowId,
    task_id: row.taskId,
    request_id: row.requestId,
    ...(row.txHash !== null && { tx_hash: row.txHash }),
    status: row.status,
    deadline: row.deadline,
    chain_id: row.chainId,
    contract: row.contract,
    token: row.token,
    amount: row.amount.toString(),
    depositor: row.depositor,
    recipient: row.recipient,
    ...(row.arbiter !== ZERO_ADDRESS && { arbiter: row.arbiter }),
    ...(pending !== undefined && { pending: pending.op }),
    ...(resolvedTx !== null && { resolved_tx_hash: resolvedTx }),
    ...(resolvedAt !== null && { resolved_at: resolvedAt }),
    ...(protocolFee !== null && { protocol_fee: protocolFee.toString() }),
    ...(creatorFee !== null && { creator_fee: creatorFee.toString() }),
    ...(recipientAmount !== null && { recipient_amount: recipientAmount.toString() }),
  };
}

/** An escrow as the admin API shows it. */
export function toEscrowView(queries: EscrowQueries, row: EscrowRow): JsonObject {
  return {
    ...toEscrowState(queries, row),
    payment_id: row.paymentId,
    node_id: row.nodeId,
    zone_id: row.zoneId,
    resolved_by: row.resolvedBy,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}
