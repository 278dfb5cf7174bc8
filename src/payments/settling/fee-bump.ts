import type { Hex } from "viem";
import type { TxKind } from "../../store/payments/schema.ts";
import type { AttemptRow, TxRow } from "../../store/payments/txs.ts";
import { IN_PROGRESS, SETTLED } from "../ledger/transitions.ts";
import { type SubmitterDeps, send } from "./submitter.ts";

/** Transactions that are worth nothing once their payments have another end. */
const CARRIES_PAYMENTS: readonly TxKind[] = ["settle", "deposit", "recover"];
/** Gas of a plain transfer, which only uses up a nonce. */
export const FILL_GAS = 21_000n;

/** Nodes take a replacement only if it offers a tenth more in both fees. */
function raise(fee: bigint): bigint {
  return (fee * 9n) / 8n + 1n;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/**
 * Signs the same nonce again with a higher fee and sends it; with nothing in it where all it carried
 * has run out or is settled otherwise. The former forms stay remembered, for any may be mined.
 * @returns false where the fee limit allows no more
 */
export async function bump(deps: SubmitterDeps, tx: TxRow, last: AttemptRow): Promise<boolean> {
  const { chain, wallet, store, txs } = deps;
  const wanted = chain.gas.fees();
  const maxFee = larger(wanted.maxFee, raise(last.maxFee));
  const priorityFee = larger(wanted.priorityFee, raise(last.priorityFee));
  if (maxFee > chain.gas.feeMax || priorityFee > maxFee) {
    chain.alarm("fee-limit", { nonce: tx.nonce });
    return false;
  }
  // Too large for every node: its nonce is used by an empty transaction, and its payments go into
  // smaller batches.
  const isTooLarge = chain.sends.findMeaning(tx.txId) === "gas-cap";
  const content =
    hasWork(deps, tx) && !isTooLarge
      ? { to: tx.to as Hex, data: txs.getData(tx.txId) as Hex, gas: BigInt(tx.gasLimit) }
      : { to: wallet.address, data: "0x" as const, gas: FILL_GAS };
  const { chainId, nonce } = tx;
  const signed = await wallet.sign({ chainId, nonce, maxFee, priorityFee, ...content });
  store.write((write) => {
    txs.addAttempt(write, { ...signed, txId: tx.txId, maxFee, priorityFee, createdAt: deps.now() });
  });
  await store.committed();
  deps.log.warn({ chain_id: chainId, nonce, tx_hash: signed.hash }, "stuck; the fee was raised");
  await send(deps, tx, signed.raw);
  return true;
}

function hasWork({ chain, txs }: SubmitterDeps, tx: TxRow): boolean {
  // A refund, claim, registration or escrow operation counts as done by whichever of its forms is
  // mined: an empty one, mined, would count as the refund. So only what carries payments may become
  // empty.
  if (!CARRIES_PAYMENTS.includes(tx.kind)) return true;
  const time = chain.head?.timestamp ?? 0;
  const hashes = txs.listAttempts(tx.txId).map(({ hash }) => hash);
  return txs.listItems(tx.txId).some(({ payment }) => {
    if (payment.txId !== tx.txId || (tx.kind !== "recover" && payment.deadline <= time)) {
      return false;
    }
    // Settled by this very transaction before a reorg took it back: no other one will settle it, so
    // there is work left.
    const settledBy = SETTLED.includes(payment.state) ? payment.txHash : null;
    return (
      IN_PROGRESS.includes(payment.state) || (settledBy !== null && hashes.includes(settledBy))
    );
  });
}
