import type { EscrowOrder, RefundPort, RefundRequest, RequestKey } from "../payments/port.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { RequestDeps } from "./deps.ts";
import { endForRefund, holdForRefund } from "./operator-requests.ts";

/** Names the request of a payment or an escrow as payments show them. */
export function toRequestKey(view: JsonObject): RequestKey {
  const [zoneId, nodeId] = [String(view.zone_id), String(view.node_id)];
  return { zoneId, nodeId, requestId: String(view.request_id) };
}

/**
 * Gives a settled payment back. Its request ends in the very turn that records the refund, and cannot
 * run until then; `docs/protocol.md` §8.
 * @throws StewardError `not_found`, `conflict` also while the request runs, `internal` CHAIN_UNAVAILABLE
 */
export async function refundPayment(
  deps: RequestDeps,
  payments: RefundPort,
  request: RefundRequest,
): Promise<JsonObject> {
  const key = toRequestKey(payments.get(request.paymentId));
  const release = holdForRefund(deps, key);
  try {
    const refund = await payments.refund(request);
    deps.store.write((write) => endForRefund(write, deps, key));
    return refund;
  } finally {
    release();
  }
}

/** An operator's wish for an escrow. */
export interface EscrowOperation {
  readonly order: EscrowOrder;
  /** The id of the token that asked. */
  readonly by: string;
  /** How long to wait for the chain. */
  readonly waitMs: number;
}

/**
 * Changes an escrow as an operator asks. Until its refund is recorded, and refused or carried out, what
 * an escrow paid is not run again.
 * @throws StewardError `not_found`, `conflict`, `payment_invalid`, `internal` CHAIN_UNAVAILABLE
 */
export async function operateEscrow(
  { runner }: RequestDeps,
  payments: RefundPort,
  { order, by, waitMs }: EscrowOperation,
): Promise<JsonObject> {
  const key = toRequestKey(payments.getEscrow(order.escrowId));
  const release = order.op === "refund" ? runner.refunds.hold(key) : undefined;
  try {
    return await payments.operateEscrow(order, by, waitMs);
  } finally {
    release?.();
  }
}
