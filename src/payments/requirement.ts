import { randomBytes } from "node:crypto";
import { type Hex, isAddressEqual } from "viem";
import { StewardError } from "../errors.ts";
import type { PaymentRow, QuotedRow } from "../store/payment-queries.ts";
import { createId } from "../wire/ids.ts";
import type { ActionPrice, Manifest } from "../wire/manifest.ts";
import { toHex } from "../wire/public-key.ts";
import { toSignedJson } from "../wire/signed-content.ts";
import {
  type EscrowTerms,
  type PaymentTerms,
  SETTLEMENT_MODES,
  toEscrowTermsNonce,
  toRequestKeyOf,
  toTermsNonce,
  toZoneKey,
} from "../wire/terms.ts";
import type { PaymentRequired, PaymentRequirement, TermsJson } from "../wire/zone-replies.ts";
import { toAddress, ZERO_ADDRESS } from "./addresses.ts";
import type { ChainConfig } from "./config.ts";
import { keccak } from "./keccak.ts";

const encoder = new TextEncoder();

/** How long an escrow holds where the price does not say; `docs/protocol.md` §8. */
const ESCROW_SECS_DEFAULT = 7 * 86_400;

/** A request for a priced action. */
export interface PayableAction {
  readonly nodeId: string;
  readonly requestId: string;
  readonly zoneId: string;
  readonly action: string;
  /** Canonical JSON of {action, params}, which the terms commit to. */
  readonly content: string;
  readonly manifest: Manifest;
  readonly price: ActionPrice;
}

/** What signs quotes. */
export interface QuoteSigner {
  readonly nodeId: string;
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
  const creator = toAddress(action.manifest.creator.wallet ?? ZERO_ADDRESS);
  const creatorFeeBps = action.manifest.creator_fee_bps;
  const { contract, escrow } = toTarget(input);
  if (creatorFeeBps > 0 && [ZERO_ADDRESS, contract].some((a) => isAddressEqual(a, creator))) {
    throw refuse("The zone's creator wallet cannot be paid.");
  }
  // Once, and not in JavaScript: it may be four million bytes.
  const contentKey = keccak(encoder.encode(action.content));
  const terms: PaymentTerms = {
    chainId: BigInt(chain.chain_id),
    verifyingContract: contract,
    token: chain.usdc,
    zoneKey: toZoneKey(action.zoneId),
    requestKey: toRequestKeyOf(action.nodeId, action.requestId, contentKey),
    recipient,
    creator,
    creatorFeeBps,
    amount: BigInt(action.price.amount),
    mode: SETTLEMENT_MODES[action.price.settlement_mode],
    deadline: BigInt(deadline),
    salt: `0x${randomBytes(32).toString("hex")}`,
  };
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
    nonce: escrow ? toEscrowTermsNonce({ ...terms, ...escrow }) : toTermsNonce(terms),
    quotedBlock: input.quotedBlock,
    state: "quoted" as const,
    attempts: 0,
    createdAt: now,
    updatedAt: now,
  };
  const signature = signer.sign(toSignedJson("atlas-quote-v1", toRequirement(row)));
  return { ...row, quoteSignature: toHex(signature) };
}

interface Target {
  readonly contract: Hex;
  readonly escrow?: Pick<EscrowTerms, "escrowDeadline" | "arbiter">;
}

/** The contract that is paid and, in escrow mode, how long it holds and who decides a dispute. */
function toTarget({ action: { price }, chain, recipient, deadline }: RequirementInput): Target {
  if (price.settlement_mode === "direct") return { contract: chain.settlement };
  if (chain.escrow === undefined) throw refuse("Escrow is not supported by this steward.");
  const arbiter = toAddress(price.arbiter ?? ZERO_ADDRESS);
  if (isAddressEqual(arbiter, recipient)) {
    throw new StewardError("payment_failed", {
      reason: "PARTY_CONFLICT",
      message: "The recipient of the payment cannot be the escrow's arbiter.",
    });
  }
  const escrowDeadline = deadline + (price.escrow_secs ?? ESCROW_SECS_DEFAULT);
  if (!Number.isSafeInteger(escrowDeadline)) throw refuse("The escrow would be held for too long.");
  return {
    contract: chain.escrow,
    escrow: { escrowDeadline: BigInt(escrowDeadline), arbiter },
  };
}

type Unsigned = Omit<QuotedRow, "quoteSignature">;

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

/** The answer that quotes a stored requirement. */
export function toPaymentRequired(row: QuotedRow, nodeId: string): PaymentRequired {
  return {
    type: "zone.payment_required",
    request_id: row.requestId,
    payment_requirement: toRequirement(row),
    steward: nodeId,
    signature: row.quoteSignature,
  };
}

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
