import type { Abi, Address, Hex } from "viem";
import { encodeDeployData, getContractAddress, size } from "viem";
import { testUsdcAbi, testUsdcBytecode } from "../abi/test-usdc.generated.ts";
import { zoneEscrowAbi, zoneEscrowBytecode } from "../abi/zone-escrow.generated.ts";
import { zoneSettlementAbi, zoneSettlementBytecode } from "../abi/zone-settlement.generated.ts";

/** The contracts of one deployment, in the order of their creation. */
export type ContractName = "usdc" | "settlement" | "escrow";

/** Are the addresses of one deployment. */
export type Deployment = Record<ContractName, Address>;

/** Names who deploys and what the contracts are bound to for ever. */
export interface DeploymentInput {
  readonly deployer: Address;
  /** The deployer's next nonce. */
  readonly nonce: number;
  /** Takes the protocol's 10 bps. */
  readonly treasury: Address;
  /** May complete front-run payments (docs/protocol.md §8): the steward's wallets. */
  readonly recoverers: readonly Address[];
  /** What is there already; the token is an EIP-3009 one. Without it a test USDC is created. */
  readonly existing: Partial<Deployment>;
}

/** One transaction that creates a contract. */
export interface Creation {
  readonly name: ContractName;
  readonly nonce: number;
  readonly address: Address;
  readonly data: Hex;
  /** Enough on any chain that charges what Ethereum charges. */
  readonly gasMax: bigint;
}

/** A whole deployment: what is sent, and what is there afterwards. */
export interface DeploymentPlan {
  readonly creations: readonly Creation[];
  readonly contracts: Deployment;
}

// Storing a byte of code costs 200 gas and sending it 16; the rest covers the constructors.
const GAS_PER_BYTE = 250n;
const GAS_BASE = 600_000n;

/** Lays out the creations of what is missing, with the addresses that the nonces give them. */
export function planDeployment(input: DeploymentInput): DeploymentPlan {
  const { deployer, existing, treasury, recoverers } = input;
  const creations: Creation[] = [];
  const create = (name: ContractName, abi: Abi, bytecode: Hex, args: readonly unknown[]) => {
    const known = existing[name];
    if (known !== undefined) return known;
    const nonce = input.nonce + creations.length;
    const data = encodeDeployData({ abi, bytecode, args });
    const address = getContractAddress({ from: deployer, nonce: BigInt(nonce) });
    const gasMax = GAS_BASE + GAS_PER_BYTE * BigInt(size(data));
    creations.push({ name, nonce, address, data, gasMax });
    return address;
  };
  const usdc = create("usdc", testUsdcAbi, testUsdcBytecode, []);
  const args = [usdc, treasury, recoverers];
  const settlement = create("settlement", zoneSettlementAbi, zoneSettlementBytecode, args);
  const escrow = create("escrow", zoneEscrowAbi, zoneEscrowBytecode, args);
  return { creations, contracts: { usdc, settlement, escrow } };
}
