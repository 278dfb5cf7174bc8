import { formatEther, formatGwei, type Hex } from "viem";
import type { ChainConfig, PaymentsConfig } from "../config.ts";
import { inspectContracts } from "./contract-check.ts";
import { ContractMismatch } from "./contract-views.ts";
import { type Finding, runChecks } from "./findings.ts";
import { GasWatch } from "./gas-watch.ts";
import { findBlock, type RpcCaller } from "./reads.ts";
import { RpcEndpoint, RpcError } from "./rpc-endpoint.ts";
import { parseNumber } from "./rpc-pool.ts";

/** What a chain is inspected with. */
export interface InspectionDeps {
  readonly chain: ChainConfig;
  readonly payments: PaymentsConfig;
  /** The steward's; undefined where it has none yet. */
  readonly wallet: Hex | undefined;
  /** Unix seconds. */
  readonly now: number;
}

/** A chain, item by item, as a start finds it. */
export interface ChainReport {
  readonly chain_id: number;
  readonly network: string;
  /** Whether payments could be taken now. */
  readonly ok: boolean;
  /** Whether any RPC URL serves this chain. */
  readonly reachable: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Looks at everything that a start looks at: each RPC URL, the newest block's age, the contracts
 * and the token, the wallet's gas. Nothing is sent.
 */
export async function inspectChain(deps: InspectionDeps): Promise<ChainReport> {
  const { chain } = deps;
  const stop = new AbortController().signal;
  const { rpc_timeout_ms: timeoutMs } = deps.payments;
  const endpoints = chain.rpc_urls.map((url, index) => {
    // A URL's path and query may hold a key.
    const label = `rpc_urls.${index} ${URL.parse(url)?.host ?? ""}`.trim();
    return new RpcEndpoint({ label, url, timeoutMs, stop });
  });
  const urls = await Promise.all(endpoints.map((endpoint) => inspectUrl(endpoint, chain.chain_id)));
  const good = endpoints[urls.findIndex(({ ok }) => ok)];
  const rest = good === undefined ? [] : await inspectState(good, deps);
  const findings = [...urls, ...rest];
  return {
    chain_id: chain.chain_id,
    network: chain.network,
    // One URL that serves is enough; the findings name the others.
    ok: good !== undefined && rest.every(({ ok }) => ok),
    reachable: good !== undefined,
    findings,
  };
}

async function inspectUrl(endpoint: RpcEndpoint, chainId: number): Promise<Finding> {
  const item = endpoint.label;
  try {
    const found = await endpoint.call("eth_chainId", [], parseNumber);
    if (found === chainId) return { item, ok: true, detail: `serves chain ${chainId}` };
    return {
      item,
      ok: false,
      detail: `serves chain ${found}, not ${chainId}`,
      hint: `name a node of chain ${chainId}, or correct chain_id`,
    };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return {
      item,
      ok: false,
      detail: error.message,
      hint: "is the URL right, the node up, its key good? Name a second URL for when it is down",
    };
  }
}

async function inspectState(rpc: RpcCaller, deps: InspectionDeps): Promise<Finding[]> {
  try {
    const age = await inspectHead(rpc, deps);
    const { findings } = await inspectContracts(rpc, deps.chain, deps.wallet);
    return [age, ...findings, ...(await inspectGas(rpc, deps))];
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const hint = "the node answered before: try again, or name a better one";
    return [{ item: "node", ok: false, detail: error.message, hint }];
  }
}

async function inspectHead(rpc: RpcCaller, { payments, now }: InspectionDeps): Promise<Finding> {
  const [finding] = await runChecks([
    {
      item: "newest block",
      run: async () => {
        const head = await findBlock(rpc, "latest");
        if (head === undefined) throw new ContractMismatch("the node has none");
        const age = Math.max(0, now - head.timestamp);
        const detail = `${head.number}, ${age} s old`;
        const ageMax = payments.head_age_max_secs;
        if (ageMax === 0 || age <= ageMax) return detail;
        throw new ContractMismatch(`${detail}; payments.head_age_max_secs is ${ageMax}`);
      },
      hint: "the node is behind or its chain stands still; is this machine's clock right?",
    },
  ]);
  if (finding === undefined) throw new Error("A check has a finding.");
  return finding;
}

async function inspectGas(rpc: RpcCaller, deps: InspectionDeps): Promise<Finding[]> {
  const { chain, wallet, payments } = deps;
  const item = "wallet gas";
  if (wallet === undefined) {
    const hint = "make it with: steward init";
    return [{ item, ok: false, detail: "there is no wallet key yet", hint }];
  }
  const head = await findBlock(rpc, "latest");
  const gas = new GasWatch({ chain, payments, wallet, findHead: () => head });
  await gas.refresh(rpc);
  const detail = `${wallet} has ${formatEther(gas.balance ?? 0n)} of the chain's coin`;
  if (gas.tooDear) {
    const hint = `wait until fees fall below ${formatGwei(gas.feeMax)} gwei, or raise fee_max_wei of this chain`;
    return [{ item, ok: false, detail: "the chain's fees are above the limit", hint }];
  }
  if (gas.enough) return [{ item, ok: true, detail }];
  const hint = `send the wallet more: two full batches may cost ${formatEther(gas.wanted)} now; payments.gas_low_wei sets another bound`;
  return [{ item, ok: false, detail, hint }];
}
