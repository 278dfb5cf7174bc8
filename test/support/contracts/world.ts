import type { Abi, Address, Hex, TransactionReceipt } from "viem";
import {
  decodeErrorResult,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  parseEventLogs,
} from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { privateKeyToAccount } from "viem/accounts";
import { testUsdcAbi } from "../../../src/abi/test-usdc.generated.ts";
import { zoneEscrowAbi } from "../../../src/abi/zone-escrow.generated.ts";
import { zoneSettlementAbi } from "../../../src/abi/zone-settlement.generated.ts";
import { deployContracts } from "../../../src/contracts/deploy.ts";
import { ANVIL_KEYS } from "../../../src/dev/anvil.ts";
import type { TestChain } from "../anvil.ts";
import { startTestChain } from "../anvil.ts";

const GAS = 12_000_000n;
const [
  deployer,
  carrier,
  recoverer,
  stranger,
  recipient,
  creator,
  treasury,
  payer,
  arbiter,
  other,
] = ANVIL_KEYS.map((key) => privateKeyToAccount(key)) as [
  PrivateKeyAccount,
  PrivateKeyAccount,
  PrivateKeyAccount,
  PrivateKeyAccount,
  PrivateKeyAccount,
  PrivateKeyAccount,
  PrivateKeyAccount,
  PrivateKeyAccount,
  PrivateKeyAccount,
  PrivateKeyAccount,
];

/** Are the people of the contract tests, each with ETH. */
export const people = {
  deployer,
  carrier,
  recoverer,
  stranger,
  recipient,
  creator,
  treasury,
  payer,
  arbiter,
  other,
};

/** Knows the errors and events of everything that can answer in these tests. */
export const allAbis = [...testUsdcAbi, ...zoneSettlementAbi, ...zoneEscrowAbi] as const;

export interface Call {
  from: PrivateKeyAccount;
  to: Address;
  data: Hex;
  gas?: bigint;
}

/** Starts a chain that mines each transaction at once and deploys the contracts on it. */
export async function startWorld() {
  const chain = await startTestChain({ blockTimeSecs: null });
  const deployment = await deployContracts({
    rpcUrl: chain.rpcUrl,
    privateKey: ANVIL_KEYS[0],
    treasury: treasury.address,
    recoverers: [recoverer.address],
  });
  return {
    chain,
    ...deployment,
    send: (call: Call) => send(chain, call),
    deploy: (abi: Abi, bytecode: Hex, args: readonly unknown[]) =>
      deploy(chain, abi, bytecode, args),
    refusalOf: (call: Call) => refusalOf(chain, call),
    balanceOf: (owner: Address, token = deployment.usdc) =>
      chain.client.readContract({
        address: token,
        abi: testUsdcAbi,
        functionName: "balanceOf",
        args: [owner],
      }),
    mint: (to: Address, amount: bigint, token = deployment.usdc) =>
      send(chain, {
        from: deployer,
        to: token,
        data: encodeFunctionData({ abi: testUsdcAbi, functionName: "mint", args: [to, amount] }),
      }),
    [Symbol.asyncDispose]: () => chain[Symbol.asyncDispose](),
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;

async function send(
  chain: TestChain,
  { from, to, data, gas = GAS }: Call,
): Promise<TransactionReceipt> {
  const nonce = await chain.client.getTransactionCount({ address: from.address });
  const raw = await from.signTransaction({
    chainId: chain.chainId,
    nonce,
    to,
    data,
    gas,
    maxFeePerGas: 20_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    type: "eip1559",
  });
  const hash = await chain.client.sendRawTransaction({ serializedTransaction: raw });
  return chain.client.waitForTransactionReceipt({ hash, checkReplacement: false });
}

async function deploy(
  chain: TestChain,
  abi: Abi,
  bytecode: Hex,
  args: readonly unknown[],
): Promise<Address> {
  const nonce = await chain.client.getTransactionCount({ address: deployer.address });
  const raw = await deployer.signTransaction({
    chainId: chain.chainId,
    nonce,
    data: encodeDeployData({ abi, bytecode, args }),
    gas: GAS,
    maxFeePerGas: 20_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    type: "eip1559",
  });
  const hash = await chain.client.sendRawTransaction({ serializedTransaction: raw });
  const receipt = await chain.client.waitForTransactionReceipt({ hash, checkReplacement: false });
  if (receipt.status !== "success") throw new Error("creation reverted");
  return getContractAddress({ from: deployer.address, nonce: BigInt(nonce) });
}

/**
 * Sends the call, asserts that it reverted, and names the error it reverted with (asked again by eth_call
 * on the block before, at the block's own time).
 */
async function refusalOf(chain: TestChain, call: Call): Promise<string> {
  const receipt = await send(chain, call);
  if (receipt.status === "success") return "no refusal";
  return revertName(await revertData(chain, call));
}

async function revertData(chain: TestChain, { from, to, data, gas = GAS }: Call): Promise<Hex> {
  const response = await fetch(chain.rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "eth_call",
      params: [{ from: from.address, to, data, gas: `0x${gas.toString(16)}` }, "latest"],
    }),
  });
  const body = (await response.json()) as { error?: { data?: Hex } };
  return body.error?.data ?? "0x";
}

/** Names a revert's error, `empty` where it carries none. */
export function revertName(data: Hex): string {
  if (data === "0x") return "empty";
  return decodeErrorResult({ abi: allAbis, data }).errorName;
}

/** Lists the events of one contract in a receipt, decoded. */
export function eventsOf(receipt: TransactionReceipt, address: Address) {
  const logs = receipt.logs.filter((log) => log.address.toLowerCase() === address.toLowerCase());
  return parseEventLogs({ abi: allAbis, logs });
}
