import type { Hex } from "viem";
import type { Counters } from "../../base/counters.ts";
import { StewardError } from "../../errors.ts";
import { isReplicated } from "../../protocol/steward-set.ts";
import type { Write } from "../../store/database.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import { toShare } from "../../store/usage.ts";
import type { PaymentRequired } from "../../wire/zone-replies.ts";
import type { Chain } from "../chain/chain.ts";
import { chainUnavailable } from "../chain/unavailable.ts";
import type { PaymentsConfig } from "../config.ts";
import { expire, type PaymentContext, RETRYABLE_ENDS, retire } from "../ledger/transitions.ts";
import type { PayableAction } from "../port.ts";
import {
  assertSupported,
  createRequirement,
  type QuoteSigner,
  toPaymentRequired,
} from "./requirement.ts";

/** Room comes with the time that open requirements have left. */
const FULL_RETRY_MS = 60_000;
/** An authorization needs as much of a requirement's time; `docs/protocol.md` §8. */
const OPEN_SECS_MIN = 6;

/** What a quote is made from. */
export interface QuoteInput {
  readonly action: PayableAction;
  readonly chain: Chain | undefined;
  readonly recipient: Hex;
  readonly config: QuoteConfig;
}

type QuoteConfig = Pick<
  PaymentsConfig,
  "quote_ttl_secs" | "quotes_max" | "quotes_per_node" | "amount_min"
>;

/** What quoting needs. */
export interface QuoteDeps extends PaymentContext {
  readonly identity: QuoteSigner;
  readonly counters: Counters;
}

/**
 * Returns a request's open requirement, or writes a fresh one where the former can never be paid
 * any more; `docs/protocol.md` §8.
 * @throws StewardError `payment_failed`, `internal`, or `rate_limited` where too many are unpaid
 */
export function quoteAction(
  write: Write,
  deps: QuoteDeps,
  { action, chain, recipient, config }: QuoteInput,
): PaymentRequired {
  assertSupported(action.price, chain?.config, config.amount_min);
  const now = chain?.time ?? deps.now();
  const former = deps.queries.findCurrent(action);
  if (former) {
    if (isOpen(former, now)) return toPaymentRequired(former, action, deps.identity);
    if (isUnseen(former, action)) throw toOutstanding();
    close(write, deps, former);
  }
  const head = chain?.head;
  if (!chain || !head) throw chainUnavailable();
  assertRoom(deps, action.nodeId, config);
  const row = createRequirement({
    action,
    chain: chain.config,
    recipient,
    deadline: toDeadline(deps.now(), head.timestamp, config.quote_ttl_secs),
    quotedBlock: head.number,
    now: deps.now(),
    signer: deps.identity,
  });
  deps.queries.insert(write, row);
  deps.queries.addHistory(write, row.paymentId, "quoted", deps.now());
  return toPaymentRequired(row, action, deps.identity);
}

/**
 * A block's time may be some seconds ahead of this machine's; where it is far ahead, the chain's
 * counts, which would refuse what is over by it.
 */
function toDeadline(now: number, chainTime: number, ttlSecs: number): number {
  return Math.max(now + ttlSecs, chainTime + Math.ceil(ttlSecs / 2));
}

/** Bounds what is written down for nodes that do not pay. */
function assertRoom({ queries, counters }: QuoteDeps, nodeId: string, config: QuoteConfig): void {
  const own = queries.unpaidOf(nodeId);
  const share = toShare(queries.unpaidInAll(), config.quotes_max, config.quotes_per_node);
  if (own < share) return;
  counters.add(own < config.quotes_per_node ? "payments.quotes_max" : "payments.quotes_per_node");
  throw new StewardError("rate_limited", {
    reason: "OVERLOADED",
    message: "Too many requirements are unpaid; pay some, or wait until they have run out.",
    retryAfterMs: FULL_RETRY_MS,
  });
}

/** Whether the requirement can still be paid: for the first time, or again by the same authorization. */
function isOpen(row: PaymentRow, now: number): boolean {
  const payable =
    row.state === "quoted" || (RETRYABLE_ENDS.includes(row.state) && row.voidAt === null);
  return payable && row.deadline - now >= OPEN_SECS_MIN;
}

/**
 * Whether a requirement of an earlier epoch still has to be looked for on the chain, where what was accepted for it
 * may have been lost; the worker does; `docs/protocol.md` §9.9.
 */
function isUnseen(row: PaymentRow, { manifest, epoch }: PayableAction): boolean {
  const isUnpaid = row.state === "quoted" && row.voidAt === null;
  return isUnpaid && row.quotedEpoch !== epoch && isReplicated(manifest);
}

function toOutstanding(): StewardError {
  return new StewardError("payment_failed", {
    reason: "AUTHORIZATION_OUTSTANDING",
    message: "An earlier authorization for this request could still execute; ask again shortly.",
    retryAfterMs: 5_000,
  });
}

function close(write: Write, deps: PaymentContext, row: PaymentRow): void {
  if (row.state === "quoted") {
    expire(write, deps, row);
    return;
  }
  if (!RETRYABLE_ENDS.includes(row.state)) {
    throw new StewardError("internal", {
      message: "The request is being paid or is paid.",
      details: { payment_id: row.paymentId, state: row.state },
    });
  }
  if (row.voidAt === null) throw toOutstanding();
  retire(write, deps, row);
}
