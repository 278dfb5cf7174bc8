import type { StewardError } from "../errors.ts";
import type { ActionPrice, Manifest } from "../wire/manifest.ts";
import type { EscrowState, PaymentRequired, SettlementReceipt } from "../wire/zone-replies.ts";

/** A request's name: unique per sender. */
export interface RequestKey {
  readonly nodeId: string;
  readonly requestId: string;
}

/** A priced action somebody asks for. */
export interface PayableAction extends RequestKey {
  readonly zoneId: string;
  readonly action: string;
  /** Canonical JSON of {action, params}, which the terms commit to. */
  readonly content: string;
  readonly manifest: Manifest;
  readonly price: ActionPrice;
}

/** What a party wants done with an escrow. */
export interface EscrowOrder {
  readonly escrowId: string;
  readonly op: "release" | "refund" | "dispute";
  readonly signature?: string | undefined;
}

/** What zones need of payments; `src/payments` provides it, `steward.ts` joins the two. */
export interface PaymentPort {
  /** Throws what makes a quote pointless: asset or chain unsupported, chain down, gas low. */
  assertPayable(price: ActionPrice, chainId: number): void;
  /** Returns the requirement of a request, the same one while it is open. Call inside a write. */
  quote(action: PayableAction): PaymentRequired;
  /** Takes an authorization; throws payment_required, payment_invalid, payment_failed, internal. */
  accept(key: RequestKey, authorization: unknown): Promise<"accepted" | "joined" | "settled">;
  findReceipt(key: RequestKey): SettlementReceipt | undefined;
  findEscrow(key: RequestKey): EscrowState | undefined;
  /** Reads an escrow of a node's request; throws invalid_params. */
  getEscrowOf(nodeId: string, escrowId: string): EscrowState;
  /** Carries a party's wish to the chain and waits for it; throws. */
  changeEscrow(nodeId: string, order: EscrowOrder, waitMs: number): Promise<EscrowState>;
  findPending(key: RequestKey): { readonly state: string; readonly txHash?: string } | undefined;
  /** Notes that the answer is stored. Call inside a write. */
  markDelivered(key: RequestKey): void;
}

/** What payments tell zones, inside the transaction of their own change. */
export interface PaymentHooks {
  onAuthorized(key: RequestKey): void;
  onSettled(key: RequestKey): void;
  onFailed(key: RequestKey, error: StewardError): void;
  /** The money went back to the payer; may come in place of `onSettled`. */
  onRefunded(key: RequestKey): void;
}
