import { decodeEventLog, encodeEventTopics, type Hex } from "viem";
import { zoneSettlementAbi } from "../../abi/zone-settlement.generated.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { ChainLog } from "../chain/reads.ts";
import type { SettlementFacts } from "../ledger/transitions.ts";

const abi = zoneSettlementAbi;

function topicOf(eventName: "Settled" | "Recovered" | "SettleFailed"): Hex {
  return encodeEventTopics({ abi, eventName })[0] as Hex;
}

/** Topics of the two events that say that a payment was paid out. */
export const PAID_TOPICS: readonly Hex[] = [topicOf("Settled"), topicOf("Recovered")];
const FAILED_TOPIC = topicOf("SettleFailed");

/** What one event of the settlement contract says about a payment. */
export type SettlementEvent =
  | {
      readonly kind: "paid";
      readonly nonce: string;
      readonly payer: string;
      readonly log: ChainLog;
    }
  | {
      readonly kind: "failed";
      readonly nonce: string;
      readonly payer: string;
      readonly position: number;
      readonly reason: Hex;
    };

/** Reads the events on payments that one contract emitted, in their order. */
export function toSettlementEvents(logs: readonly ChainLog[], contract: string): SettlementEvent[] {
  const events: SettlementEvent[] = [];
  for (const log of logs) {
    if (log.address !== contract.toLowerCase()) continue;
    const [topic, first, second] = log.topics;
    if (topic === undefined || first === undefined || second === undefined) continue;
    if (PAID_TOPICS.includes(topic)) {
      events.push({ kind: "paid", nonce: first, payer: toAddress(second), log });
    } else if (topic === FAILED_TOPIC) {
      events.push(toFailed(log));
    }
  }
  return events;
}

function toFailed(log: ChainLog): SettlementEvent {
  const { args } = decodeEventLog({
    abi,
    eventName: "SettleFailed",
    data: log.data,
    topics: log.topics as [Hex, ...Hex[]],
  });
  return {
    kind: "failed",
    nonce: args.nonce,
    payer: args.payer.toLowerCase(),
    position: Number(args.index),
    reason: args.reason,
  };
}

function toAddress(topic: string): string {
  return `0x${topic.slice(26)}`;
}

/** Tells whether an event is about this payment by this payer. */
export function isAbout(event: SettlementEvent, row: PaymentRow): boolean {
  return event.nonce === row.nonce && event.payer === row.payer?.toLowerCase();
}

/**
 * Reads the shares from a Settled or Recovered event.
 * @param settledAt time of the event's block
 * @throws Error where the event contradicts the committed terms, which the contract rules out
 */
export function toFacts(log: ChainLog, row: PaymentRow, settledAt: number): SettlementFacts {
  // One per payment, so not through `decodeEventLog`, which hashes every event of the ABI to find it.
  const [, , amount, protocolFee, creatorFee] = toWords(log.data);
  if (amount !== row.amount || protocolFee === undefined || creatorFee === undefined) {
    throw new Error(`the event on payment ${row.paymentId} contradicts its terms`);
  }
  return {
    txHash: log.transactionHash,
    blockNumber: log.blockNumber,
    blockHash: log.blockHash,
    settledAt,
    protocolFee,
    creatorFee,
    recipientAmount: amount - protocolFee - creatorFee,
  };
}

/** The words of both events' data: recipient, creator, amount, protocol fee, creator's fee. */
function toWords(data: Hex): bigint[] {
  return (data.slice(2).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`));
}
