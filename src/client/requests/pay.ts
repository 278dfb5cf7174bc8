import type { LocalAccount } from "viem";
import { REASON_ADVICE } from "../../error-catalogue.ts";
import { isSameAddress } from "../../protocol/addresses.ts";
import { findBytesOfHex } from "../../protocol/hex.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { toEscrowId, toTaskId } from "../../protocol/terms.ts";
import { AgentError, asAgentError } from "../agent-error.ts";
import type { Answer, Ask } from "../calls/ask.ts";
import type { Deadline } from "../deadline.ts";
import type { VerifiedZone } from "../zones/envelope.ts";
import { signAuthorization } from "./authorization.ts";
import { findAuthorizationFate } from "./authorization-fate.ts";
import type { PayableChain } from "./chain-settings.ts";
import { findPlace, type LedgerEntry, type PaymentLedger } from "./ledger.ts";
import { type CheckedQuote, checkQuote } from "./quote-check.ts";

/** One request of the agent, as it stays through every repetition. */
export interface RequestInput {
  readonly requestId: string;
  readonly zoneId: string;
  readonly action: string;
  readonly params: JsonObject;
  /** Smallest unit; undefined: the caller did not agree to pay. */
  readonly maxAmount: bigint | undefined;
  readonly deadline: Deadline;
}

/** What paying needs. */
export interface PayDeps {
  readonly nodeId: string;
  readonly ask: Ask;
  readonly wallet: LocalAccount | undefined;
  readonly chains: ReadonlyMap<number, PayableChain>;
  readonly ledger: PaymentLedger;
  readonly lock: KeyedLock;
  /** The public key of the connected node. */
  readonly stewardKey: () => Uint8Array;
  /** Asks for the zone's newest envelope and verifies it. */
  readonly inspectZone: (zoneId: string, deadline: Deadline) => Promise<VerifiedZone>;
}

/** Runs functions one after the other per key. */
type KeyedLock = <T>(key: string, run: () => Promise<T>) => Promise<T>;

/** Creates a lock whose keys are forgotten when nobody waits. */
export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return (key, run) => {
    const result = (tails.get(key) ?? Promise.resolve()).then(run);
    const tail = result
      .catch(() => {})
      .then(() => {
        if (tails.get(key) === tail) tails.delete(key);
      });
    tails.set(key, tail);
    return result;
  };
}

/**
 * Pays a quote: checks it, signs once, records the authorization, then sends it. Repeating the request
 * sends the recorded authorization again; `docs/protocol.md` §8.
 * @throws AgentError `payment_required` where the caller did not agree to pay, `wallet_missing`,
 * `payment_invalid` PARTY_CONFLICT where the wallet is the escrow's arbiter or recipient, those of `checkQuote`, `payment_unresolved`, `ledger_failed`, and the steward's
 */
export async function payQuote(
  deps: PayDeps,
  input: RequestInput,
  quoted: { answer: Answer; zone: VerifiedZone },
): Promise<Answer> {
  const { body } = quoted.answer;
  if (input.maxAmount === undefined) {
    throw new AgentError("payment_required", {
      message: "The action costs money; call request with pay: { maxAmount }.",
      details: { payment_requirement: body.payment_requirement },
    });
  }
  const { wallet } = deps;
  if (wallet === undefined) throw new AgentError("wallet_missing");
  const quote = await checkNewest(deps, { ...input, maxAmount: input.maxAmount }, quoted);
  const authorization = await deps.lock(quote.requestKey, () =>
    authorize(deps, input, { quote, wallet }),
  );
  const ids = { request_id: input.requestId, zone_id: input.zoneId };
  return deps.ask(
    { type: "zone.payment", ...ids, authorization },
    { deadline: input.deadline, zoneId: input.zoneId },
  );
}

