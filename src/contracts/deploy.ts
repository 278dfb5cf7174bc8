import type { Address, Hex } from "viem";
import { createPublicClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { type Deployment, planDeployment } from "./creations.ts";

export type { Deployment };

/** Names who deploys and what the contracts are bound to for ever. */
export interface DeployInput {
  rpcUrl: string;
  /** Pays the gas; gets no right in any contract. */
  privateKey: Hex;
  /** Takes the protocol's 10 bps. */
  treasury: Address;
  /** May complete front-run payments (docs/protocol.md §8): the steward's wallets. */
  recoverers: readonly Address[];
  /** An existing EIP-3009 token; without it a test USDC is deployed too. */
  usdc?: Address;
}

/**
 * Deploys settlement and escrow, and a test USDC where no token is named, on a local chain: all in one
 * block where it has room, and waits until they are mined (docs/protocol.md §8). Nonces are counted here,
 * so the key must not be used elsewhere meanwhile. For real chains there is `steward chain deploy`.
 * @throws Error if a creation reverts; viem's errors where the chain cannot be reached
 */
export async function deployContracts(input: DeployInput): Promise<Deployment> {
  const account = privateKeyToAccount(input.privateKey);
  const client = createPublicClient({
    transport: http(input.rpcUrl),
    pollingInterval: 50,
    cacheTime: 0,
  });
  const [chainId, nonce, fees] = await Promise.all([
    client.getChainId(),
    client.getTransactionCount({ address: account.address, blockTag: "pending" }),
    client.estimateFeesPerGas(),
  ]);
  const { creations, contracts } = planDeployment({
    deployer: account.address,
    nonce,
    treasury: input.treasury,
    recoverers: input.recoverers,
    existing: { ...(input.usdc !== undefined && { usdc: input.usdc }) },
  });
  const hashes: Hex[] = [];
  for (const { nonce, data, gasMax: gas } of creations) {
    const transaction = { chainId, nonce, data, gas, ...fees, type: "eip1559" } as const;
    const serializedTransaction = await account.signTransaction(transaction);
    hashes.push(await client.sendRawTransaction({ serializedTransaction }));
  }
  const receipts = await Promise.all(
    hashes.map((hash) => client.waitForTransactionReceipt({ hash, checkReplacement: false })),
  );
  const failed = receipts.find((receipt) => receipt.status !== "success");
  if (failed) throw new Error(`creation of a contract reverted in ${failed.transactionHash}`);
  return contracts;
}
