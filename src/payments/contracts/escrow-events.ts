import { decodeEventLog, encodeEventTopics, type Hex } from "viem";
import { zoneEscrowAbi } from "../../abi/zone-escrow.generated.ts";
import { toEscrowId, toTaskId } from "../../protocol/terms.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { ChainLog } from "../chain/reads.ts";
import type { SettlementFacts } from "../ledger/transitions.ts";
import {
  PAID_TOPICS,
  type SettlementEvent,
  toFacts,
  toSettlementEvents,
} from "./settlement-events.ts";

const abi = zoneEscrowAbi;
type Name = "Deposited" | "Released" | "Refunded" | "Disputed" | "Returned";

function topicOf(eventName: Name): Hex {
  return encodeEventTopics({ abi, eventName })[0] as Hex;
}

const DEPOSITED = topicOf("Deposited");
/** Topics of the events that change an escrow. */
export const ESCROW_TOPICS: readonly Hex[] = [
  DEPOSITED,
  topicOf("Released"),
  topicOf("Refunded"),
  topicOf("Disputed"),
];

/** What one event of the escrow contract says, with where it happened. */
export type EscrowEvent = { readonly escrowId: string; readonly log: ChainLog } & (
  | { readonly kind: "deposited"; readonly nonce: string; readonly payer: string }
  | {
      readonly kind: "released";
      readonly by: string;
      readonly recipientAmount: bigint;
      readonly protocolFee: bigint;
      readonly creatorFee: bigint;
    }
  | { readonly kind: "refunded"; readonly by: string }
  | { readonly kind: "disputed"; readonly deadline: number }
);

/** Reads the events that change escrows of one contract, in their order. */
export function toEscrowEvents(logs: readonly ChainLog[], contract: string): EscrowEvent[] {
  return logs.flatMap((log) => {
    if (log.address !== contract.toLowerCase()) return [];
    if (!ESCROW_TOPICS.includes(log.topics[0] ?? "0x")) return [];
    return [toEvent(log)];
  });
}

function toEvent(log: ChainLog): EscrowEvent {
  const event = decodeEventLog({ abi, data: log.data, topics: log.topics as [Hex, ...Hex[]] });
  switch (event.eventName) {
    case "Deposited": {
      const { escrowId, nonce, depositor } = event.args;
      return { kind: "deposited", escrowId, log, nonce, payer: depositor.toLowerCase() };
    }
    case "Released": {
      const { escrowId, by, recipientAmount, protocolFee, creatorFee } = event.args;
      return { kind: "released", escrowId, log, by, recipientAmount, protocolFee, creatorFee };
    }
    case "Refunded":
      return { kind: "refunded", escrowId: event.args.escrowId, log, by: event.args.by };
    case "Disputed": {
      const { escrowId, deadline } = event.args;
      return { kind: "disputed", escrowId, log, deadline: Number(deadline) };
    }
    default:
      throw new Error(`no event of an escrow: ${event.eventName}`);
  }
}

/**
 * Reads the events on payments of one contract, of either kind: settled, deposited, or a batch's
 * failures.
 * @param contract the payments' own: it need not be the configured one any more
 */
export function toPaymentEvents(logs: readonly ChainLog[], contract: string): SettlementEvent[] {
  const deposits = toEscrowEvents(logs, contract).flatMap((event) => {
    if (event.kind !== "deposited") return [];
    const { nonce, payer, log } = event;
    return [{ kind: "paid" as const, nonce, payer, log }];
  });
  return [...toSettlementEvents(logs, contract), ...deposits];
}

/**
 * Reads what an event says about a payment: of a deposit no fees, they are taken at its release.
 * @throws Error where the event contradicts the committed terms, which the contracts rule out
 */
export function toPaidFacts(log: ChainLog, row: PaymentRow, settledAt: number): SettlementFacts {
  if (row.mode === "direct") return toFacts(log, row, settledAt);
  const { args } = decodeEventLog({
    abi,
    eventName: "Deposited",
    data: log.data,
    topics: log.topics as [Hex, ...Hex[]],
  });
  if (args.amount !== row.amount || args.nonce !== row.nonce) {
    throw new Error(`the event on payment ${row.paymentId} contradicts its terms`);
  }
  return {
    txHash: log.transactionHash,
    blockNumber: log.blockNumber,
    blockHash: log.blockHash,
    settledAt,
  };
}

/** The id of the escrow a payment's payer opens; `docs/protocol.md` §8. */
export function toEscrowIdOf(row: Pick<PaymentRow, "payer" | "requestId">): Hex {
  return toEscrowId((row.payer ?? "0x") as Hex, toTaskId(row.requestId));
}

/** Topics of the event that says that a payment was settled or deposited. */
export function toPaidTopics(row: PaymentRow, payerTopic: Hex): (Hex | readonly Hex[] | null)[] {
  if (row.mode === "direct") return [PAID_TOPICS, row.nonce as Hex, payerTopic];
  return [DEPOSITED, toEscrowIdOf(row), payerTopic];
}

/** Topics of the event that says that a front-run deposit went back to its payer. */
export function toReturnedTopics(row: PaymentRow, payerTopic: Hex): Hex[] {
  return [topicOf("Returned"), row.nonce as Hex, payerTopic];
}
