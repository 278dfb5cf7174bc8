import { createPublicClient, createTestClient, encodeFunctionData, type Hex, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { testUsdcAbi } from "../abi/test-usdc.generated.ts";

const MINT_GAS = 200_000n;

export interface FundInput {
  readonly rpcUrl: string;
  /** Pays the gas of minting. */
  readonly minterKey: Hex;
  readonly usdc: Hex;
  readonly holders: readonly Hex[];
  /** Smallest units each holder gets. */
  readonly amount: bigint;
  readonly gasAccount: Hex;
  readonly gasWei: bigint;
}

/** Mints test USDC and gives the steward's wallet gas, on a local anvil only. */
export async function fundAccounts(input: FundInput): Promise<void> {
  const transport = http(input.rpcUrl);
  const client = createPublicClient({ transport, pollingInterval: 50, cacheTime: 0 });
  const test = createTestClient({ transport, mode: "anvil" });
  await test.setBalance({ address: input.gasAccount, value: input.gasWei });
  const account = privateKeyToAccount(input.minterKey);
  const nonce = await client.getTransactionCount({ address: account.address, blockTag: "pending" });
  const [chainId, fees] = await Promise.all([client.getChainId(), client.estimateFeesPerGas()]);
  const hashes = await Promise.all(
    input.holders.map(async (holder, index) => {
      const data = encodeFunctionData({
        abi: testUsdcAbi,
        functionName: "mint",
        args: [holder, input.amount],
      });
      const serializedTransaction = await account.signTransaction({
        chainId,
        to: input.usdc,
        data,
        nonce: nonce + index,
        gas: MINT_GAS,
        ...fees,
        type: "eip1559",
      });
      return client.sendRawTransaction({ serializedTransaction });
    }),
  );
  for (const hash of hashes) {
    const receipt = await client.waitForTransactionReceipt({ hash, checkReplacement: false });
    if (receipt.status !== "success") throw new Error(`The mint ${hash} reverted.`);
  }
}
