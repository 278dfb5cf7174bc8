/** No reorg is taken to be deeper, whatever `confirmations` says of single payments. */
export const REORG_BLOCKS = 64;

/** Blocks above a transaction of the wallet from which on nothing is done about it any more. */
export function finalDepth(chain: { readonly config: { readonly confirmations: number } }): number {
  return Math.max(REORG_BLOCKS, chain.config.confirmations);
}
