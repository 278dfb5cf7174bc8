import { fileURLToPath } from "node:url";
import type { Abi, Address } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { compileSolidity } from "../../scripts/solidity.ts";
import { ANVIL_KEYS } from "../../src/dev/anvil.ts";
import {
  createOperatorMessage,
  type OperatorBinding,
  type OperatorMessageInput,
} from "../../src/protocol/operator-binding.ts";
import { startTestChain } from "../support/anvil.ts";
import { WireClient } from "../support/wire-client.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The steward's domain in these tests. */
export const DOMAIN = "steward.example";
export const FID = 7341;

/** People with accounts. */
export const [alice, bob] = ANVIL_KEYS.slice(2, 4).map((key) => privateKeyToAccount(key)) as [
  PrivateKeyAccount,
  PrivateKeyAccount,
];

/** Starts a chain with a registry of fids on it. */
export async function startRegistry() {
  const chain = await startTestChain({ blockTimeSecs: null });
  const contract = compileSolidity(ROOT, ["contracts/test/FidRegistry.sol"], { viaIR: false }).get(
    "FidRegistry",
  );
  if (contract === undefined) throw new Error("no FidRegistry");
  const abi = contract.abi as Abi;
  const account = privateKeyToAccount(ANVIL_KEYS[0]);
  const { createWalletClient, http } = await import("viem");
  const wallet = createWalletClient({ account, transport: http(chain.rpcUrl) });
  const receiptOf = (hash: `0x${string}`) => chain.client.waitForTransactionReceipt({ hash });
  const made = await wallet.deployContract({ abi, bytecode: contract.bytecode, chain: null });
  const address = (await receiptOf(made)).contractAddress as Address;
  return {
    chain,
    address,
    /** Gives a fid to an account; 0 takes it away. */
    set: async (owner: Address, fid: number): Promise<void> => {
      const args = [owner, BigInt(fid)];
      const functionName = "set";
      await receiptOf(
        await wallet.writeContract({ address, abi, functionName, args, chain: null }),
      );
    },
    [Symbol.asyncDispose]: () => chain[Symbol.asyncDispose](),
  };
}

export interface BindingInput extends Partial<OperatorMessageInput> {
  readonly nodeId: string;
  /** Who signs; default: alice. */
  readonly signer?: PrivateKeyAccount;
  /** Changes the text before it is signed. */
  readonly edit?: (message: string) => string;
}

/** Signs a person's word for a node. */
export async function signBinding({
  signer = alice,
  edit = (message) => message,
  ...input
}: BindingInput): Promise<OperatorBinding> {
  const { fid = FID, custodyAddress = alice.address, domain = DOMAIN } = input;
  const message = edit(createOperatorMessage({ ...input, fid, custodyAddress, domain }));
  const signature = await signer.signMessage({ message });
  return { fid, username: "alice", custody_address: custodyAddress, message, signature };
}

/** Shows a binding in a Hello; returns the VerifyAck's fields. */
export async function showBinding(
  url: string,
  { key, binding }: { key: WireClient["key"]; binding: unknown },
) {
  const client = await WireClient.open(url, key);
  const ack = await client.handshake({ hello: { operator: binding } });
  return { client, ack, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}
