import type { ChainConfig, PaymentsConfig } from "./config.ts";

const GWEI = 1_000_000_000n;
/** Main nets whose gas is dear, test nets, and chains that are not known here. */
const OTHERS_GWEI = 500n;
/** Rollups sell gas for thousandths of a gwei; some gwei are a fee spike there. */
const ROLLUP_GWEI = 10n;
/** Chains whose coin is worth so little that their fees are large numbers. */
const LARGE_NUMBERS_GWEI = 5_000n;

const ROLLUPS: ReadonlySet<number> = new Set([
  // OP Stack: OP Mainnet, Base, Unichain, Ink, World Chain, Zora, Mode, Soneium, Blast.
  ...[10, 8453, 130, 57_073, 480, 7_777_777, 34_443, 1868, 81_457],
  // Arbitrum One and Nova, Linea, Scroll, ZKsync Era.
  ...[42_161, 42_170, 59_144, 534_352, 324],
  // Their test nets: OP, Base, Unichain, Ink, World Chain, Arbitrum, Linea, Scroll and ZKsync Sepolia.
  ...[11_155_420, 84_532, 1301, 763_373, 4801, 421_614, 59_141, 534_351, 300],
]);
/** Polygon PoS and Amoy, Celo and its test net. */
const LARGE_NUMBERS: ReadonlySet<number> = new Set([137, 80_002, 42_220, 11_142_220]);

/**
 * The most wei per unit of gas that the wallet offers on a chain: the chain's `fee_max_wei`, else
 * that of `payments`, else one for its kind; `docs/chains.md`.
 */
export function toFeeMax(
  chain: Pick<ChainConfig, "chain_id" | "fee_max_wei">,
  payments: Pick<PaymentsConfig, "fee_max_wei">,
): bigint {
  return chain.fee_max_wei ?? payments.fee_max_wei ?? ofKind(chain.chain_id) * GWEI;
}

function ofKind(chainId: number): bigint {
  if (ROLLUPS.has(chainId)) return ROLLUP_GWEI;
  return LARGE_NUMBERS.has(chainId) ? LARGE_NUMBERS_GWEI : OTHERS_GWEI;
}
