import type { StewardError } from "../errors.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { ActionPrice, Manifest } from "../protocol/manifest.ts";
import type { Write } from "../store/database.ts";
import type {
  EscrowNewsBody,
  EscrowState,
  PaymentRequired,
  SettlementReceipt,
} from "../wire/zone-replies.ts";

/** A request's name: unique per zone and sender. */
export interface RequestKey {
  readonly zoneId: string;
  readonly nodeId: string;
  readonly requestId: string;
}

/** A priced action somebody asks for. */
export interface PayableAction extends RequestKey {
  readonly action: string;
  /** Canonical JSON of {action, params}, which the terms commit to. */
  readonly content: string;
  readonly manifest: Manifest;
  /** The zone's, of that manifest; matters in replicated zones. */
  readonly epoch?: number;
  readonly price: ActionPrice;
}

/** What a party wants done with an escrow. */
export interface EscrowOrder {
  readonly escrowId: string;
  readonly op: "release" | "refund" | "dispute";
  readonly signature?: string | undefined;
}

/** Who wants a refund, and why. */
export interface RefundRequest {
  readonly paymentId: string;
  readonly requestedBy: string;
  readonly reason?: string;
  /** Another steward began it, and the operator takes the risk that it is paid twice. */
  readonly takesOver?: boolean;
  /** Hash of the transaction that paid it, as the operator says where several may have. */
  readonly paidBy?: string;
  /** Hashes of transactions that paid the same amount to the same payer for something else. */
  readonly notPaidBy?: readonly string[];
}

/** What is recorded of requests' payments; there before anything is taken or sent. */
export interface PaymentRecords {
  /** The request whose requirement an authorization names by its nonce, whatever else of it is wrong. */
  findPaidBy(authorization: unknown): RequestKey | undefined;
  findReceipt(key: RequestKey): SettlementReceipt | undefined;
  findEscrow(key: RequestKey): EscrowState | undefined;
  findPending(key: RequestKey): { readonly state: string; readonly txHash?: string } | undefined;
  /** Notes that the answer is stored. */
  markDelivered(write: Write, key: RequestKey): void;
}

/** What zones need of payments; `src/payments` provides it, `steward.ts` joins the two. */
export interface PaymentPort {
  readonly records: PaymentRecords;
  /** Throws what makes a quote pointless: asset or chain unsupported, chain down, gas low. */
  assertPayable(price: ActionPrice, chainId: number): void;
  /** Returns the requirement of a request, the same one while it is open. */
  quote(write: Write, action: PayableAction): PaymentRequired;
  /** Takes an authorization; throws payment_required, payment_invalid, payment_failed, internal. */
  accept(key: RequestKey, authorization: unknown): Promise<"accepted" | "joined" | "settled">;
  /** Reads an escrow of a node's request; throws invalid_params. */
  getEscrowOf(nodeId: string, escrowId: string): EscrowState;
  /** Finds the zone whose request an escrow of a node pays. */
  findEscrowZone(nodeId: string, escrowId: string): string | undefined;
  /** Carries a party's wish to the chain and waits for it; throws. */
  changeEscrow(nodeId: string, order: EscrowOrder, waitMs: number): Promise<EscrowState>;
}

/** Is called inside the write that changes a payment, so that both become durable or neither. */
export interface PaymentHooks {
  /** An authorization was accepted, for the first time or again after a failed attempt. */
  onAuthorized(write: Write, key: RequestKey): void;
  /** The request is paid, perhaps after an attempt that had failed. */
  onSettled(write: Write, key: RequestKey): void;
  /** This attempt ended in `payment_failed`. */
  onFailed(write: Write, key: RequestKey, error: StewardError): void;
  /** The money went back to the payer; may come in place of `onSettled`. */
  onRefunded(write: Write, key: RequestKey): void;
  /** An escrow changed, by whomever; the body is for the request's sender. */
  onEscrow(write: Write, key: RequestKey, news: EscrowNewsBody): void;
}

/** What giving money back needs of payments, for whoever may; each shows its row as the admin API does. */
export interface RefundPort {
  get(paymentId: string): JsonObject;
  refund(request: RefundRequest): Promise<JsonObject>;
  getEscrow(escrowId: string): JsonObject;
  operateEscrow(order: EscrowOrder, by: string, waitMs: number): Promise<JsonObject>;
}
