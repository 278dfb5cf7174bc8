import { readFileSync } from "node:fs";
import { type Address, createPublicClient, type Hex, http } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import { type Deployment, deployContracts } from "../../src/contracts/deploy.ts";
import { ANVIL_KEYS, startAnvil } from "../../src/dev/anvil.ts";
import { fundHolders, openAccount } from "./fund.ts";

/** What one payment pays: 0.01 USDC. */
export const AMOUNT = 10_000n;
/** The share of a zone's creator, in basis points. */
export const CREATOR_FEE_BPS = 100;
/** 100 USDC each, so that balances stay different from zero throughout. */
const FUNDS = 100_000_000n;
const CLOCK_TICKS_PER_SECOND = 100;

/** How a chain is set up. */
export interface WorldPlan {
  readonly blockSecs: number;
  readonly agents: number;
  /** In units of gas. */
  readonly blockGas: number;
}

/** What a settler's key did between two blocks. */
export interface ChainUse {
  readonly transactions: number;
  readonly reverted: number;
  readonly gasUsed: bigint;
}

/** A chain with token and contracts, a settler's key with gas, and agents with money. */
export interface World extends Deployment {
  readonly chainId: number;
  readonly rpcUrl: string;
  readonly walletKey: Hex;
  readonly wallet: Address;
  readonly recipient: Address;
  readonly creator: Address;
  readonly agents: readonly PrivateKeyAccount[];
  /** Resolves right after a block, with its number. */
  nextBlock(): Promise<number>;
  /** What the wallet sent in the blocks after one, up to the last. */
  readUse(afterBlock: number): Promise<ChainUse>;
  /** What the agents have paid since they were funded, whoever got it. */
  readPaid(): Promise<bigint>;
  /** Seconds of CPU time that anvil has used. */
  anvilCpuSecs(): number;
}

/** Starts anvil and prepares everything on it; the same for whoever settles. */
export async function startWorld({ blockSecs, agents, blockGas }: WorldPlan): Promise<World> {
  const anvil = await startAnvil({
    blockTimeSecs: blockSecs,
    args: ["--gas-limit", String(blockGas)],
  });
  const [deployer, walletKey, recipient, creator, treasury] = ANVIL_KEYS;
  const [wallet, payTo, owner, protocol] = [walletKey, recipient, creator, treasury].map(
    (key) => privateKeyToAccount(key).address,
  ) as [Address, Address, Address, Address];
  const { rpcUrl, chainId } = anvil;
  const deployment = await deployContracts({
    rpcUrl,
    privateKey: deployer,
    treasury: protocol,
    recoverers: [wallet],
  });
  const accounts = Array.from({ length: agents }, () => privateKeyToAccount(generatePrivateKey()));
  await fundHolders({
    rpcUrl,
    usdc: deployment.usdc,
    minterKey: deployer,
    holders: [...accounts.map((account) => account.address), payTo, owner, protocol],
    amount: FUNDS,
  });
  await openAccount(rpcUrl, wallet);
  const people = { walletKey, wallet, recipient: payTo, creator: owner, agents: accounts };
  const reader = createReader(rpcUrl, { ...people, usdc: deployment.usdc });
  const anvilCpuSecs = () => readCpuSecs(anvil.pid);
  return { ...deployment, ...people, ...reader, chainId, rpcUrl, anvilCpuSecs };
}

function createReader(
  rpcUrl: string,
  { usdc, wallet, agents }: Pick<World, "usdc" | "wallet" | "agents">,
) {
  const client = createPublicClient({
    transport: http(rpcUrl),
    pollingInterval: 5,
    cacheTime: 0,
  });
  const readBlock = async () => Number(await client.getBlockNumber());
  return {
    nextBlock: async (): Promise<number> => {
      const now = await readBlock();
      for (;;) {
        const next = await readBlock();
        if (next > now) return next;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    readUse: async (afterBlock: number): Promise<ChainUse> => {
      const last = await readBlock();
      let use: ChainUse = { transactions: 0, reverted: 0, gasUsed: 0n };
      for (let number = afterBlock + 1; number <= last; number++) {
        const receipts = await client.request({
          method: "eth_getBlockReceipts" as never,
          params: [`0x${number.toString(16)}`] as never,
        });
        use = addUse(use, receipts, wallet);
      }
      return use;
    },
    readPaid: async (): Promise<bigint> => {
      const abi = testUsdcAbi;
      const left = await Promise.all(
        agents.map(({ address }) =>
          client.readContract({ address: usdc, abi, functionName: "balanceOf", args: [address] }),
        ),
      );
      return left.reduce((paid, balance) => paid + FUNDS - balance, 0n);
    },
  };
}

function addUse(use: ChainUse, receipts: unknown, wallet: Address): ChainUse {
  const all = receipts as readonly { from: string; status: Hex; gasUsed: Hex }[];
  const own = all.filter(({ from }) => from.toLowerCase() === wallet.toLowerCase());
  return {
    transactions: use.transactions + own.length,
    reverted: use.reverted + own.filter(({ status }) => status !== "0x1").length,
    gasUsed: own.reduce((sum, { gasUsed }) => sum + BigInt(gasUsed), use.gasUsed),
  };
}

function readCpuSecs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}
