import type { Address, Hex } from "viem";
import { createPublicClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { AnvilOptions } from "../../src/dev/anvil.ts";
import { ANVIL_CHAIN_ID, ANVIL_KEYS, startAnvil } from "../../src/dev/anvil.ts";

/** Is one of anvil's funded accounts. */
export interface TestAccount {
  key: Hex;
  address: Address;
}

const ACCOUNTS: readonly TestAccount[] = ANVIL_KEYS.map((key) => ({
  key,
  address: privateKeyToAccount(key).address,
}));

/**
 * Starts a real anvil for one test file, `--block-time 0.1` by default, and gives what tests need of it.
 * `snapshot` before each test and `revert` after it keep tests apart; chain time only moves forward.
 */
export async function startTestChain(options: AnvilOptions = {}) {
  const anvil = await startAnvil(options);
  const client = createPublicClient({
    transport: http(anvil.rpcUrl, { retryCount: 0 }),
    pollingInterval: 20,
    cacheTime: 0,
  });
  // anvil's own methods are not in viem's typed schema.
  const rpc = (method: string, params: unknown[] = []): Promise<unknown> =>
    client.request({ method, params } as Parameters<typeof client.request>[0]);
  const hashAt = async (block: number): Promise<unknown> => {
    const found = await rpc("eth_getBlockByNumber", [`0x${block.toString(16)}`, false]);
    return (found as { hash: Hex } | null)?.hash;
  };
  return {
    rpcUrl: anvil.rpcUrl,
    chainId: ANVIL_CHAIN_ID,
    accounts: ACCOUNTS,
    anvil,
    client,
    rpc,
    snapshot: async (): Promise<Hex> => (await rpc("evm_snapshot")) as Hex,
    revert: async (id: Hex): Promise<void> => {
      if ((await rpc("evm_revert", [id])) !== true) throw new Error(`no snapshot ${id}`);
    },
    mine: (blocks = 1): Promise<unknown> => rpc("anvil_mine", [blocks]),
    /**
     * Takes a block back with all that came after it, however many come while it is done.
     * @param earlier how many before it go as well
     * @param instead transactions for the blocks that replace them, as `anvil_reorg` takes them
     */
    takeBack: async (
      block: number,
      { earlier = 0, instead = [] }: { earlier?: number; instead?: readonly unknown[] } = {},
    ): Promise<void> => {
      const before = await hashAt(block);
      while ((await hashAt(block)) === before) {
        const head = Number(await client.getBlockNumber());
        await rpc("anvil_reorg", [head - block + 1 + earlier, instead]);
      }
    },
    /** Gives the next block this time, in Unix seconds; it must be later than the last block's. */
    setNextBlockTime: (seconds: bigint): Promise<unknown> =>
      rpc("evm_setNextBlockTimestamp", [`0x${seconds.toString(16)}`]),
    now: async (): Promise<bigint> => (await client.getBlock()).timestamp,
    [Symbol.asyncDispose]: () => anvil.stop(),
  };
}

/** Is what `startTestChain` returns. */
export type TestChain = Awaited<ReturnType<typeof startTestChain>>;
