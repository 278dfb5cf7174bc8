import { randomBytes } from "node:crypto";
import {
  type Address,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  nonceManager,
  publicActions,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { loadPeer, type X402, type X402Payload, type X402Requirements } from "./peer.ts";
import type { Settler } from "./settler.ts";
import { AMOUNT, type World } from "./world.ts";

const VALID_SECS = 300;
/** A transfer with authorization uses some 80,000. */
const TRANSFER_GAS = 120_000n;
const FEES = { maxFeePerGas: 20_000_000_000n, maxPriorityFeePerGas: 1_000_000n };
const FIELDS = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
] as const;

/** How the facilitator is set up. */
export interface FacilitatorOptions {
  /** viem's nonce manager, without which concurrent transactions take the same nonce. */
  readonly nonceManager: boolean;
  /** Gas and fees given, so that no transaction asks the node for them. */
  readonly fixedGas: boolean;
  /** How often viem looks for a receipt; undefined: as viem derives it from the chain. */
  readonly pollingMs: number | undefined;
  /** JSON-RPC calls of one turn travel in one request. */
  readonly batch: boolean;
  /** Verify before settling, as resource servers do; settling verifies again, without simulating. */
  readonly verify: boolean;
}

/** The set-up of the packages' own documentation and examples. */
export const AS_DOCUMENTED: FacilitatorOptions = {
  nonceManager: false,
  fixedGas: false,
  pollingMs: undefined,
  batch: false,
  verify: true,
};

/**
 * The fastest set-up found that is configuration only. At 200 outstanding on 0.1 s blocks, CPU time per
 * payment: nonce manager 7.1 ms, given gas and fees 6.6, batched JSON-RPC 3.7; without `verify` 2.1.
 */
export function findBest(blockSecs: number): FacilitatorOptions {
  const pollingMs = blockSecs < 1 ? 50 : 100;
  return { nonceManager: true, fixedGas: true, pollingMs, batch: true, verify: true };
}

interface FacilitatorTicket {
  readonly payload: X402Payload;
  readonly requirements: X402Requirements;
}

/** Starts the peer's facilitator in this process, exact scheme, one key, with EIP-3009. */
export async function startFacilitator(
  world: World,
  blockSecs: number,
  options: FacilitatorOptions,
): Promise<Settler<FacilitatorTicket>> {
  const x402 = await loadPeer();
  const network = `eip155:${world.chainId}`;
  const signer = createSigner(x402, world, { ...options, blockSecs });
  const facilitator = new x402.x402Facilitator();
  x402.registerExactEvmScheme(facilitator, { signer, networks: network });
  const requirements: X402Requirements = {
    scheme: "exact",
    network,
    asset: world.usdc,
    amount: AMOUNT.toString(),
    payTo: world.recipient,
    maxTimeoutSeconds: VALID_SECS,
    extra: { name: "USD Coin", version: "2" },
  };
  return {
    prepare: (agents) =>
      Promise.all(
        agents.map(async (agent) => ({
          payload: await signPayload(agent, requirements, world.chainId),
          requirements,
        })),
      ),
    settle: async (ticket) => {
      if (options.verify) {
        const verified = await facilitator.verify(ticket.payload, ticket.requirements);
        if (!verified.isValid) return `verify: ${verified.invalidReason}`;
      }
      const settled = await facilitator.settle(ticket.payload, ticket.requirements);
      return settled.success ? undefined : (settled.errorReason ?? "no reason");
    },
  };
}

/** The adapter of the documentation's facilitator example, around one viem client. */
function createSigner(
  { toFacilitatorEvmSigner }: X402,
  world: World,
  options: FacilitatorOptions & { readonly blockSecs: number },
): object {
  const { fixedGas, pollingMs, batch } = options;
  const account = privateKeyToAccount(world.walletKey, {
    ...(options.nonceManager && { nonceManager }),
  });
  const chain = defineChain({
    id: world.chainId,
    name: "anvil",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [world.rpcUrl] } },
    blockTime: options.blockSecs * 1_000,
  });
  const client = createWalletClient({
    account,
    chain,
    transport: http(undefined, { batch }),
    ...(pollingMs !== undefined && { pollingInterval: pollingMs }),
  }).extend(publicActions);
  type Client = typeof client;
  type Call = Parameters<Client["writeContract"]>[0];
  const given = fixedGas
    ? { type: "eip1559", chainId: world.chainId, gas: TRANSFER_GAS, ...FEES }
    : {};
  const waiting = pollingMs === undefined ? {} : { checkReplacement: false };
  return toFacilitatorEvmSigner({
    address: account.address,
    getCode: (args: { address: Address }) => client.getCode(args),
    readContract: (args: Parameters<Client["readContract"]>[0]) => client.readContract(args),
    verifyTypedData: (args: Parameters<Client["verifyTypedData"]>[0]) =>
      client.verifyTypedData(args),
    writeContract: (args: Call) => client.writeContract({ ...args, ...given } as Call),
    sendTransaction: (args: { to: Address; data: Hex }) => client.sendTransaction(args),
    waitForTransactionReceipt: (args: { hash: Hex }) =>
      client.waitForTransactionReceipt({ ...args, ...waiting }),
  });
}

async function signPayload(
  account: PrivateKeyAccount,
  requirements: X402Requirements,
  chainId: number,
): Promise<X402Payload> {
  const { asset, payTo, amount } = requirements;
  const nonce: Hex = `0x${randomBytes(32).toString("hex")}`;
  const validBefore = Math.floor(Date.now() / 1000) + VALID_SECS;
  const signature = await account.signTypedData({
    domain: { name: "USD Coin", version: "2", chainId, verifyingContract: asset },
    types: { TransferWithAuthorization: FIELDS },
    primaryType: "TransferWithAuthorization",
    message: {
      ...{ from: account.address, to: payTo, value: BigInt(amount) },
      ...{ validAfter: 0n, validBefore: BigInt(validBefore), nonce },
    },
  });
  const authorization = {
    ...{ from: account.address, to: payTo, value: amount },
    ...{ validAfter: "0", validBefore: String(validBefore), nonce },
  };
  return {
    x402Version: 2,
    resource: { url: "http://127.0.0.1/translate" },
    accepted: requirements,
    payload: { signature, authorization },
  };
}
