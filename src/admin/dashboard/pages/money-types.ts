import type { Tone } from "../frame/parts.ts";

/** A transaction of the wallet that pays a payment back. */
export interface Refund {
  readonly state: string;
  readonly to: string;
  readonly amount: string;
  readonly requested_by: string;
  readonly reason: string | null;
  readonly failure: string | null;
  readonly tx_hash: string | null;
  readonly steward?: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** A payment as `/v1/payments` answers. */
export interface Payment {
  readonly id: string;
  readonly state: string;
  readonly node_id: string;
  readonly request_id: string;
  readonly zone_id: string;
  readonly action: string;
  readonly chain_id: number;
  readonly token: string;
  readonly contract: string;
  readonly settlement_mode: "direct" | "escrow";
  readonly recipient: string;
  readonly creator: string | null;
  readonly amount: string;
  readonly nonce: string;
  readonly deadline: number;
  readonly payer: string | null;
  readonly escrow_id?: string;
  readonly attempts: number;
  readonly failure: { readonly reason: string; readonly message: string } | null;
  readonly voided_at: number | null;
  readonly settlement: {
    readonly tx_hash: string;
    readonly block_number: number;
    readonly protocol_fee: string;
    readonly creator_fee: string;
    readonly recipient_amount: string;
    readonly settled_at: number;
  } | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly held: readonly {
    readonly share: string;
    readonly owner: string;
    readonly amount: string;
    readonly claimed: boolean;
  }[];
  readonly request: {
    readonly state: string;
    readonly failure: Readonly<Record<string, unknown>> | null;
  } | null;
  readonly waiting?: "operator";
  readonly hint?: string;
}

/** A step of a payment's history. */
export interface Step {
  readonly state: string;
  readonly at: number;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** One payment, with its history. */
export interface ShownPayment extends Payment {
  readonly history: readonly Step[];
  readonly refund: Refund | null;
}

/** An escrow as `/v1/escrows` answers. */
export interface Escrow {
  readonly escrow_id: string;
  readonly request_id: string;
  readonly tx_hash?: string;
  readonly status: string;
  readonly deadline: number;
  readonly chain_id: number;
  readonly contract: string;
  readonly token: string;
  readonly amount: string;
  readonly depositor: string;
  readonly recipient: string;
  readonly arbiter?: string;
  readonly pending?: string;
  readonly resolved_tx_hash?: string;
  readonly resolved_at?: number;
  readonly protocol_fee?: string;
  readonly creator_fee?: string;
  readonly recipient_amount?: string;
  readonly payment_id: string;
  readonly node_id: string;
  readonly zone_id: string;
  readonly resolved_by: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

/** The states on the way to a delivery, in their order. */
export const PAYMENT_WAY = [
  "quoted",
  "authorized",
  "submitting",
  "submitted",
  "confirmed",
  "delivered",
] as const;

/** What a state means, and what comes next. */
export const PAYMENT_MEANINGS: Readonly<Record<string, { tone: Tone; text: string }>> = {
  quoted: { tone: "idle", text: "The price was told; the payer has signed nothing yet." },
  authorized: {
    tone: "warn",
    text: "The payer's authorization is accepted and joins the next batch.",
  },
  submitting: { tone: "warn", text: "Its transaction is signed and is being handed to a node." },
  submitted: { tone: "warn", text: "A node has its transaction; the chain has yet to confirm it." },
  confirmed: {
    tone: "good",
    text: "The chain has settled it; the action runs, or its result is on its way.",
  },
  delivered: { tone: "good", text: "The result was delivered. Nothing is to be done." },
  expired: { tone: "idle", text: "Nobody paid before the deadline. No money moved." },
  rejected: {
    tone: "bad",
    text: "The chain would refuse it, so it was not sent. No money moved; it is watched until it can never execute.",
  },
  failed: {
    tone: "bad",
    text: "It was sent and did not settle. No money moved; it is watched until it can never execute.",
  },
  refunded: { tone: "idle", text: "The amount was paid back to the payer." },
};

/** How an escrow's status looks, and what it means. */
export const ESCROW_MEANINGS: Readonly<Record<string, { tone: Tone; text: string }>> = {
  pending_deposit: { tone: "warn", text: "The deposit is on its way to the chain." },
  deposited: {
    tone: "good",
    text: "The contract holds the amount: the depositor releases it, or the deadline gives it back.",
  },
  disputed: { tone: "bad", text: "Its arbiter decides, by a release or a refund." },
  released: { tone: "good", text: "It was paid out to the recipient." },
  refunded: { tone: "idle", text: "It went back to the depositor." },
  failed: { tone: "bad", text: "The deposit did not happen. No money moved." },
};
