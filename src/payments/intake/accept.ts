import type { Hex } from "viem";
import { isAddressEqual } from "viem";
import type { ErrorReason } from "../../error-catalogue.ts";
import { StewardError } from "../../errors.ts";
import type { Write } from "../../store/database.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import {
  type Authorization,
  parseAuthorization,
  toAuthorizationDigest,
} from "../authorization/authorization.ts";
import { isSignedByContract } from "../authorization/contract-signature.ts";
import { isSignedByKey } from "../authorization/key-signature.ts";
import type { Chain } from "../chain/chain.ts";
import { chainUnavailable } from "../chain/unavailable.ts";
import { assertIdFree, assertIdFreeOnChain } from "../escrow/id-check.ts";
import { authorize, IN_PROGRESS, type PaymentContext, SETTLED } from "../ledger/transitions.ts";
import type { RequestKey } from "../port.ts";

/** What an authorization must still have of its validity, in seconds; `docs/protocol.md` §8. */
const VALIDITY_SECS_MIN = 6;
const COOLDOWN_FAILURES = 3;
const COOLDOWN_SECS = 3_600;

/** What accepting needs. */
export interface AcceptDeps extends PaymentContext {
  readonly findChain: (chainId: number) => Chain | undefined;
}

/** What became of a sent authorization. */
export interface Acceptance {
  /** Accepted where it is new, joined where it is in progress, settled where it has been paid. */
  readonly outcome: "accepted" | "joined" | "settled";
  readonly chainId: number;
}

/**
 * Checks a payer's authorization against the request's requirement and takes it. The first rule it
 * breaks decides, in this order: there is a requirement (`payment_required`); well-formed; the same
 * one as before (joins it); not used for another request; recipient; amount; nonce; validity
 * window; deadline; payer neither arbiter nor recipient of an escrow; requirement not taken by another authorization; payer not cooling down;
 * signature; `docs/protocol.md` §8.
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
  const chain = getUsable(deps.findChain(row.chainId));
  const digest = toAuthorizationDigest(authorization, chain.domainSeparator);
  const { from, keySignature } = authorization;
  const byContract = keySignature === undefined || !isSignedByKey(digest, keySignature, from);
  if (!byContract && row.mode === "direct") {
    return deps.store.write((write) => take(write, deps, row, { ...authorization, byContract }));
  }
  if (byContract) await assertSignedByContract(chain, digest, authorization);
  await assertIdFreeOnChain(chain, row, from);
  return deps.store.write((write) => {
    // The chain was asked in between: the row may have been paid, refused or forgotten meanwhile,
    // so it is read again.
    const fresh = getRequirement(deps, key);
    const joined = check(deps, fresh, authorization);
    return joined ?? take(write, deps, fresh, { ...authorization, byContract });
  });
}

function take(
  write: Write,
  deps: AcceptDeps,
  row: PaymentRow,
  authorization: Authorization & { readonly byContract: boolean },
): Acceptance {
  assertIdFree(deps, row, authorization.from);
  if (!authorize(write, deps, row, authorization)) {
    throw invalid("PAYMENT_IN_PROGRESS", "The requirement is being paid already.");
  }
  return { outcome: "accepted", chainId: row.chainId };
}

function getRequirement(deps: AcceptDeps, key: RequestKey): PaymentRow {
  const row = deps.queries.findCurrent(key);
  if (!row || row.state === "expired") throw new StewardError("payment_required");
  return row;
}

function check(
  deps: AcceptDeps,
  row: PaymentRow,
  authorization: Authorization,
): Acceptance | undefined {
  if (isSame(row, authorization)) {
    const { chainId } = row;
    if (SETTLED.includes(row.state)) return { outcome: "settled", chainId };
    if (IN_PROGRESS.includes(row.state)) return { outcome: "joined", chainId };
  }
  assertUnused(deps, row, authorization);
  assertMatches(row, authorization, deps.findChain(row.chainId)?.time ?? deps.now());
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
  assertDistinct(row, authorization.from);
}

/** Who would decide his own dispute, or dispute with himself, is refused as payer of an escrow. */
function assertDistinct({ mode, arbiter, recipient }: PaymentRow, payer: Hex): void {
  if (mode !== "escrow") return;
  if (arbiter !== null && isAddressEqual(payer, arbiter as Hex)) {
    throw invalid("PARTY_CONFLICT", "The payer cannot be the escrow's arbiter.");
  }
  if (isAddressEqual(payer, recipient as Hex)) {
    throw invalid("PARTY_CONFLICT", "The payer cannot be the escrow's recipient.");
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

type UsableChain = Chain & { readonly domainSeparator: Hex };

function getUsable(chain: Chain | undefined): UsableChain {
  if (chain?.domainSeparator !== undefined) return chain as UsableChain;
  throw chainUnavailable();
}

async function assertSignedByContract(
  chain: Chain,
  digest: Hex,
  { from, signature }: Authorization,
): Promise<void> {
  if (await isSignedByContract(chain, { account: from, digest, signature })) return;
  throw invalid("SIGNATURE_INVALID", "The signature is not by authorization.from.");
}

function invalid(reason: ErrorReason, message: string): StewardError {
  return new StewardError("payment_invalid", { reason, message });
}
