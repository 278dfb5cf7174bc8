import type { Abi, Address, Hex } from "viem";
import { createPublicClient, encodeDeployData, getContractAddress, http, size } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { testUsdcAbi, testUsdcBytecode } from "./test-usdc.generated.ts";
import { zoneEscrowAbi, zoneEscrowBytecode } from "./zone-escrow.generated.ts";
import { zoneSettlementAbi, zoneSettlementBytecode } from "./zone-settlement.generated.ts";

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

/** Are the addresses of one deployment. */
export interface Deployment {
  usdc: Address;
  settlement: Address;
  escrow: Address;
}

interface Creation {
  abi: Abi;
  bytecode: Hex;
  args: readonly unknown[];
}

// Storing a byte of code costs 200 gas and sending it 16; the rest covers the constructors.
const GAS_PER_BYTE = 250n;
const GAS_BASE = 600_000n;

/**
 * Deploys settlement and escrow, and a test USDC where no token is named, all in one block where it has
 * room, and waits until they are mined (docs/protocol.md §8). Nonces are counted here, so the key must not
 * be used elsewhere meanwhile.
 * @throws Error if a creation reverts; viem's errors where the chain cannot be reached
 */
export async function deployContracts(input: DeployInput): Promise<Deployment> {
  const account = privateKeyToAccount(input.privateKey);
  const client = createPublicClient({
    transport: http(input.rpcUrl),
    pollingInterval: 50,
    cacheTime: 0,
  });
  const [chainId, firstNonce, fees] = await Promise.all([
    client.getChainId(),
    client.getTransactionCount({ address: account.address, blockTag: "pending" }),
    client.estimateFeesPerGas(),
  ]);
  const hashes: Hex[] = [];
  const create = async ({ abi, bytecode, args }: Creation): Promise<Address> => {
    const nonce = firstNonce + hashes.length;
    const data = encodeDeployData({ abi, bytecode, args });
    const gas = GAS_BASE + GAS_PER_BYTE * BigInt(size(data));
    const transaction = { chainId, nonce, data, gas, ...fees, type: "eip1559" } as const;
    const serializedTransaction = await account.signTransaction(transaction);
    hashes.push(await client.sendRawTransaction({ serializedTransaction }));
    return getContractAddress({ from: account.address, nonce: BigInt(nonce) });
  };
  const usdc =
    input.usdc ?? (await create({ abi: testUsdcAbi, bytecode: testUsdcBytecode, args: [] }));
  const args = [usdc, input.treasury, input.recoverers];
  const settlement = await create({
    abi: zoneSettlementAbi,
    bytecode: zoneSettlementBytecode,
    args,
  });
  const escrow = await create({ abi: zoneEscrowAbi, bytecode: zoneEscrowBytecode, args });
  const receipts = await Promise.all(
    hashes.map((hash) => client.waitForTransactionReceipt({ hash, checkReplacement: false })),
  );
  const failed = receipts.find((receipt) => receipt.status !== "success");
  if (failed) throw new Error(`creation of a contract reverted in ${failed.transactionHash}`);
  return { usdc, settlement, escrow };
}
