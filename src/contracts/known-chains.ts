import type { Address } from "viem";

/** What is known of a chain by its id. */
export interface KnownChain {
  /** What `chains[].network` is called here unless the operator says otherwise. */
  readonly network: string;
  /** The name people use. */
  readonly name: string;
  /** What gas is paid in. */
  readonly gasSymbol: string;
  /** Whether money on it is real. */
  readonly isReal: boolean;
  /** Circle's USDC, where its address was checked. */
  readonly usdc: Address | undefined;
}

/** Chains of one machine, which viem lists without calling them test chains. */
const LOCAL_CHAIN_IDS: ReadonlySet<number> = new Set([1337, 1281, 31_337]);
const NETWORKS: Readonly<Record<number, string>> = {
  1: "ethereum",
  10: "optimism",
  137: "polygon",
  8453: "base",
  31337: "anvil",
  42161: "arbitrum",
  84532: "base-sepolia",
};
const USDC: Readonly<Record<number, Address>> = {
  8453: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
  84532: "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
};

/** Describes a chain by its id; one that nobody knows is taken for a private test chain. */
export async function describeChain(chainId: number): Promise<KnownChain> {
  const chains = await import("viem/chains");
  const listed = Object.values(chains).filter(({ id }) => id === chainId);
  const isLocal = LOCAL_CHAIN_IDS.has(chainId);
  const [first] = listed;
  return {
    network: NETWORKS[chainId] ?? `eip155:${chainId}`,
    name: first?.name ?? "a chain that is not in viem's list",
    gasSymbol: first?.nativeCurrency.symbol ?? "ETH",
    isReal: !isLocal && listed.some(({ testnet }) => testnet !== true),
    usdc: USDC[chainId],
  };
}
