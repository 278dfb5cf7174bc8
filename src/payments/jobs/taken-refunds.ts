import { StewardError } from "../../errors.ts";
import type { Write } from "../../store/database.ts";
import type { RefundRow } from "../../store/payments/jobs.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import { findBlock, findReceipt, isKnown } from "../chain/reads.ts";
import { askingChain } from "../chain/unavailable.ts";
import { markRefunded, type PaymentContext } from "../ledger/transitions.ts";
import { paysRefund, type Transfer } from "./paid-refunds.ts";

const RETRY_MS = 60_000;

/** Tells whether a refund is another steward's: only its wallet sends it; `docs/protocol.md` §9.9. */
export function isOthers({ steward }: Pick<RefundRow, "steward">): boolean {
  return steward !== null;
}

/** What the operator is told who wants what another steward began. */
export function toOthersConflict({ state, steward }: RefundRow): StewardError {
  return new StewardError("conflict", {
    message: `Its refund is ${state}, and another steward's: ask its operator, or take it over.`,
    details: { steward },
  });
}

/**
 * Looks for the transfer that the steward which began a refund told of: an operator who takes one over that was paid
 * pays nothing. One that was sent again under another hash `findPaid` finds.
 * @throws StewardError `conflict` where it waits to be mined or is not deep enough, `internal` CHAIN_UNAVAILABLE
 */
export async function findOthersTransfer(
  chain: Chain,
  refund: RefundRow,
): Promise<Transfer | undefined> {
  const { txHash } = refund;
  if (txHash === null) return undefined;
  return await askingChain(() =>
    chain.rpc.pinned(async (rpc) => {
      const receipt = await findReceipt(rpc, txHash);
      if (receipt && !(receipt.status === 1 && paysRefund(receipt.logs, refund))) return undefined;
      if (receipt === undefined && !(await isKnown(rpc, txHash))) return undefined;
      const head = await findBlock(rpc, "latest");
      const depth = receipt && head ? head.number - receipt.blockNumber + 1 : 0;
      if (receipt && depth >= chain.config.confirmations) {
        return { txHash, blockNumber: receipt.blockNumber };
      }
      throw new StewardError("conflict", {
        message: "The steward that began it has sent it: see what becomes of its transaction.",
        details: { tx_hash: txHash },
        retryAfterMs: RETRY_MS,
      });
    }, true),
  );
}

/** Notes that a payment was given back, as the chain shows. */
export function recordTransfer(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  { txHash, blockNumber }: Transfer,
): void {
  const set = { state: "confirmed", txHash, blockNumber, failure: null } as const;
  const from = ["requested", "submitted", "failed"] as const;
  const change = { ...set, updatedAt: deps.now() };
  if (!deps.jobs.moveRefund(write, row.paymentId, from, change)) return;
  markRefunded(write, deps, row, txHash);
}
