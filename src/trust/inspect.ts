import { parseAbi } from "viem";
import { ContractMismatch, readView } from "../payments/chain/contract-views.ts";
import { RpcEndpoint, RpcError } from "../payments/chain/rpc-endpoint.ts";
import { parseNumber } from "../payments/chain/rpc-pool.ts";
import { ZERO_ADDRESS } from "../protocol/addresses.ts";
import type { TrustConfig } from "./config.ts";

/** What is asked of a registry of fids. */
export const REGISTRY_ABI = parseAbi(["function idOf(address owner) view returns (uint256)"]);

/** What one RPC URL says of the registry. */
export interface RegistryReport {
  /** What the URL is called; it may hold a key itself. */
  readonly item: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string;
}

/** Asks the registry of fids through each of its RPC URLs, as a handshake does. */
export function inspectRegistry(
  registry: NonNullable<TrustConfig["fid_registry"]>,
  urls: readonly string[],
  timeoutMs: number,
): Promise<RegistryReport[]> {
  const stop = new AbortController().signal;
  return Promise.all(
    urls.map(async (url, index): Promise<RegistryReport> => {
      const item = `fid registry, rpc_urls.${index} ${URL.parse(url)?.host ?? ""}`.trim();
      const rpc = new RpcEndpoint({ label: item, url, timeoutMs, stop });
      try {
        const found = await rpc.call("eth_chainId", [], parseNumber);
        if (found !== registry.chain_id) {
          const hint = `name a node of chain ${registry.chain_id}, or correct trust.fid_registry.chain_id`;
          return { item, ok: false, detail: `serves chain ${found}`, hint };
        }
        const { address } = registry;
        await readView(rpc, {
          address,
          abi: REGISTRY_ABI,
          functionName: "idOf",
          args: [ZERO_ADDRESS],
        });
        return { item, ok: true, detail: `${address} answers idOf on chain ${found}` };
      } catch (error) {
        return { item, ok: false, ...toFailure(error) };
      }
    }),
  );
}

function toFailure(error: unknown): { detail: string; hint: string } {
  if (error instanceof RpcError) {
    const hint =
      "is the URL right, the node up, its key good? Until it answers, bindings are not confirmed";
    return { detail: error.message, hint };
  }
  if (!(error instanceof ContractMismatch)) throw error;
  const hint = "correct trust.fid_registry.address: take it from Farcaster's own publication";
  return { detail: error.message, hint };
}
