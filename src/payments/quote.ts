import type { Hex } from "viem";
import { StewardError } from "../errors.ts";
import type { PaymentRow } from "../store/payment-queries.ts";
import type { PaymentRequired } from "../wire/zone-replies.ts";
import type { Chain } from "./chain.ts";
import { ENDED, expire, type LedgerDeps, retire } from "./ledger.ts";
import {
  assertSupported,
  createRequirement,
  type PayableAction,
  type QuoteSigner,
  toPaymentRequired,
} from "./requirement.ts";

/** An authorization needs as much of a requirement's time; `docs/protocol.md` §8. */
const OPEN_SECS_MIN = 6;

/** What a quote is made from. */
export interface QuoteInput {
  readonly action: PayableAction;
  readonly chain: Chain | undefined;
  readonly recipient: Hex;
  readonly ttlSecs: number;
  /** The least that is quoted, in the token's smallest unit. */
  readonly amountMin: bigint;
}

/**
 * Returns a request's open requirement, or writes a fresh one where the former can never be paid
 * any more; runs inside `store.write`. `docs/protocol.md` §8.
 * @throws StewardError `payment_failed` or `internal`
 */
export function quoteAction(
  deps: LedgerDeps & { readonly identity: QuoteSigner },
  { action, chain, recipient, ttlSecs, amountMin }: QuoteInput,
): PaymentRequired {
  assertSupported(action.price, chain?.config, amountMin);
  const now = deps.now();
  const former = deps.queries.findCurrent(action.nodeId, action.requestId);
  if (former) {
    if (isOpen(former, now)) return toPaymentRequired(former, deps.identity.nodeId);
    close(deps, former);
  }
  const head = chain?.head;
  if (!chain || !head) {
    throw new StewardError("internal", { reason: "CHAIN_UNAVAILABLE", retryAfterMs: 5_000 });
  }
  const row = createRequirement({
    action,
    chain: chain.config,
    recipient,
    deadline: now + ttlSecs,
    quotedBlock: head.number,
    now,
    signer: deps.identity,
  });
  deps.queries.insert(row);
  deps.queries.addHistory(row.paymentId, "quoted", now);
  return toPaymentRequired(row, deps.identity.nodeId);
}

/** Whether the requirement can still be paid: for the first time, or again by the same authorization. */
function isOpen(row: PaymentRow, now: number): boolean {
  const payable = row.state === "quoted" || (ENDED.includes(row.state) && row.voidAt === null);
  return payable && row.deadline - now >= OPEN_SECS_MIN;
}

function close(deps: LedgerDeps, row: PaymentRow): void {
  if (row.state === "quoted") {
    expire(deps, row);
    return;
  }
  if (!ENDED.includes(row.state)) {
    throw new StewardError("internal", {
      message: "The request is being paid or is paid.",
      details: { payment_id: row.paymentId, state: row.state },
    });
  }
  if (row.voidAt === null) {
    throw new StewardError("payment_failed", {
      reason: "AUTHORIZATION_OUTSTANDING",
      message: "An earlier authorization for this request could still execute; ask again shortly.",
      retryAfterMs: 5_000,
    });
  }
  retire(deps, row);
}
