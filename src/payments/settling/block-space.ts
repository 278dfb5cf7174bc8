import type { TxRow } from "../../store/payments/txs.ts";

/** Of what a batch may use it uses about so much, in percent; the limit must leave the calls' floors. */
const USED_PERCENT = 80n;

/**
 * What is left of the block that the next transaction of the wallet would be mined in, if the block
 * held nothing else: blocks take a transaction by its gas limit, and then count what it used.
 * @param waiting the wallet's transactions that are not mined, lowest nonce first
 */
export function toGasLeft(waiting: readonly Pick<TxRow, "gasLimit">[], blockGas: bigint): bigint {
  let used = 0n;
  for (const tx of waiting) {
    const limit = BigInt(tx.gasLimit);
    if (used + limit > blockGas) used = 0n;
    used += (limit * USED_PERCENT) / 100n;
  }
  return blockGas - used;
}
