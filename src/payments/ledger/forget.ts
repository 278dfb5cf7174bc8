import type { Write } from "../../store/database.ts";
import type { PaymentPrune } from "../../store/payments/prune.ts";
import { UNSEEN_KEPT_SECS } from "../../store/payments/schema.ts";
import type { PaymentContext } from "./transitions.ts";

/** Of each kind, what one call forgets at most, so that it never holds up the loop. */
const ROWS_MAX = 200;
/** Of transactions: their call data and signed bytes are some 3 KB a payment. */
const TXS_MAX = 20;
/** How long a requirement that nobody paid is kept after its deadline. */
const UNPAID_KEPT_SECS = 600;
const NEVER_SENT_KEPT_SECS = 30 * 86_400;
const BYTES_KEPT_SECS = 86_400;

/**
 * Forgets some of what is no longer needed: requirements that nobody paid, payments that never were
 * sent, the bytes of transactions long ended.
 * @returns whether more is left
 */
export function forgetPayments(
  write: Write,
  { now, txs, prune }: Pick<PaymentContext, "now" | "txs"> & { readonly prune: PaymentPrune },
): boolean {
  const ages = {
    unpaid: now() - UNPAID_KEPT_SECS,
    unseen: now() - UNSEEN_KEPT_SECS,
    neverSent: now() - NEVER_SENT_KEPT_SECS,
    failures: now() - BYTES_KEPT_SECS,
  };
  const hasRows = prune(write, ages, ROWS_MAX);
  const hasBytes = txs.pruneBytes(write, now() - BYTES_KEPT_SECS, TXS_MAX);
  return hasRows || hasBytes;
}
