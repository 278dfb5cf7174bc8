import { z } from "zod";
import { isSameAddress, ZERO_ADDRESS } from "../../protocol/addresses.ts";
import { findBytesOfHex } from "../../protocol/hex.ts";
import type { JsonObject } from "../../protocol/json.ts";
import {
  type ActionPrice,
  addressField,
  findAction,
  findPrimary,
} from "../../protocol/manifest.ts";
import { toNodeId } from "../../protocol/node-id.ts";
import { toQuoteNonce, toQuoteTerms } from "../../protocol/quote-terms.ts";
import { optionalField, toSchemaMessage } from "../../protocol/schema-fields.ts";
import { toSignedJson } from "../../protocol/signed-content.ts";
import { toRequestKey } from "../../protocol/terms.ts";
import type { Body } from "../../wire/body.ts";
import { AgentError } from "../agent-error.ts";
import { isSignedBy } from "../link/node-identity.ts";
import type { VerifiedZone } from "../zones/envelope.ts";
import type { PayableChain } from "./chain-settings.ts";

/** How far ahead a quote's deadline may lie. */
const DEADLINE_AHEAD_SECS_MAX = 3600;
/** How far the two clocks may differ; `docs/protocol.md` §3. */
const CLOCK_DRIFT_SECS = 300;

const bytes32 = z.string().regex(/^0x[0-9a-fA-F]{64}$/, "expected 32 bytes of hex");
const secs = z.int().positive();
const amount = z.string().regex(/^[1-9][0-9]{0,77}$/, "expected a decimal amount");

const quoteSchema = z.object({
  request_id: z.string(),
  steward: z.string(),
  signature: z.string().regex(/^[0-9a-fA-F]{128}$/, "expected 64 bytes of hex"),
  payment_requirement: z.object({
    zone_id: z.string(),
    action: z.string(),
    to: addressField,
    recipient: addressField,
    amount,
    asset: z.string(),
    token: addressField,
    chain_id: secs,
    deadline: secs,
    nonce: bytes32,
    settlement_mode: z.enum(["direct", "escrow"]),
    authorization_types: z.array(z.string()),
    terms: z.object({ salt: bytes32, escrow_deadline: optionalField(secs) }),
  }),
});

type Requirement = z.output<typeof quoteSchema>["payment_requirement"];

/** What the agent knows by itself when a quote arrives. */
export interface QuoteContext {
  readonly nodeId: string;
  readonly requestId: string;
  readonly zone: VerifiedZone;
  readonly zoneId: string;
  readonly action: string;
  readonly params: JsonObject;
  /** Public keys that arrived with the quote; only one that hashes to the primary's id is used. */
  readonly stewardKeys: readonly Uint8Array[];
  readonly chains: ReadonlyMap<number, PayableChain>;
  readonly maxAmount: bigint;
  /** Unix seconds. */
  readonly now: number;
}

/** A quote that says exactly what the agent computed itself. */
export interface CheckedQuote {
  readonly requestKey: string;
  readonly chain: PayableChain;
  readonly contract: `0x${string}`;
  readonly recipient: `0x${string}`;
  readonly creatorFeeBps: number;
  readonly mode: "direct" | "escrow";
  /** Who decides a dispute about an escrow; undefined where nobody does. */
  readonly arbiter: `0x${string}` | undefined;
  readonly amount: bigint;
  /** Unix seconds. */
  readonly deadline: number;
  readonly nonce: `0x${string}`;
}

/**
 * Checks a `zone.payment_required` against the agent's own request, the creator's signed manifest and
 * the agent's own `chains`, and recomputes the nonce that commits to it; `docs/protocol.md` §8.
 * @throws AgentError `quote_invalid`, `chain_not_allowed`, `price_too_high`; nothing is signed then
 */
