import { formatEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { type ContractName, planDeployment } from "../../contracts/creations.ts";
import { inspectContracts } from "../../payments/chain/contract-check.ts";
import { chainConfigSchema } from "../../payments/config.ts";
import { printAnswer, toPlain, toPrettyJson } from "../output.ts";
import { createContract } from "./creation.ts";
import { type DeployInput, type DeployOptions, readDeployInput } from "./deploy-input.ts";
import { type DeployPlan, planOnChain } from "./deploy-plan.ts";
import { createEndpoint } from "./endpoint.ts";
import { mergeEntry, writeEntry } from "./entry.ts";
import { askNode, type ChainRpc, createChainRpc } from "./rpc.ts";

const INTERRUPTED = 130;

/** Deploys the contracts of a chain and prints the `chains[]` entry that names them. */
export async function runChainDeploy(options: DeployOptions): Promise<void> {
  const input = readDeployInput(options);
  const rpc = createChainRpc(options.rpcUrl);
  const plan = await planOnChain({ options, input, rpc });
  plan.lines.forEach(say);
  if (options.dryRun) return say("Nothing was sent (--dry-run).");
  const entry = await deploy({ options, input, rpc, plan });
  printAnswer({ value: entry, text: () => toPrettyJson(entry) }, options.json);
  if (input.file === undefined) {
    say('Put this into "chains" of your configuration; --write FILE does it.');
    return;
  }
  writeEntry(input.file.path, entry);
  say(`${input.file.path} has it. Next: steward chain check --config ${input.file.path}`);
}

interface Deploying {
  readonly options: DeployOptions;
  readonly input: DeployInput;
  readonly rpc: ChainRpc;
  readonly plan: DeployPlan;
}

async function deploy(deploying: Deploying): Promise<Record<string, unknown>> {
  const { options, input, plan, rpc } = deploying;
  const made = new Map<ContractName, string>();
  const stop = () => {
    sayHowToGoOn(deploying, made);
    process.exit(INTERRUPTED);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    await createAll(deploying, made);
  } catch (error) {
    sayHowToGoOn(deploying, made);
    throw error;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
  const balance = await askNode(rpc, "balance", () =>
    rpc.client.getBalance({ address: input.deployer }),
  ).catch(() => undefined);
  if (balance !== undefined) {
    const spent = formatEther(plan.balance - balance);
    say(`cost        ${spent} ${plan.known.gasSymbol}`);
  }
  const entry = mergeEntry(input.file?.find(plan.chainId), {
    chain_id: plan.chainId,
    network: options.network ?? plan.known.network,
    rpc_urls: [options.rpcUrl],
    ...plan.contracts,
  });
  await verify(deploying);
  return entry;
}

async function createAll(deploying: Deploying, made: Map<ContractName, string>): Promise<void> {
  const { options, input, rpc, plan } = deploying;
  const deps = {
    rpc,
    account: privateKeyToAccount(input.key),
    chainId: plan.chainId,
    fees: plan.fees,
    timeoutMs: options.timeout * 1000,
    say,
  };
  const { creations } = planDeployment(plan.deployment);
  for (const creation of creations) {
    await createContract(deps, creation, made.size > 0);
    made.set(creation.name, creation.address);
  }
}

/** The money is spent: what the check finds is said, and the addresses are printed all the same. */
async function verify({ options, plan }: Deploying): Promise<void> {
  const config = chainConfigSchema.parse({
    chain_id: plan.chainId,
    network: plan.known.network,
    rpc_urls: [options.rpcUrl],
    ...plan.contracts,
  });
  try {
    const { findings } = await inspectContracts(createEndpoint(options.rpcUrl), config, undefined);
    const wrong = findings.filter(({ ok }) => !ok);
    for (const { item, detail } of wrong) say(`WRONG       ${item}: ${detail}`);
    if (wrong.length === 0) say("checked     as a start would: all as it must be");
  } catch (error) {
    say(`not checked ${(error as Error).message}; run: steward chain check`);
  }
}

function sayHowToGoOn({ plan, input }: Deploying, made: ReadonlyMap<ContractName, string>): void {
  const usdc = made.get("usdc") ?? input.usdc ?? plan.deployment.existing.usdc;
  const settlement = made.get("settlement") ?? input.settlement;
  const done = [...made].map(([name, address]) => `${name} ${address}`);
  say(`Stopped. Deployed so far: ${done.join(", ") || "nothing"}.`);
  const more = [usdc && `--usdc ${usdc}`, settlement && `--settlement ${settlement}`];
  const flags = more.filter(Boolean).join(" ");
  say("A transaction named above without a block may still be mined: look it up first.");
  if (made.size > 0) say(`To go on, run the same command with: ${flags} (without --test-usdc)`);
}

/** Progress goes to standard error: standard output has the entry only. */
function say(line: string): void {
  process.stderr.write(`${toPlain(line)}\n`);
}
