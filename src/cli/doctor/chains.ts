import { join } from "node:path";
import type { Hex } from "viem";
import type { Config } from "../../config/config.ts";
import { findWalletAddress } from "../../identity/wallet-key.ts";
import { inspectChain } from "../../payments/chain/inspect.ts";
import { createFindings, type Finding } from "./finding.ts";

const { good } = createFindings("chain");

/** Says of each chain what a start would find: nodes, newest block, contracts, token, the wallet's gas. */
export async function diagnoseChains(config: Config): Promise<Finding[]> {
  const { chains, payments } = config;
  if (chains.length === 0) return [good("chains", "none: this steward serves free actions only")];
  const wallet = findWallet(config.data_dir);
  const now = Math.floor(Date.now() / 1000);
  const reports = await Promise.all(
    chains.map((chain) => inspectChain({ chain, payments, wallet, now })),
  );
  return reports.flatMap(({ chain_id, findings }) =>
    findings.map((finding) => ({
      ...finding,
      area: "chain" as const,
      item: `${chain_id} ${finding.item}`,
    })),
  );
}

function findWallet(dataDir: string): Hex | undefined {
  try {
    return findWalletAddress(join(dataDir, "wallet-key"));
  } catch {
    return undefined; // said of the files already
  }
}