export async function checkQuote(body: Body, context: QuoteContext): Promise<CheckedQuote> {
  const parsed = quoteSchema.safeParse(body);
  if (!parsed.success) throw refuse("MALFORMED", toSchemaMessage(parsed.error));
  const quote = parsed.data;
  const requirement = quote.payment_requirement;
  if (quote.request_id !== context.requestId) throw refuse("REQUEST", "It is for another request.");
  if (requirement.zone_id !== context.zoneId || requirement.action !== context.action) {
    throw refuse("REQUEST", "It is for another zone or action.");
  }
  await assertSignedByPrimary(body, quote, context);
  const price = assertPrice(requirement, context);
  const { chain, contract } = assertContracts(requirement, context);
  assertDeadline(requirement, context.now);
  if (isSameAddress(requirement.recipient, ZERO_ADDRESS)) {
    throw refuse("RECIPIENT", "The recipient is the zero address.");
  }
  // Only recipient, deadline and salt are the steward's; the rest is what the agent knows itself.
  const terms = toQuoteTerms({
    zoneId: context.zoneId,
    requestKey: toRequestKey(context.nodeId, context.requestId, context),
    manifest: context.zone.manifest,
    price,
    contract,
    token: chain.token,
    recipient: requirement.recipient,
    deadline: requirement.deadline,
    salt: requirement.terms.salt.toLowerCase() as `0x${string}`,
  });
  const nonce = toQuoteNonce(terms);
  if (nonce !== requirement.nonce.toLowerCase()) {
    throw refuse("NONCE_MISMATCH", "The nonce does not commit to these terms.");
  }
  const { escrow } = terms;
  if (escrow !== undefined && isSameAddress(escrow.arbiter, terms.recipient)) {
    throw refuse("RECIPIENT", "The recipient is the escrow's arbiter.");
  }
  if (terms.amount > context.maxAmount) {
    throw new AgentError("price_too_high", { details: { amount: requirement.amount } });
  }
  return {
    requestKey: terms.requestKey,
    chain,
    contract,
    recipient: terms.recipient,
    creatorFeeBps: terms.creatorFeeBps,
    mode: price.settlement_mode,
    arbiter: terms.escrow?.arbiter,
    amount: terms.amount,
    deadline: requirement.deadline,
    nonce,
  };
}

async function assertSignedByPrimary(
  body: Body,
  quote: z.output<typeof quoteSchema>,
  context: QuoteContext,
): Promise<void> {
  const primary = findPrimary(context.zone.manifest);
  if (primary === undefined || quote.steward !== primary) {
    throw refuse("STEWARD", "It is not by the zone's primary steward.");
  }
  const publicKey = context.stewardKeys.find((key) => toNodeId(key) === primary);
  if (publicKey === undefined) throw refuse("STEWARD", "The primary's public key is not known.");
  // What was signed is what arrived, fields this SDK does not know included.
  const content = toSignedJson("atlas-quote-v1", body.payment_requirement);
  const signature = findBytesOfHex(quote.signature) ?? new Uint8Array();
  if (!(await isSignedBy(publicKey, content, signature))) {
    throw refuse("SIGNATURE_INVALID", "Its signature does not verify.");
  }
}

function assertPrice(requirement: Requirement, { zone, action }: QuoteContext): ActionPrice {
  const price = findAction(zone.manifest, action)?.price;
  if (price === undefined) throw refuse("PRICE", "The manifest asks nothing for this action.");
  if (BigInt(requirement.amount) !== BigInt(price.amount)) {
    throw refuse("PRICE", `The manifest says ${price.amount}, the quote ${requirement.amount}.`);
  }
  if (requirement.asset !== price.asset || requirement.settlement_mode !== price.settlement_mode) {
    throw refuse("PRICE", "Asset or settlement mode differ from the manifest.");
  }
  return price;
}

function assertContracts(
  requirement: Requirement,
  { zone, chains }: QuoteContext,
): { chain: PayableChain; contract: `0x${string}` } {
  if (requirement.chain_id !== zone.manifest.chain_id) {
    throw refuse("CHAIN", "The chain differs from the manifest's.");
  }
  const chain = chains.get(requirement.chain_id);
  if (chain === undefined) {
    throw new AgentError("chain_not_allowed", {
      message: `chains has no entry for chain ${requirement.chain_id}.`,
    });
  }
  const contract = requirement.settlement_mode === "escrow" ? chain.escrow : chain.settlement;
  if (contract === undefined || !isSameAddress(requirement.to, contract)) {
    throw new AgentError("chain_not_allowed", {
      message: `${requirement.to} is not the ${requirement.settlement_mode} contract in chains.`,
    });
  }
  if (!isSameAddress(requirement.token, chain.token)) {
    throw new AgentError("chain_not_allowed", {
      message: `${requirement.token} is not the token in chains.`,
    });
  }
  if (!requirement.authorization_types.includes("receive")) {
    throw refuse("AUTHORIZATION_TYPE", "It does not take receive authorizations.");
  }
  return { chain, contract };
}

function assertDeadline(requirement: Requirement, now: number): void {
  if (requirement.deadline > now + DEADLINE_AHEAD_SECS_MAX + CLOCK_DRIFT_SECS) {
    throw refuse("DEADLINE", "Its deadline is more than an hour ahead.");
  }
  if (requirement.deadline < now - CLOCK_DRIFT_SECS) {
    throw refuse("DEADLINE", "Its deadline has passed.");
  }
}

function refuse(reason: string, message: string): AgentError {
  return new AgentError("quote_invalid", { reason, message: `The quote is refused: ${message}` });
}
