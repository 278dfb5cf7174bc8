import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, encodeEventTopics } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { testUsdcAbi } from "../../../src/abi/test-usdc.generated.ts";
import { json, Upstream } from "../../actions/upstream.ts";
import { bundleSteward } from "../../payments/matrix/steward-bundle.ts";
import { type Payer, type PayWorld, startPayWorld } from "../../payments/support/engine.ts";
import { WIDE_LIMITS } from "../../support/steward.ts";
import { LEASE_MS } from "../support/replicated-zone.ts";
import { StewardChild } from "./steward-child.ts";

export const PRICE = 2_000_000n;
/** What is left of it after the fee. */
export const SHARE = 1_998_000n;
export const FUNDS = 100_000_000n;

/** What the rows of a takeover share: a chain, and what fulfils the actions. */
export interface TakeoverWorld extends AsyncDisposable {
  readonly pay: PayWorld;
  /** A steward of its own, whose wallet has gas, and one refund's money. */
  steward(): Promise<StewardChild>;
  payer(): Promise<Payer>;
  /** How often a row's actions were run, by their params. */
  runsOf(row: string): number;
  /** How many authorizations of a payer were used. */
  usesOf(payer: Address): Promise<number>;
}

/** Starts the chain and the upstream, and bundles the program that all stewards run. */
export async function startTakeoverWorld(): Promise<TakeoverWorld> {
  const pay = await startPayWorld();
  const upstream = await Upstream.start();
  const runs = new Map<string, number>();
  upstream.answer = (response, { body }) => {
    const { row } = body.params;
    runs.set(row, (runs.get(row) ?? 0) + 1);
    json(response, 200, { served: row });
  };
  const cacheDir = mkdtempSync(join(tmpdir(), "takeover-cache-"));
  const program = await bundleSteward(cacheDir);
  const config = toConfig(pay, upstream.url);
  return {
    pay,
    steward: async () => {
      const child = new StewardChild({ program, cacheDir, config });
      await pay.chain.rpc("anvil_setBalance", [child.wallet, "0x8ac7230489e80000"]);
      await pay.mint(child.wallet, PRICE);
      return child;
    },
    payer: async () => {
      const key = generatePrivateKey();
      const { address } = privateKeyToAccount(key);
      await pay.mint(address, FUNDS);
      return { key, address };
    },
    runsOf: (row) => runs.get(row) ?? 0,
    usesOf: async (payer) => {
      const eventName = "AuthorizationUsed";
      const topics = encodeEventTopics({
        abi: testUsdcAbi,
        eventName,
        args: { authorizer: payer },
      });
      const filter = { address: pay.usdc, topics, fromBlock: "0x0" };
      return ((await pay.chain.rpc("eth_getLogs", [filter])) as unknown[]).length;
    },
    [Symbol.asyncDispose]: async () => {
      await upstream[Symbol.asyncDispose]();
      await pay[Symbol.asyncDispose]();
      rmSync(cacheDir, { recursive: true, force: true });
    },
  };
}

function toConfig({ chain, usdc, settlement, escrow }: PayWorld, url: string) {
  const http = { type: "http", url, allow_private: ["127.0.0.1"], timeout_ms: 5_000 };
  const keyed = { ...http, idempotent: true };
  const contracts = { usdc, settlement, escrow };
  return {
    log: { level: process.env.TEST_LOG ?? "fatal" },
    limits: WIDE_LIMITS,
    chains: [{ chain_id: chain.chainId, network: "local", rpc_urls: [chain.rpcUrl], ...contracts }],
    payments: { stuck_after_secs: 1 },
    handlers: { "*": { keyed, once: http, held: keyed } },
    zones: { creation: "anyone", payment_wait_ms: 2_000 },
    replication: { allow: ["*"] },
  };
}

/** The zone's manifest fields, but for its stewards. */
export function toZoneDraft(chainId: number, minAcks: number) {
  const price = { amount: PRICE.toString(), asset: "USDC", network: "local" };
  const escrow = { ...price, settlement_mode: "escrow", escrow_secs: 3_600 };
  return {
    ...{ name: "shop", description: "Held by two stewards.", type: "service", chain_id: chainId },
    actions: [
      { name: "keyed", description: "Runs once a key.", price },
      { name: "once", description: "May be called once.", price },
      { name: "held", description: "Held until released.", price: escrow },
    ],
    replication: { min_acks: minAcks, lease_ms: LEASE_MS },
  };
}
