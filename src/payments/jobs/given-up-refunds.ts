import type { Write } from "../../store/database.ts";
import type { RefundRow } from "../../store/payments/jobs.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import type { PaymentContext } from "../ledger/transitions.ts";

const REFUNDS_PER_READ = 100;
const LOOK_FIRST = "so it may have been paid already: look at the payer's account, then ask again.";
/** Why a refund that was never sent from here may have been paid. */
export const ASKED_IN_OLD_BOOKS = `Asked for in a database that was behind the wallet, ${LOOK_FIRST}`;
const ASKED_BESIDE_ANOTHER = `Another process uses the wallet's key, ${LOOK_FIRST}`;
const NONCE_TAKEN = `Another process used its transaction's nonce, ${LOOK_FIRST}`;

/**
 * Ends all refunds of a chain that this wallet was asked for and has not sent.
 * @returns their payment ids
 */
export function giveUpRequested(
  write: Write,
  deps: PaymentContext,
  chainId: number,
  failure: string,
): string[] {
  const ids: string[] = [];
  for (;;) {
    const rows = deps.jobs.listRequestedRefunds(chainId, REFUNDS_PER_READ);
    for (const row of rows) {
      if (fail(write, deps, row, "requested", failure)) ids.push(row.paymentId);
    }
    if (rows.length < REFUNDS_PER_READ) return ids;
  }
}

/**
 * Ends what another process with the wallet's key may have paid: the refund whose nonce it used, and those
 * that wait. A transfer has nothing that keeps a second one from paying again; `docs/operations.md`, A copy
 * beside the original.
 */
export function giveUpTaken(write: Write, deps: PaymentContext, tx: TxRow): void {
  const refund = deps.jobs.findRefundOfTx(tx.txId);
  if (refund) {
    for (const from of ["submitted", "confirmed"] as const) {
      fail(write, deps, refund, from, NONCE_TAKEN);
    }
  }
  giveUpRequested(write, deps, tx.chainId, ASKED_BESIDE_ANOTHER);
}

function fail(
  write: Write,
  { jobs, queries, now }: PaymentContext,
  { paymentId }: Pick<RefundRow, "paymentId">,
  from: RefundRow["state"],
  failure: string,
): boolean {
  const at = now();
  const failed = { state: "failed", failure, updatedAt: at } as const;
  if (!jobs.moveRefund(write, paymentId, [from], failed)) return false;
  const state = queries.find(paymentId)?.state;
  const detail = { refund: "failed", why: failure };
  if (state) queries.addHistory(write, paymentId, state, at, detail);
  return true;
}
