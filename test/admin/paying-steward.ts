import { join } from "node:path";
import { parseEther, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { deployContracts } from "../../src/contracts/deploy.ts";
import { loadOrCreateWalletKey } from "../../src/identity/wallet-key.ts";
import { startTestChain } from "../support/anvil.ts";
import { startSteward } from "../support/steward.ts";
import { createTempDir } from "./support.ts";

/** Starts anvil with the contracts, and a steward that takes payments there. */
export async function startPayingSteward(more: Record<string, unknown> = {}) {
  await using stack = new AsyncDisposableStack();
  const chain = stack.use(await startTestChain());
  const dataDir = stack.use(createTempDir()).path;
  const wallet = privateKeyToAccount(loadOrCreateWalletKey(join(dataDir, "wallet-key")));
  await chain.rpc("anvil_setBalance", [wallet.address, toHex(parseEther("100"))]);
  const [deployer, treasury] = chain.accounts;
  if (deployer === undefined || treasury === undefined) throw new Error("anvil has no accounts");
  const contracts = await deployContracts({
    rpcUrl: chain.rpcUrl,
    privateKey: deployer.key,
    treasury: treasury.address,
    recoverers: [wallet.address],
  });
  const network = { chain_id: chain.chainId, network: "anvil", rpc_urls: [chain.rpcUrl] };
  const config = { chains: [{ ...network, ...contracts }], ...more };
  const steward = stack.use(await startSteward({ dataDir, config }));
  const owned = stack.move();
  return { chain, contracts, steward, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
