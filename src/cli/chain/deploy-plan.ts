import { type Address, formatEther, formatGwei } from "viem";
import { zoneSettlementAbi } from "../../abi/zone-settlement.generated.ts";
import {
  type Deployment,
  type DeploymentInput,
  planDeployment,
} from "../../contracts/creations.ts";
import { describeChain, type KnownChain } from "../../contracts/known-chains.ts";
import { NO_CANCUN, runsCancun } from "../../payments/chain/cancun.ts";
import { inspectContracts } from "../../payments/chain/contract-check.ts";
import { readView } from "../../payments/chain/contract-views.ts";
import type { Finding } from "../../payments/chain/findings.ts";
import { inspectToken } from "../../payments/chain/token-check.ts";
import { UsageError } from "../exit-codes.ts";
import { type DeployFees, estimateGas } from "./creation.ts";
import type { DeployInput, DeployOptions } from "./deploy-input.ts";
import { assertAllowed, chooseToken, chooseTreasury } from "./deploy-rules.ts";
import { createEndpoint } from "./endpoint.ts";
import { askNode, type ChainRpc } from "./rpc.ts";

/** A deployment that was checked against its chain: what will be sent and what it can cost. */
export interface DeployPlan {
  readonly chainId: number;
  readonly known: KnownChain;
  readonly deployment: DeploymentInput;
  readonly contracts: Deployment;
  readonly fees: DeployFees;
  /** Wei of the deployer before. */
  readonly balance: bigint;
  /** What is going to be done, for people. */
  readonly lines: readonly string[];
}

/** What a plan is made from. */
export interface PlanDeps {
  readonly options: DeployOptions;
  readonly input: DeployInput;
  readonly rpc: ChainRpc;
}

/**
 * Checks everything that can be checked before money is spent, and lays out the deployment.
 * @throws UsageError for what the options cannot mean on this chain; Error where chain, token or
 *   balance do not allow it; UnreachableError
 */
export async function planOnChain({ options, input, rpc }: PlanDeps): Promise<DeployPlan> {
  const chainId = await askNode(rpc, "eth_chainId", () => rpc.client.getChainId());
  const known = await describeChain(chainId);
  assertAllowed({ options, input, chainId, known });
  const usdc = chooseToken(options, input, known, chainId);
  if (!(await runsCancun(createEndpoint(options.rpcUrl)))) {
    throw new Error(`Chain ${chainId} ${NO_CANCUN}.`);
  }
  const treasury = await findTreasury(options, input, known);
  await inspectExisting(options, input, chainId, usdc);
  const deployment: DeploymentInput = {
    deployer: input.deployer,
    nonce: await readNonce(rpc, input.deployer),
    treasury: treasury.address,
    recoverers: input.recoverers,
    existing: {
      ...(usdc !== undefined && { usdc }),
      ...(input.settlement !== undefined && { settlement: input.settlement }),
    },
  };
  const fees = await readFees(rpc);
  const { creations, contracts } = planDeployment(deployment);
  const gas = await estimateAll({ rpc, input }, deployment);
  const costMax = gas * fees.maxFeePerGas;
  const balance = await askNode(rpc, "balance", () =>
    rpc.client.getBalance({ address: input.deployer }),
  );
  const money = (wei: bigint) => `${formatEther(wei)} ${known.gasSymbol}`;
  const lines = [
    `chain       ${chainId} (${known.name}), node ${rpc.label}`,
    `deployer    ${input.deployer}, has ${money(balance)}; gets no right in any contract`,
    `token       ${usdc ?? "a test USDC that anybody may mint"}`,
    `treasury    ${treasury.address}${treasury.from}; gets 0.1 % of every payment, for ever`,
    `recoverers  ${toRecovererText(input)}`,
    `to do       ${creations.map(({ name }) => name).join(", ")}: ${creations.length} transactions`,
    `at most     ${money(costMax)} (${gas} gas at ${formatGwei(fees.maxFeePerGas)} gwei)`,
  ];
  if (balance < costMax) {
    throw new Error(
      `The deployer ${input.deployer} has ${money(balance)} on chain ${chainId} and may need ${money(costMax)}. Send it ${money(costMax - balance)} and run this again.`,
    );
  }
  return { chainId, known, deployment, contracts, fees, balance, lines };
}

