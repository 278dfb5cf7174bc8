import {
  type Address,
  createPublicClient,
  createTestClient,
  encodeFunctionData,
  type Hex,
  http,
  parseEther,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";

const MINT_GAS = 100_000n;
const SENT_AT_ONCE = 100;
const PROGRESS_MS = 5_000;

/** Who gets how much test USDC. */
export interface FundInput {
  readonly rpcUrl: string;
  readonly usdc: Address;
  readonly minterKey: Hex;
  readonly holders: readonly Address[];
  readonly amount: bigint;
}

/** Gives a settler's key gas and a nonce above 0, where viem's nonce manager does not work. */
export async function openAccount(rpcUrl: string, address: Address): Promise<void> {
  const test = createTestClient({ transport: http(rpcUrl), mode: "anvil" });
  await test.setBalance({ address, value: parseEther("10000") });
  await test.setNonce({ address, nonce: 1 });
}

/** Mints for many holders, some at once, and again what anvil lost. @throws Error if it cannot */
export async function fundHolders(input: FundInput): Promise<void> {
  const { rpcUrl, usdc, holders, amount } = input;
  const client = createPublicClient({ transport: http(rpcUrl), cacheTime: 0 });
  const account = privateKeyToAccount(input.minterKey);
  const [chainId, fees, first] = await Promise.all([
    client.getChainId(),
    client.estimateFeesPerGas(),
    client.getTransactionCount({ address: account.address }),
  ]);
  const mint = async (holder: Address, index: number, round: bigint): Promise<void> => {
    const data = encodeFunctionData({
      abi: testUsdcAbi,
      functionName: "mint",
      args: [holder, amount],
    });
    const serializedTransaction = await account.signTransaction({
      ...{ type: "eip1559", chainId, nonce: first + index, to: usdc, data, gas: MINT_GAS },
      maxFeePerGas: (fees.maxFeePerGas * (4n + round)) / 4n,
      maxPriorityFeePerGas: (fees.maxPriorityFeePerGas * (4n + round)) / 4n,
    });
    await client.sendRawTransaction({ serializedTransaction });
  };
  const readMined = async (): Promise<number> =>
    (await client.getTransactionCount({ address: account.address })) - first;
  // A transaction that anvil keeps queued though its nonce is next goes on where a dearer one replaces it.
  for (let mined = 0, round = 0n; mined < holders.length; round++) {
    for (let next = mined; next < holders.length; next += SENT_AT_ONCE) {
      const chunk = holders.slice(next, next + SENT_AT_ONCE);
      await Promise.allSettled(chunk.map((holder, index) => mint(holder, next + index, round)));
    }
    mined = await waitForMined(readMined, holders.length);
  }
}

/** Resolves when so many are mined, or when no more of them are for some time, with how many are. */
async function waitForMined(readMined: () => Promise<number>, wanted: number): Promise<number> {
  let mined = 0;
  for (let untilMs = performance.now() + PROGRESS_MS; performance.now() < untilMs; ) {
    const now = await readMined();
    if (now >= wanted) return now;
    if (now > mined) untilMs = performance.now() + PROGRESS_MS;
    mined = now;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (mined === 0) throw new Error("anvil mines no mint");
  return mined;
}
