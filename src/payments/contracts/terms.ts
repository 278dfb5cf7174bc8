import type { Hex } from "viem";
import { type PaymentTerms, SETTLEMENT_MODES } from "../../protocol/terms.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";

/** The committed terms of a stored payment, as the contract takes them. */
export function toTerms(row: PaymentRow): PaymentTerms {
  return {
    chainId: BigInt(row.chainId),
    verifyingContract: row.contract as Hex,
    token: row.token as Hex,
    zoneKey: row.zoneKey as Hex,
    requestKey: row.requestKey as Hex,
    recipient: row.recipient as Hex,
    creator: row.creator as Hex,
    creatorFeeBps: row.creatorFeeBps,
    amount: row.amount,
    mode: SETTLEMENT_MODES[row.mode],
    deadline: BigInt(row.deadline),
    salt: row.salt as Hex,
  };
}
