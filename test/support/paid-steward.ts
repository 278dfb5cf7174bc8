import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, parseEther } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { type Deployment, deployContracts } from "../../src/contracts/deploy.ts";
import { fundAccounts } from "../../src/dev/fund.ts";
import { loadOrCreateWalletKey } from "../../src/identity/wallet-key.ts";
import { startTestChain } from "./anvil.ts";
import { startSteward, type TestSteward } from "./steward.ts";
import type { Reply } from "./wire-client.ts";

/** 1,000 USDC. */
const FUNDS = 1_000_000_000n;
export const NETWORK = "anvil";

type TestChain = Awaited<ReturnType<typeof startTestChain>>;

/** A steward with a chain of its own, contracts deployed and accounts funded. */
export interface PaidSteward extends AsyncDisposable {
  readonly chain: TestChain;
  readonly contracts: Deployment;
  readonly steward: TestSteward;
  /** Has money; `pauper` has none. */
  readonly payer: PrivateKeyAccount;
  readonly pauper: PrivateKeyAccount;
  /** Starts another steward on the same chain, with its own wallet and data. */
  start(config: Record<string, unknown>, nowMs?: () => number): Promise<TestSteward>;
}

/**
 * Boots anvil, contracts and a steward that takes payments.
 * @param deployToken puts another token than ours on the chain; its first account mints
 * @param entry further keys of the chain's entry in the configuration
 */
export async function startPaidSteward(
  config: Record<string, unknown>,
  deployToken?: (chain: TestChain) => Promise<Address>,
  entry: Record<string, unknown> = {},
): Promise<PaidSteward> {
  const chain = await startTestChain();
  const [deployer, treasury, rich, poor] = chain.accounts;
  if (!deployer || !treasury || !rich || !poor) throw new Error("anvil has ten accounts");
  const dataDirs: string[] = [];
  const makeDataDir = () => {
    const dir = mkdtempSync(join(tmpdir(), "steward-paid-"));
    dataDirs.push(dir);
    return {
      dir,
      wallet: privateKeyToAccount(loadOrCreateWalletKey(join(dir, "wallet-key"))).address,
    };
  };
  const first = makeDataDir();
  const usdc = await deployToken?.(chain);
  const contracts = await deployContracts({
    ...(usdc && { usdc }),
    rpcUrl: chain.rpcUrl,
    privateKey: deployer.key,
    treasury: treasury.address,
    recoverers: [first.wallet],
  });
  const payer = privateKeyToAccount(rich.key);
  await fundAccounts({
    rpcUrl: chain.rpcUrl,
    minterKey: deployer.key,
    usdc: contracts.usdc,
    holders: [payer.address],
    amount: FUNDS,
    gasAccount: first.wallet,
    gasWei: parseEther("10"),
  });
  const rpc_urls = [chain.rpcUrl];
  const chains = [{ chain_id: chain.chainId, network: NETWORK, rpc_urls, ...contracts, ...entry }];
  const boot = (dataDir: string, more: Record<string, unknown>, nowMs?: () => number) =>
    startSteward({ dataDir, config: { chains, ...more }, ...(nowMs && { nowMs }) });
  const steward = await boot(first.dir, config);
  return {
    chain,
    contracts,
    steward,
    payer,
    pauper: privateKeyToAccount(poor.key),
    start: async (more, nowMs) => {
      const { dir, wallet } = makeDataDir();
      await chain.rpc("anvil_setBalance", [wallet, "0x8ac7230489e80000"]);
      return boot(dir, more, nowMs);
    },
    [Symbol.asyncDispose]: async () => {
      await steward[Symbol.asyncDispose]();
      await chain[Symbol.asyncDispose]();
      for (const dir of dataDirs) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Signs the authorization a requirement asks for; `change` replaces fields before signing. */
export async function authorize(
  requirement: Reply,
  account: PrivateKeyAccount,
  change: Reply = {},
): Promise<Reply> {
  const fields: Reply = {
    from: account.address,
    to: requirement.to,
    value: requirement.amount,
    valid_after: 0,
    valid_before: requirement.deadline,
    nonce: requirement.nonce,
    ...change,
  };
  const signature = await account.signTypedData({
    domain: {
      name: "USD Coin",
      version: "2",
      chainId: requirement.chain_id,
      verifyingContract: requirement.token,
    },
    primaryType: "ReceiveWithAuthorization",
    types: { ReceiveWithAuthorization: AUTHORIZATION_FIELDS },
    message: {
      from: fields.from,
      to: fields.to,
      value: BigInt(fields.value),
      validAfter: BigInt(fields.valid_after),
      validBefore: BigInt(fields.valid_before),
      nonce: fields.nonce,
    },
  });
  const v = Number.parseInt(signature.slice(130), 16);
  const parts = { v, r: signature.slice(0, 66), s: `0x${signature.slice(66, 130)}` };
  return { type: "receive", ...fields, ...parts };
}

const AUTHORIZATION_FIELDS = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
] as const;
