import type { Hex } from "viem";
import { zoneEscrowAbi } from "../../abi/zone-escrow.generated.ts";
import { zoneSettlementAbi } from "../../abi/zone-settlement.generated.ts";
import { ESCROW_TERMS_TYPEHASH, TERMS_TYPEHASH } from "../../protocol/terms.ts";
import type { ChainConfig } from "../config.ts";
import { NO_CANCUN, runsCancun } from "./cancun.ts";
import { ContractMismatch, readContractCode, readView } from "./contract-views.ts";
import { type ChainCheck, type Finding, runChecks } from "./findings.ts";
import type { RpcCaller } from "./reads.ts";
import { RpcError } from "./rpc-endpoint.ts";
import { inspectToken } from "./token-check.ts";

/** The form of packed batches that this version writes. */
const PACKING = 1n;

/** What names a chain's contracts. */
type ContractNames = Pick<ChainConfig, "chain_id" | "usdc" | "settlement"> &
  Partial<Pick<ChainConfig, "escrow">>;

/** What was found out about a chain's contracts. */
export interface VerifiedContracts {
  readonly domainSeparator: Hex;
  /** Whether the steward's wallet may complete front-run payments. */
  readonly recoverer: boolean;
  /** Whether the settlement contract has `settlePacked`; those deployed before it do not. */
  readonly packing: boolean;
}

/** A chain's contracts, item by item. */
export interface ContractsReport {
  readonly findings: readonly Finding[];
  /** Undefined where something is not as it must be. */
  readonly contracts: VerifiedContracts | undefined;
}

const HINT = "name the contracts that `steward chain deploy` printed for this chain and token";
const TERMS_HINT = "deploy this version's contracts: steward chain deploy";

/**
 * Looks at the token and the contracts of a chain: that they are there, belong together and speak
 * these terms; `docs/protocol.md` §8.
 * @param wallet the steward's; undefined leaves out what it may do
 * @throws RpcError where the chain does not answer
 */
export async function inspectContracts(
  rpc: RpcCaller,
  config: ContractNames,
  wallet: Hex | undefined,
): Promise<ContractsReport> {
  try {
    return await inspectAll(rpc, config, wallet);
  } catch (error) {
    if (!(error instanceof RpcError) || error.meaning !== "halted") throw error;
    const findings = await findOldChain(rpc);
    if (findings.length === 0) throw error;
    return { findings, contracts: undefined };
  }
}

async function inspectAll(
  rpc: RpcCaller,
  config: ContractNames,
  wallet: Hex | undefined,
): Promise<ContractsReport> {
  const token = await inspectToken(rpc, config.usdc, config.chain_id);
  const settlement = await inspectContract(rpc, config, "settlement", config.settlement);
  const escrow = config.escrow && (await inspectContract(rpc, config, "escrow", config.escrow));
  const findings = [...token.findings, ...settlement, ...(escrow ?? [])];
  const { domainSeparator } = token;
  if (domainSeparator === undefined || findings.some(({ ok }) => !ok)) {
    return { findings: [...(await findOldChain(rpc)), ...findings], contracts: undefined };
  }
  const packing = await hasPacking(rpc, config.settlement);
  findings.push(toPackingFinding(packing));
  if (wallet === undefined) {
    return { findings, contracts: { domainSeparator, recoverer: false, packing } };
  }
  const recoverer = await readView(rpc, {
    address: config.settlement,
    abi: zoneSettlementAbi,
    functionName: "isRecoverer",
    args: [wallet],
  });
  return {
    findings: [...findings, toRecovererFinding(recoverer, wallet)],
    contracts: { domainSeparator, recoverer, packing },
  };
}

/**
 * Checks what `inspectContracts` looks at.
 * @throws ContractMismatch with everything that is not as configured; RpcError where the chain does
 *   not answer
 */
export async function verifyContracts(
  rpc: RpcCaller,
  config: ChainConfig,
  wallet: Hex,
): Promise<VerifiedContracts> {
  const { findings, contracts } = await inspectContracts(rpc, config, wallet);
  if (contracts !== undefined) return contracts;
  const wrong = findings.filter(({ ok }) => !ok);
  throw new ContractMismatch(wrong.map(({ item, detail }) => `${item}: ${detail}`).join("; "));
}

async function inspectContract(
  rpc: RpcCaller,
  config: ContractNames,
  name: "settlement" | "escrow",
  address: Hex,
): Promise<Finding[]> {
  const abi = name === "settlement" ? zoneSettlementAbi : zoneEscrowAbi;
  const typehash = name === "settlement" ? TERMS_TYPEHASH : ESCROW_TERMS_TYPEHASH;
  const [code] = await runChecks([
    {
      item: `${name} code`,
      run: async () =>
        `${(await readContractCode(rpc, address)).length / 2 - 1} bytes at ${address}`,
      hint: HINT,
    },
  ]);
  if (!code?.ok) return code ? [code] : [];
  const checks: ChainCheck[] = [
    {
      item: `${name} terms`,
      run: async () => {
        const found = await readView(rpc, { address, abi, functionName: "TERMS_TYPEHASH" });
        if (found === typehash) return "this version's";
        throw new ContractMismatch("it commits to other terms than this version's");
      },
      hint: TERMS_HINT,
    },
    {
      item: `${name} token`,
      run: async () => {
        const found = await readView(rpc, { address, abi, functionName: "token" });
        if (found.toLowerCase() === config.usdc.toLowerCase()) return found;
        throw new ContractMismatch(`it takes another token than usdc: ${found}`);
      },
      hint: HINT,
    },
    {
      item: `${name} treasury`,
      run: () => readView(rpc, { address, abi, functionName: "treasury" }),
      hint: HINT,
    },
  ];
  return [code, ...(await runChecks(checks))];
}

/** Why contracts may answer nothing that are there: asked only where something is wrong. */
async function findOldChain(rpc: RpcCaller): Promise<Finding[]> {
  try {
    if (await runsCancun(rpc)) return [];
  } catch (error) {
    // A node that does not say leaves the other findings as they are.
    if (error instanceof RpcError && error.fault === "refused") return [];
    throw error;
  }
  const hint = "every other finding may come of it";
  return [{ item: "chain version", ok: false, detail: `it ${NO_CANCUN}`, hint }];
}

/** A contract without the function is one that was deployed before it: served, at a higher price. */
async function hasPacking(rpc: RpcCaller, address: Hex): Promise<boolean> {
  const view = { address, abi: zoneSettlementAbi, functionName: "PACKING" } as const;
  try {
    return (await readView(rpc, view)) === PACKING;
  } catch (error) {
    if (error instanceof ContractMismatch) return false;
    throw error;
  }
}

function toPackingFinding(packing: boolean): Finding {
  const item = "settlement batches";
  if (packing) return { item, ok: true, detail: "packed" };
  return {
    item,
    ok: true,
    detail: "of an earlier version, about 6,000 gas more a payment",
    hint: "deploy this version's contracts when it suits: steward chain deploy; what is owed at the old ones is served as before",
  };
}

function toRecovererFinding(recoverer: boolean, wallet: Hex): Finding {
  const item = "settlement recoverer";
  if (recoverer) return { item, ok: true, detail: `${wallet}, this steward's wallet` };
  return {
    item,
    ok: true,
    detail: `${wallet}, this steward's wallet, is none`,
    hint: "front-run payments stay in the contract until a recoverer completes them; name the wallet with --recoverer at the deployment, or hand the right over (docs/contracts.md)",
  };
}
