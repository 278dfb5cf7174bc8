import {
  decodeFunctionResult,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  stringToBytes,
} from "viem";
import { testUsdcAbi } from "../contracts/test-usdc.generated.ts";
import { zoneEscrowAbi } from "../contracts/zone-escrow.generated.ts";
import { zoneSettlementAbi } from "../contracts/zone-settlement.generated.ts";
import { ESCROW_TERMS_TYPEHASH, TERMS_TYPEHASH } from "../wire/terms.ts";
import { callContract, type RpcCaller, readCode } from "./chain-reads.ts";
import type { ChainConfig } from "./config.ts";
import { RpcError } from "./rpc-endpoint.ts";

/** Is thrown where a chain holds something else than the configuration says. */
export class ContractMismatch extends Error {
  override readonly name = "ContractMismatch";
}

const DOMAIN_TYPEHASH = keccak256(
  stringToBytes(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
  ),
);

/** What was found out about a chain's contracts. */
export interface VerifiedContracts {
  readonly domainSeparator: Hex;
  /** Whether the steward's wallet may complete front-run payments. */
  readonly recoverer: boolean;
}

/**
 * Checks that the token and the settlement contract are there, belong together and speak these
 * terms; `docs/protocol.md` §8.
 * @throws ContractMismatch where they do not; RpcError where the chain does not answer
 */
export async function verifyContracts(
  rpc: RpcCaller,
  config: ChainConfig,
  wallet: Hex,
): Promise<VerifiedContracts> {
  await requireCode(rpc, config.usdc, "usdc");
  await requireCode(rpc, config.settlement, "settlement");
  const [separator, name, version] = await Promise.all([
    read(rpc, config.usdc, tokenView("DOMAIN_SEPARATOR")),
    read(rpc, config.usdc, tokenView("name")),
    read(rpc, config.usdc, tokenView("version")),
  ]);
  if (separator !== toDomainSeparator(name, version, config)) {
    throw new ContractMismatch("usdc: DOMAIN_SEPARATOR is not of this token on this chain");
  }
  const [token, typehash, recoverer] = await Promise.all([
    read(rpc, config.settlement, settlementView("token")),
    read(rpc, config.settlement, settlementView("TERMS_TYPEHASH")),
    read(rpc, config.settlement, recovererView(wallet)),
  ]);
  if (token.toLowerCase() !== config.usdc.toLowerCase()) {
    throw new ContractMismatch("settlement: it takes another token than usdc");
  }
  if (typehash !== TERMS_TYPEHASH) {
    throw new ContractMismatch("settlement: it commits to other terms than this version's");
  }
  if (config.escrow !== undefined) await verifyEscrow(rpc, config, config.escrow);
  return { domainSeparator: separator as Hex, recoverer };
}

async function verifyEscrow(rpc: RpcCaller, config: ChainConfig, escrow: Hex): Promise<void> {
  await requireCode(rpc, escrow, "escrow");
  const [token, typehash] = await Promise.all([
    read(rpc, escrow, escrowView("token")),
    read(rpc, escrow, escrowView("TERMS_TYPEHASH")),
  ]);
  if (token.toLowerCase() !== config.usdc.toLowerCase()) {
    throw new ContractMismatch("escrow: it takes another token than usdc");
  }
  if (typehash !== ESCROW_TERMS_TYPEHASH) {
    throw new ContractMismatch("escrow: it commits to other terms than this version's");
  }
}

async function requireCode(rpc: RpcCaller, address: Hex, name: string): Promise<void> {
  const code = await readCode(rpc, address);
  if (code === "0x") throw new ContractMismatch(`${name}: no contract at ${address}`);
}

function toDomainSeparator(name: string, version: string, config: ChainConfig): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: "bytes32" },
        { type: "bytes32" },
        { type: "bytes32" },
        { type: "uint256" },
        { type: "address" },
      ],
      [
        DOMAIN_TYPEHASH,
        keccak256(stringToBytes(name)),
        keccak256(stringToBytes(version)),
        BigInt(config.chain_id),
        config.usdc,
      ],
    ),
  );
}

/** One view function: its call data and how to read the answer. */
interface View<T> {
  readonly name: string;
  readonly data: Hex;
  readonly decode: (data: Hex) => T;
}

function tokenView(functionName: "DOMAIN_SEPARATOR" | "name" | "version"): View<string> {
  const abi = testUsdcAbi;
  return {
    name: `usdc: ${functionName}`,
    data: encodeFunctionData({ abi, functionName }),
    decode: (data) => decodeFunctionResult({ abi, functionName, data }),
  };
}

function settlementView(functionName: "token" | "TERMS_TYPEHASH"): View<string> {
  const abi = zoneSettlementAbi;
  return {
    name: `settlement: ${functionName}`,
    data: encodeFunctionData({ abi, functionName }),
    decode: (data) => decodeFunctionResult({ abi, functionName, data }),
  };
}

function escrowView(functionName: "token" | "TERMS_TYPEHASH"): View<string> {
  const abi = zoneEscrowAbi;
  return {
    name: `escrow: ${functionName}`,
    data: encodeFunctionData({ abi, functionName }),
    decode: (data) => decodeFunctionResult({ abi, functionName, data }),
  };
}

function recovererView(wallet: Hex): View<boolean> {
  const abi = zoneSettlementAbi;
  const functionName = "isRecoverer";
  return {
    name: `settlement: ${functionName}`,
    data: encodeFunctionData({ abi, functionName, args: [wallet] }),
    decode: (data) => decodeFunctionResult({ abi, functionName, data }),
  };
}

async function read<T>(rpc: RpcCaller, to: Hex, view: View<T>): Promise<T> {
  try {
    return view.decode(await callContract(rpc, { to, data: view.data }));
  } catch (cause) {
    if (cause instanceof RpcError && cause.fault !== "reverted") throw cause;
    throw new ContractMismatch(`${view.name}() is missing or answers something else`, { cause });
  }
}
