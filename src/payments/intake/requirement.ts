import { randomBytes } from "node:crypto";
import { type Hex, isAddressEqual } from "viem";
import { StewardError } from "../../errors.ts";
import { ZERO_ADDRESS } from "../../protocol/addresses.ts";
import { toHex } from "../../protocol/hex.ts";
import { createId } from "../../protocol/ids.ts";
import type { ActionPrice } from "../../protocol/manifest.ts";
import { type QuoteTerms, toQuoteNonce, toQuoteTerms } from "../../protocol/quote-terms.ts";
import { toSignedJson } from "../../protocol/signed-content.ts";
import { isReplicated } from "../../protocol/steward-set.ts";
import { SETTLEMENT_MODES, toRequestKeyOf } from "../../protocol/terms.ts";
import type { QuotedRow } from "../../store/payments/payments.ts";
import type { PaymentRequired, PaymentRequirement, TermsJson } from "../../wire/zone-replies.ts";
import { keccak } from "../authorization/keccak.ts";
import type { ChainConfig } from "../config.ts";
import type { PayableAction } from "../port.ts";

const encoder = new TextEncoder();

/** What signs quotes. */
export interface QuoteSigner {
  readonly nodeId: string;
  readonly publicKeyHex: string;
  sign(content: Uint8Array): Uint8Array;
}

/** What a requirement is made of beside the request. */
export interface RequirementInput {
  readonly action: PayableAction;
  readonly chain: ChainConfig;
  readonly recipient: Hex;
  readonly deadline: number;
  readonly quotedBlock: number;
  readonly now: number;
  readonly signer: QuoteSigner;
}

/**
 * Refuses prices this steward cannot settle; `docs/protocol.md` §7, §8.
 * @param amountMin in the token's smallest unit
 * @throws StewardError `payment_failed` UNSUPPORTED_ASSET, PRICE_TOO_LOW
 */
export function assertSupported(
  price: ActionPrice,
  chain: ChainConfig | undefined,
  amountMin: bigint,
): asserts chain is ChainConfig {
  if (!chain) throw refuse("The zone's chain is not supported by this steward.");
  if (price.asset !== "USDC") throw refuse("Only USDC is supported.");
  if (price.network !== chain.network) throw refuse("The price names another network.");
  if (price.settlement_mode === "escrow" && chain.escrow === undefined) {
    throw refuse("Escrow is not supported by this steward.");
  }
  if (BigInt(price.amount) < amountMin) {
    throw new StewardError("payment_failed", {
      reason: "PRICE_TOO_LOW",
      message: `The price is ${price.amount}; this steward settles payments from ${amountMin} on.`,
    });
  }
}

function refuse(message: string): StewardError {
  return new StewardError("payment_failed", { reason: "UNSUPPORTED_ASSET", message });
}

/**
 * Creates a payment requirement with a fresh salt, as the row that stores it; `docs/protocol.md` §8.
 * @throws StewardError `payment_failed` where the settlement contract itself would be paid
 */