function toRecovererText({ recoverers, recoverersFrom }: DeployInput): string {
  if (recoverers.length === 0) {
    return "none: a front-run payment would stay in the contract (--recoverer, --data; docs/contracts.md)";
  }
  return `${recoverers.join(", ")}${recoverersFrom && ` (${recoverersFrom})`}`;
}

/** Both contracts pay one treasury: a settlement contract that is there already names it. */
async function findTreasury(options: DeployOptions, input: DeployInput, known: KnownChain) {
  if (input.settlement === undefined) return chooseTreasury(input, known);
  const address = await readView(createEndpoint(options.rpcUrl), {
    address: input.settlement,
    abi: zoneSettlementAbi,
    functionName: "treasury",
  });
  if (input.treasury !== undefined && input.treasury !== address) {
    throw new UsageError(`--treasury: the settlement contract's is ${address}.`);
  }
  return { address, from: " (the settlement contract's)" };
}

async function inspectExisting(
  options: DeployOptions,
  input: DeployInput,
  chainId: number,
  usdc: Address | undefined,
): Promise<void> {
  if (usdc === undefined) return;
  const endpoint = createEndpoint(options.rpcUrl);
  const { settlement } = input;
  const { findings } =
    settlement === undefined
      ? await inspectToken(endpoint, usdc, chainId)
      : await inspectContracts(endpoint, { chain_id: chainId, usdc, settlement }, undefined);
  const wrong = findings.filter(({ ok }) => !ok);
  if (wrong.length > 0) throw new Error(`Nothing was sent.\n${wrong.map(toLine).join("\n")}`);
}

function toLine({ item, detail, hint }: Finding): string {
  return `  ${item}: ${detail}${hint === undefined ? "" : `; ${hint}`}`;
}

async function readNonce(rpc: ChainRpc, address: Address): Promise<number> {
  const count = (blockTag: "latest" | "pending") =>
    askNode(rpc, "nonce", () => rpc.client.getTransactionCount({ address, blockTag }));
  const [mined, pending] = await Promise.all([count("latest"), count("pending")]);
  if (pending <= mined) return mined;
  throw new Error(
    `The deployer has ${pending - mined} transaction(s) that are not mined yet, perhaps of a deployment that was stopped. Wait for them or use another key, then run this again.`,
  );
}

/** Twice the base fee and what the node advises as tip. */
async function readFees(rpc: ChainRpc): Promise<DeployFees> {
  const [{ baseFeePerGas }, gasPrice] = await Promise.all([
    askNode(rpc, "newest block", () => rpc.client.getBlock()),
    askNode(rpc, "gas price", () => rpc.client.getGasPrice()),
  ]);
  const base = baseFeePerGas ?? 0n;
  const rest = gasPrice > base ? gasPrice - base : 0n;
  // Not every node knows the method; its gas price has the tip in it.
  const tip = await askNode(rpc, "tip", () => rpc.client.estimateMaxPriorityFeePerGas()).catch(
    () => rest,
  );
  return { maxFeePerGas: 2n * base + tip, maxPriorityFeePerGas: tip };
}

/** A contract whose token is not there yet cannot be estimated: what suffices on most chains. */
async function estimateAll(
  { rpc, input }: Pick<PlanDeps, "rpc" | "input">,
  deployment: DeploymentInput,
): Promise<bigint> {
  const { creations } = planDeployment(deployment);
  const hasToken = deployment.existing.usdc !== undefined;
  const estimates = creations.map((creation) =>
    hasToken || creation.name === "usdc"
      ? estimateGas(rpc, input.deployer, creation)
      : creation.gasMax,
  );
  return (await Promise.all(estimates)).reduce((sum, gas) => sum + gas, 0n);
}