/** Checks against the newest envelope: the price may have changed since the agent last looked. */
async function checkNewest(
  deps: PayDeps,
  input: RequestInput & { maxAmount: bigint },
  quoted: { answer: Answer; zone: VerifiedZone },
): Promise<CheckedQuote> {
  const { answer, zone } = quoted;
  const check = (against: VerifiedZone) =>
    checkQuote(answer.body, {
      ...input,
      nodeId: deps.nodeId,
      zone: against,
      stewardKeys: [
        deps.stewardKey(),
        findBytesOfHex(answer.message.public_key ?? ""),
        findBytesOfHex(typeof answer.body.public_key === "string" ? answer.body.public_key : ""),
      ].filter((key) => key !== undefined),
      chains: deps.chains,
      now: nowSecs(),
    });
  try {
    return await check(zone);
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== "quote_invalid") throw error;
    const newest = await deps.inspectZone(input.zoneId, input.deadline);
    if (newest.envelope.epoch === zone.envelope.epoch) throw error;
    return check(newest);
  }
}

/** Returns the recorded authorization of this quote, or signs and records one if none can still move. */
async function authorize(
  deps: PayDeps,
  input: RequestInput,
  { quote, wallet }: { quote: CheckedQuote; wallet: LocalAccount },
): Promise<JsonObject> {
  const { key, entry: earlier } = await useLedger(() =>
    findPlace(deps.ledger, quote.requestKey, input.zoneId),
  );
  if (earlier?.nonce === quote.nonce) return earlier.authorization;
  if (earlier !== undefined) await assertVoid(deps, earlier);
  assertDistinct(quote, wallet.address);
  const authorization = await signAuthorization(quote, wallet);
  const entry: LedgerEntry = {
    requestKey: quote.requestKey,
    requestId: input.requestId,
    zoneId: input.zoneId,
    chainId: quote.chain.chainId,
    token: quote.chain.token,
    from: wallet.address,
    recipient: quote.recipient,
    creatorFeeBps: quote.creatorFeeBps,
    amount: quote.amount.toString(),
    nonce: quote.nonce,
    validBefore: quote.deadline,
    authorization,
    state: "authorized",
    ...(quote.mode === "escrow" && {
      escrowId: toEscrowId(wallet.address, toTaskId(input.requestId)),
    }),
  };
  await useLedger(() => deps.ledger.put(key, entry));
  return authorization;
}

/** Refuses an escrow whose payer would be its arbiter or recipient, as the steward does. */
function assertDistinct({ mode, arbiter, recipient }: CheckedQuote, payer: string): void {
  if (mode !== "escrow") return;
  const part = [
    { name: "arbiter", address: arbiter },
    { name: "recipient", address: recipient },
  ].find(({ address }) => address !== undefined && isSameAddress(address, payer));
  if (part === undefined) return;
  throw new AgentError("payment_invalid", {
    reason: "PARTY_CONFLICT",
    message: `The wallet is the escrow's ${part.name}; nothing was signed.`,
    hint: REASON_ADVICE.PARTY_CONFLICT?.hint,
  });
}

async function assertVoid(deps: PayDeps, earlier: LedgerEntry): Promise<void> {
  let fate: Awaited<ReturnType<typeof findAuthorizationFate>>;
  try {
    fate = await findAuthorizationFate(earlier, deps.chains.get(earlier.chainId), nowSecs());
  } catch (cause) {
    throw new AgentError("payment_unresolved", {
      reason: "CHAIN_UNAVAILABLE",
      message: "The chain could not be asked about an earlier authorization of this request.",
      cause,
    });
  }
  if (fate === "void") return;
  throw new AgentError("payment_unresolved", {
    reason: fate === "used" ? "AUTHORIZATION_USED" : "AUTHORIZATION_OPEN",
    retryAfterMs: fate === "open" ? Math.max(1, earlier.validBefore - nowSecs()) * 1000 : undefined,
    details: { nonce: earlier.nonce, valid_before: earlier.validBefore, from: earlier.from },
  });
}

/** Runs a ledger operation; whatever it throws stops the payment. */
export async function useLedger<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw asAgentError(error, "ledger_failed");
  }
}

function nowSecs(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * Reads the most a caller agrees to pay, in the token's smallest unit.
 * @throws AgentError `invalid_input`
 */
export function parseMaxAmount(amount: bigint | string): bigint {
  if (typeof amount === "bigint" && amount >= 0n) return amount;
  if (typeof amount === "string" && /^[0-9]{1,78}$/.test(amount)) return BigInt(amount);
  throw new AgentError("invalid_input", {
    message: "pay.maxAmount: expected a bigint or a decimal string in the smallest unit.",
  });
}