export function createRequirement(input: RequirementInput): QuotedRow {
  const { action, chain, recipient, deadline, now, signer } = input;
  const { creator_fee_bps: creatorFeeBps } = action.manifest;
  const contract = toContract(input);
  // Once, and not in JavaScript: it may be four million bytes.
  const contentKey = keccak(encoder.encode(action.content));
  const terms = toQuoteTerms({
    zoneId: action.zoneId,
    requestKey: toRequestKeyOf(action.nodeId, action.requestId, contentKey),
    manifest: action.manifest,
    price: action.price,
    contract,
    token: chain.usdc,
    recipient,
    deadline,
    salt: `0x${randomBytes(32).toString("hex")}`,
  });
  const { creator, escrow } = terms;
  assertEscrow(terms);
  if (creatorFeeBps > 0 && [ZERO_ADDRESS, contract].some((a) => isAddressEqual(a, creator))) {
    throw refuse("The zone's creator wallet cannot be paid.");
  }
  const row = {
    paymentId: createId("pay"),
    nodeId: action.nodeId,
    requestId: action.requestId,
    zoneId: action.zoneId,
    action: action.action,
    current: true,
    chainId: chain.chain_id,
    token: chain.usdc,
    contract,
    mode: action.price.settlement_mode,
    recipient,
    creator,
    creatorFeeBps,
    amount: terms.amount,
    zoneKey: terms.zoneKey,
    requestKey: terms.requestKey,
    deadline,
    escrowDeadline: escrow ? Number(escrow.escrowDeadline) : null,
    arbiter: escrow?.arbiter ?? null,
    contentKey: escrow ? contentKey : null,
    salt: terms.salt,
    nonce: toQuoteNonce(terms),
    quotedBlock: input.quotedBlock,
    quotedEpoch: action.epoch ?? null,
    state: "quoted" as const,
    attempts: 0,
    createdAt: now,
    updatedAt: now,
  };
  return { ...row, quoteSignature: signRequirement(row, signer) };
}

/** The contract that is paid. */
function toContract({ action: { price }, chain }: RequirementInput): Hex {
  if (price.settlement_mode === "direct") return chain.settlement;
  if (chain.escrow === undefined) throw refuse("Escrow is not supported by this steward.");
  return chain.escrow;
}

function assertEscrow({ escrow, recipient }: QuoteTerms): void {
  if (escrow === undefined) return;
  if (isAddressEqual(escrow.arbiter, recipient)) {
    throw new StewardError("payment_failed", {
      reason: "PARTY_CONFLICT",
      message: "The recipient of the payment cannot be the escrow's arbiter.",
    });
  }
  if (escrow.escrowDeadline > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw refuse("The escrow would be held for too long.");
  }
}

type Unsigned = Omit<QuotedRow, "quoteSignature">;

function signRequirement(row: Unsigned, signer: QuoteSigner): string {
  return toHex(signer.sign(toSignedJson("atlas-quote-v1", toRequirement(row))));
}

/** The requirement a row stores, as it travels. */
function toRequirement(row: Unsigned): PaymentRequirement {
  return {
    zone_id: row.zoneId,
    action: row.action,
    to: row.contract,
    recipient: row.recipient,
    amount: row.amount.toString(),
    asset: "USDC",
    token: row.token,
    chain_id: row.chainId,
    deadline: row.deadline,
    nonce: row.nonce,
    settlement_mode: row.mode,
    terms: toTermsJson(row),
    authorization_types: ["receive", "transfer"],
  };
}

function toTermsJson(row: Unsigned): TermsJson {
  return {
    chain_id: row.chainId,
    verifying_contract: row.contract,
    token: row.token,
    zone_key: row.zoneKey,
    request_key: row.requestKey,
    recipient: row.recipient,
    creator: row.creator,
    creator_fee_bps: row.creatorFeeBps,
    amount: row.amount.toString(),
    mode: SETTLEMENT_MODES[row.mode],
    deadline: row.deadline,
    salt: row.salt,
    ...(row.escrowDeadline !== null && { escrow_deadline: row.escrowDeadline }),
    ...(row.arbiter !== null && { arbiter: row.arbiter }),
  };
}

/**
 * The answer that quotes a stored requirement. In a replicated zone the steward before this one may have
 * stored it, and who reads it may be at another than its signer; `docs/protocol.md` §9.9.
 */
export function toPaymentRequired(
  row: QuotedRow,
  { manifest }: PayableAction,
  signer: QuoteSigner,
): PaymentRequired {
  const isShared = isReplicated(manifest);
  return {
    type: "zone.payment_required",
    request_id: row.requestId,
    payment_requirement: toRequirement(row),
    steward: signer.nodeId,
    signature: isShared ? signRequirement(row, signer) : row.quoteSignature,
    ...(isShared && { public_key: signer.publicKeyHex }),
  };
}
