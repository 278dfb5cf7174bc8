import type { Hex } from "viem";
import { toAddress, ZERO_ADDRESS } from "./addresses.ts";
import type { ActionPrice, Manifest } from "./manifest.ts";
import {
  type EscrowTerms,
  type PaymentTerms,
  SETTLEMENT_MODES,
  toEscrowTermsNonce,
  toTermsNonce,
  toZoneKey,
} from "./terms.ts";

/** How long an escrow holds where the price does not say; `docs/protocol.md` §8. */
const ESCROW_SECS_DEFAULT = 7 * 86_400;

/** What a quote's terms follow from. */
export interface QuoteTermsInput {
  readonly zoneId: string;
  /** Commits to the request as its sender made it: `toRequestKey`. */
  readonly requestKey: Hex;
  /** The zone's signed manifest, and the action's price in it. */
  readonly manifest: Pick<Manifest, "chain_id" | "creator" | "creator_fee_bps">;
  readonly price: ActionPrice;
  /** The contract that is paid. */
  readonly contract: Hex;
  readonly token: Hex;
  /** Who is paid. */
  readonly recipient: string;
  /** Unix seconds. */
  readonly deadline: number;
  readonly salt: Hex;
}

/** The terms of a quote; what an escrow adds to them only where the price asks for one. */
export interface QuoteTerms extends PaymentTerms {
  readonly escrow: Pick<EscrowTerms, "escrowDeadline" | "arbiter"> | undefined;
}

/**
 * Builds the terms that follow from a request and the zone's manifest; the steward adds recipient, deadline
 * and salt, and the payer's agent computes the same from its own knowledge; `docs/protocol.md` §8.
 */
export function toQuoteTerms(input: QuoteTermsInput): QuoteTerms {
  const { manifest, price, deadline } = input;
  return {
    chainId: BigInt(manifest.chain_id),
    verifyingContract: input.contract,
    token: input.token,
    zoneKey: toZoneKey(input.zoneId),
    requestKey: input.requestKey,
    recipient: toAddress(input.recipient),
    creator: toAddress(manifest.creator.wallet ?? ZERO_ADDRESS),
    creatorFeeBps: manifest.creator_fee_bps,
    amount: BigInt(price.amount),
    mode: SETTLEMENT_MODES[price.settlement_mode],
    deadline: BigInt(deadline),
    salt: input.salt,
    escrow: price.settlement_mode === "escrow" ? toEscrowPart(price, deadline) : undefined,
  };
}

function toEscrowPart(price: ActionPrice, deadline: number): QuoteTerms["escrow"] {
  return {
    escrowDeadline: BigInt(deadline + (price.escrow_secs ?? ESCROW_SECS_DEFAULT)),
    arbiter: toAddress(price.arbiter ?? ZERO_ADDRESS),
  };
}

/** Computes the EIP-3009 nonce that commits to a quote's terms; `docs/protocol.md` §8. */
export function toQuoteNonce({ escrow, ...terms }: QuoteTerms): Hex {
  return escrow === undefined ? toTermsNonce(terms) : toEscrowTermsNonce({ ...terms, ...escrow });
}
