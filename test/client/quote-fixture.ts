import type { JsonObject } from "../../src/protocol/json.ts";
import { toSignedJson } from "../../src/protocol/signed-content.ts";
import {
  type EscrowTerms,
  SETTLEMENT_MODES,
  toEscrowTermsNonce,
  toRequestKey,
  toTermsNonce,
  toZoneKey,
} from "../../src/protocol/terms.ts";
import type { Body } from "../../src/wire/body.ts";
import type { TestNodeKey } from "./keys.ts";
import { CHAIN_ID, CREATOR_WALLET, ZONE_ID } from "./zone-fixture.ts";

export const TOKEN = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
export const SETTLEMENT = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512";
export const ESCROW = "0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0";
export const RECIPIENT = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc";
export const ZERO = "0x0000000000000000000000000000000000000000";

/** The terms of a quote of `translate` (direct) or `audit` (escrow), before the steward commits to them. */
export interface QuoteInput {
  readonly nodeId: string;
  readonly requestId: string;
  readonly params: JsonObject;
  /** Unix seconds. */
  readonly deadline: number;
  readonly escrow?: boolean;
  /** What the steward commits to instead of the truth. */
  readonly terms?: Partial<EscrowTerms>;
  /** What it says beside the terms instead of the truth. */
  readonly requirement?: JsonObject;
  /** What it says outside the requirement. */
  readonly quote?: JsonObject;
  readonly salt?: `0x${string}`;
}

/** Builds and signs a quote the way a steward does, lies included. */
export function createQuote(steward: TestNodeKey, input: QuoteInput): Body {
  const escrow = input.escrow === true;
  const action = escrow ? "audit" : "translate";
  const content = { action, params: input.params };
  const terms: EscrowTerms = {
    chainId: BigInt(CHAIN_ID),
    verifyingContract: escrow ? ESCROW : SETTLEMENT,
    token: TOKEN,
    zoneKey: toZoneKey(ZONE_ID),
    requestKey: toRequestKey(input.nodeId, input.requestId, content),
    recipient: RECIPIENT,
    creator: CREATOR_WALLET,
    creatorFeeBps: 250,
    amount: escrow ? 5_000_000n : 2_000_000n,
    mode: escrow ? SETTLEMENT_MODES.escrow : SETTLEMENT_MODES.direct,
    deadline: BigInt(input.deadline),
    salt: input.salt ?? `0x${"5a".repeat(32)}`,
    escrowDeadline: BigInt(input.deadline + 3600),
    arbiter: ZERO,
    ...input.terms,
  };
  const requirement = {
    zone_id: ZONE_ID,
    action,
    to: terms.verifyingContract,
    recipient: terms.recipient,
    amount: terms.amount.toString(),
    asset: "USDC",
    token: terms.token,
    chain_id: Number(terms.chainId),
    deadline: Number(terms.deadline),
    nonce: escrow ? toEscrowTermsNonce(terms) : toTermsNonce(terms),
    settlement_mode: escrow ? "escrow" : "direct",
    terms: { salt: terms.salt },
    authorization_types: ["receive", "transfer"],
    ...input.requirement,
  };
  const signature = steward.sign(toSignedJson("atlas-quote-v1", requirement));
  return {
    type: "zone.payment_required",
    request_id: input.requestId,
    payment_requirement: requirement,
    steward: steward.nodeId,
    signature: Buffer.from(signature).toString("hex"),
    ...input.quote,
  } as Body;
}
