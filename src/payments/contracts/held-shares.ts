import { decodeEventLog, encodeEventTopics, getAddress, type Hex } from "viem";
import { zoneSettlementAbi } from "../../abi/zone-settlement.generated.ts";
import type { Write } from "../../store/database.ts";
import type { HeldShare } from "../../store/payments/claim-schema.ts";
import type { NewHeldShare } from "../../store/payments/claims.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainLog } from "../chain/reads.ts";
import type { PaymentContext, SettlementFacts } from "../ledger/transitions.ts";

const abi = zoneSettlementAbi;

/** Topic of the event by which both contracts say that they keep a share: the token refused to pay it. */
export const HELD_TOPIC = encodeEventTopics({ abi, eventName: "ShareHeld" })[0] as Hex;
const CLAIMED_TOPIC = encodeEventTopics({ abi, eventName: "Claimed" })[0] as Hex;

/** A payee whom the token refused to pay within a transaction. */
export interface HeldEvent {
  /** EIP-55. */
  readonly owner: Hex;
  readonly log: ChainLog;
}

/** Reads whom one contract could not pay. */
export function toHeldEvents(logs: readonly ChainLog[], contract: string): HeldEvent[] {
  return logs.flatMap((log) => {
    const [topic, owner] = log.topics;
    if (log.address !== contract.toLowerCase() || topic !== HELD_TOPIC) return [];
    return owner === undefined ? [] : [{ owner: getAddress(`0x${owner.slice(26)}`), log }];
  });
}

/** Reads what one contract paid of what it had kept for an owner; undefined where it paid nothing. */
export function findClaimed(
  logs: readonly ChainLog[],
  contract: string,
  owner: string,
): bigint | undefined {
  for (const { address, topics, data } of logs) {
    if (address !== contract.toLowerCase() || topics[0] !== CLAIMED_TOPIC) continue;
    const event = { abi, data, topics: topics as [Hex, ...Hex[]], eventName: "Claimed" } as const;
    const { args } = decodeEventLog(event);
    if (args.owner === owner) return args.amount;
  }
  return undefined;
}

/** The shares of a payment's amount as they were paid or were to be paid. */
export type Shares = Pick<SettlementFacts, "protocolFee" | "creatorFee" | "recipientAmount">;

/** One payment, what it was split into, and whom its transaction could not pay. */
export interface PaidOut {
  readonly row: PaymentRow;
  readonly shares: Shares;
  readonly events: readonly HeldEvent[];
  readonly treasury: Hex;
}

/**
 * Writes which of a payment's shares the token refused to pay, over what was known, and raises the
 * alarm. A payee gets one transfer for all of a transaction, so the token refused all or none of it.
 */
export function recordHeld(write: Write, deps: PaymentContext, chain: Chain, paid: PaidOut): void {
  const { creator, recipient } = paid.row;
  const { protocolFee = 0n, creatorFee = 0n, recipientAmount = 0n } = paid.shares;
  keep(write, deps, chain, paid, [
    ["protocol_fee", paid.treasury, protocolFee],
    ["creator_fee", creator, creatorFee],
    ["recipient", recipient, recipientAmount],
  ]);
}

/** Writes that the token refused to pay an escrow's payer back, where it did; as `recordHeld`. */
export function recordHeldRefund(
  write: Write,
  deps: PaymentContext,
  chain: Chain,
  paid: Pick<PaidOut, "row" | "events">,
): void {
  const { payer, amount } = paid.row;
  keep(write, deps, chain, paid, [["refund", payer ?? "", amount]]);
}

function keep(
  write: Write,
  deps: PaymentContext,
  chain: Chain,
  { row, events }: Pick<PaidOut, "row" | "events">,
  shares: readonly (readonly [HeldShare, owner: string, amount: bigint])[],
): void {
  const { paymentId, chainId, contract, token } = row;
  const kept = shares.flatMap(([share, owner, amount]): NewHeldShare[] => {
    const event = events.find((one) => one.owner === owner);
    if (event === undefined || amount === 0n) return [];
    const { transactionHash: txHash, blockNumber, logIndex } = event.log;
    const at = { txHash, blockNumber, logIndex, createdAt: deps.now() };
    return [{ paymentId, share, chainId, contract, token, owner, amount, ...at }];
  });
  deps.claims.putHeld(write, paymentId, kept);
  for (const { share, owner, amount } of kept) {
    const text = amount.toString();
    chain.alarm("share-held", { payment_id: paymentId, share, owner, amount: text, contract });
  }
}
