import type { Hex } from "viem";
import { isAddressEqual } from "viem";
import type { ErrorReason } from "../error-catalogue.ts";
import { StewardError } from "../errors.ts";
import type { PaymentRow } from "../store/payment-queries.ts";
import { type Authorization, parseAuthorization, toAuthorizationDigest } from "./authorization.ts";
import type { Chain } from "./chain.ts";
import { assertIdFree, assertIdFreeOnChain } from "./escrow-accept.ts";
import { authorize, IN_PROGRESS, type LedgerDeps, type RequestKey, SETTLED } from "./ledger.ts";
import { isSignedByKey } from "./signature.ts";
import { isSignedByContract } from "./wallet-signature.ts";

/** What an authorization must still have of its validity, in seconds; `docs/protocol.md` §8. */
const VALIDITY_SECS_MIN = 6;
const COOLDOWN_FAILURES = 3;
const COOLDOWN_SECS = 3_600;

/** What accepting needs. */
export interface AcceptDeps extends LedgerDeps {
  readonly findChain: (chainId: number) => Chain | undefined;
}

/** What became of a sent authorization. */
export type Acceptance = "accepted" | "joined" | "settled";

/**
 * Checks a payer's authorization against the request's requirement and takes it. The first rule it
 * breaks decides, in this order: there is a requirement (`payment_required`); well-formed; the same
 * one as before (joins it); not used for another request; recipient; amount; nonce; validity
 * window; deadline; requirement not taken by another authorization; payer not cooling down;
 * signature. `docs/protocol.md` §8.
 * @throws StewardError `payment_required`, `payment_invalid` with its reason, `internal`
 *   CHAIN_UNAVAILABLE where the chain had to be asked about a smart account
 */
export async function acceptAuthorization(
  deps: AcceptDeps,
  key: RequestKey,
  raw: unknown,
): Promise<Acceptance> {
  const row = getRequirement(deps, key);
  const authorization = parseAuthorization(raw);
  const before = check(deps, row, authorization);
  if (before) return before;
  const chain = deps.findChain(row.chainId);
  const byContract = await verifySignature(chain, authorization);
  await assertIdFreeOnChain(chain, row, authorization.from);
  return deps.store.write(() => {
    // Much may have happened while the signature was checked.
    const fresh = getRequirement(deps, key);
    const joined = check(deps, fresh, authorization);
    if (joined) return joined;
    assertIdFree(deps, fresh, authorization.from);
    if (!authorize(deps, fresh, { ...authorization, byContract })) {
      throw invalid("PAYMENT_IN_PROGRESS", "The requirement is being paid already.");
    }
    return "accepted";
  });
}

function getRequirement(deps: AcceptDeps, key: RequestKey): PaymentRow {
  const row = deps.queries.findCurrent(key.nodeId, key.requestId);
  if (!row || row.state === "expired") throw new StewardError("payment_required");
  return row;
}

function check(
  deps: AcceptDeps,
  row: PaymentRow,
  authorization: Authorization,
): Acceptance | undefined {
  if (isSame(row, authorization)) {
    if (SETTLED.includes(row.state)) return "settled";
    if (IN_PROGRESS.includes(row.state)) return "joined";
  }
  assertUnused(deps, row, authorization);
  assertMatches(row, authorization, deps.now());
  if (row.payer !== null && !isSame(row, authorization)) {
    throw invalid("PAYMENT_IN_PROGRESS", "The requirement is being paid by another authorization.");
  }
  if (row.voidAt !== null) {
    throw invalid("AUTHORIZATION_USED", "The authorization can no longer execute on chain.");
  }
  assertNotCooling(deps, row, authorization);
  return undefined;
}

function isSame(row: PaymentRow, authorization: Authorization): boolean {
  const { from, kind, nonce, validAfter, signature, keySignature } = authorization;
  return (
    row.payer === from &&
    row.kind === kind &&
    row.nonce === nonce &&
    row.validAfter === validAfter &&
    row.signature === (row.byContract ? signature : keySignature)
  );
}

function assertUnused(deps: AcceptDeps, row: PaymentRow, { from, nonce }: Authorization): void {
  if (nonce === row.nonce) return;
  const other = deps.queries.findByNonce(nonce);
  if (other?.payer !== from) return;
  throw invalid("AUTHORIZATION_USED", "The authorization was sent for another request.");
}

function assertMatches(row: PaymentRow, authorization: Authorization, now: number): void {
  const { to, value, nonce, validAfter, validBefore } = authorization;
  if (!isAddressEqual(to, row.contract as Hex)) {
    throw invalid("RECIPIENT_MISMATCH", "authorization.to is not the quoted address.");
  }
  if (value !== row.amount) {
    throw invalid("AMOUNT_MISMATCH", "authorization.value is not the quoted amount.");
  }
  if (nonce !== row.nonce) {
    throw invalid("NONCE_MISMATCH", "authorization.nonce is not the quoted one.");
  }
  if (validBefore !== BigInt(row.deadline)) {
    throw invalid("VALIDITY_WINDOW", "authorization.valid_before is not the quoted deadline.");
  }
  if (validAfter >= BigInt(now)) {
    throw invalid("VALIDITY_WINDOW", "authorization.valid_after is not in the past.");
  }
  if (row.deadline - now < VALIDITY_SECS_MIN) {
    throw invalid("DEADLINE_PASSED", "The requirement's deadline has passed, or nearly so.");
  }
}

function assertNotCooling(deps: AcceptDeps, row: PaymentRow, { from }: Authorization): void {
  const now = deps.now();
  const { count, oldest } = deps.queries.countFailures(row.chainId, from, now - COOLDOWN_SECS);
  if (count < COOLDOWN_FAILURES) return;
  throw new StewardError("payment_invalid", {
    reason: "PAYER_COOLDOWN",
    message: "The payer's authorizations failed too often on chain.",
    retryAfterMs: Math.max(1, (oldest ?? now) + COOLDOWN_SECS - now) * 1_000,
  });
}

/** Returns whether the payer's own code answers for the signature. */
async function verifySignature(
  chain: Chain | undefined,
  authorization: Authorization,
): Promise<boolean> {
  const { domainSeparator } = chain ?? {};
  if (!chain || !domainSeparator) {
    throw new StewardError("internal", { reason: "CHAIN_UNAVAILABLE", retryAfterMs: 5_000 });
  }
  const digest = toAuthorizationDigest(authorization, domainSeparator);
  const { from, signature, keySignature } = authorization;
  if (keySignature !== undefined && (await isSignedByKey(digest, keySignature, from))) return false;
  if (await isSignedByContract(chain, { account: from, digest, signature })) return true;
  throw invalid("SIGNATURE_INVALID", "The signature is not by authorization.from.");
}

function invalid(reason: ErrorReason, message: string): StewardError {
  return new StewardError("payment_invalid", { reason, message });
}
