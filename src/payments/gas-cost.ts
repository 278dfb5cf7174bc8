import type { AttemptRow } from "../store/payment-queries-tx.ts";
import type { Block, Receipt } from "./chain-reads.ts";

/**
 * What a mined transaction cost in wei. Nodes that leave out the price paid leave it to EIP-1559: the
 * base fee and the tip, within the offer.
 * @returns undefined where the node does not say how much gas was used
 */
export function findGasCost(
  { gasUsed, effectiveGasPrice }: Receipt,
  { baseFeePerGas }: Block,
  attempt: Pick<AttemptRow, "maxFee" | "priorityFee"> | undefined,
): bigint | undefined {
  const price = effectiveGasPrice ?? (attempt && toPrice(attempt, baseFeePerGas));
  return gasUsed !== undefined && price !== undefined ? gasUsed * price : undefined;
}

function toPrice(
  { maxFee, priorityFee }: Pick<AttemptRow, "maxFee" | "priorityFee">,
  baseFee: bigint | undefined,
): bigint {
  if (baseFee === undefined) return maxFee;
  const wanted = baseFee + priorityFee;
  return wanted < maxFee ? wanted : maxFee;
}
