import { z } from "zod";
import { isSameAddress } from "../../protocol/addresses.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { addressField } from "../../protocol/manifest.ts";
import { toFeeSplit } from "../../protocol/terms.ts";
import type { SettlementReceipt } from "../../wire/zone-replies.ts";
import { AgentError } from "../agent-error.ts";
import type { LedgerEntry } from "./ledger.ts";

const amount = z.string().regex(/^[0-9]{1,78}$/, "expected a decimal amount");

const settlementSchema = z.object({
  tx_hash: z.string().regex(/^0x[0-9a-fA-F]{64}$/, "expected 32 bytes of hex"),
  block_number: z.int().nonnegative(),
  chain_id: z.int().positive(),
  token: addressField,
  amount,
  protocol_fee: amount,
  creator_fee: amount,
  recipient_amount: amount,
  recipient: addressField,
  settled_at: z.int().nonnegative(),
});

/**
 * Parses a settlement receipt and compares it with the authorization it is for: chain, token, amount,
 * recipient and the split of the fees; `docs/protocol.md` §8.
 * @param entry undefined where the agent has no record of the payment: only the form is checked
 * @throws AgentError `receipt_invalid`; its details hold the receipt
 */
export function parseSettlement(
  settlement: JsonObject,
  entry: LedgerEntry | undefined,
): SettlementReceipt {
  const parsed = settlementSchema.safeParse(settlement);
  const receipt = parsed.data;
  if (receipt === undefined || (entry !== undefined && !isReceiptOf(receipt, entry))) {
    throw new AgentError("receipt_invalid", { details: { settlement }, cause: parsed.error });
  }
  return receipt;
}

function isReceiptOf(receipt: SettlementReceipt, entry: LedgerEntry): boolean {
  const split = toFeeSplit(BigInt(entry.amount), entry.creatorFeeBps);
  return (
    receipt.chain_id === entry.chainId &&
    isSameAddress(receipt.token, entry.token) &&
    isSameAddress(receipt.recipient, entry.recipient) &&
    receipt.amount === entry.amount &&
    BigInt(receipt.protocol_fee) === split.protocolFee &&
    BigInt(receipt.creator_fee) === split.creatorFee &&
    BigInt(receipt.recipient_amount) === split.recipientAmount
  );
}
