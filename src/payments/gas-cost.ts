import type { AttemptRow } from "../store/payment-queries-tx.ts";
import type { Block, Receipt } from "./chain-reads.ts";

/**
 * What a mined transaction cost in wei. Nodes that leave out the price paid leave it to EIP-1559: the
 * base fee and the tip, within the offer. Rollups add what they pay to the chain below them (`l1Fee`).
 * @returns undefined where the node does not say how much gas was used
 */
export function findGasCost(
  { gasUsed, effectiveGasPrice, l1Fee }: Receipt,
  { baseFeePerGas }: Block,
  attempt: Pick<AttemptRow, "maxFee" | "priorityFee"> | undefined,
): bigint | undefined {
  const price = effectiveGasPrice ?? (attempt && toPrice(attempt, baseFeePerGas));
  if (gasUsed === undefined || price === undefined) return undefined;
  return gasUsed * price + (l1Fee ?? 0n);
}

function toPrice(
  { maxFee, priorityFee }: Pick<AttemptRow, "maxFee" | "priorityFee">,
  baseFee: bigint | undefined,
): bigint {
  if (baseFee === undefined) return maxFee;
  const wanted = baseFee + priorityFee;
  return wanted < maxFee ? wanted : maxFee;
}
