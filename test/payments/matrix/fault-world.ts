import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, getAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { loadOrCreateWalletKey } from "../../../src/identity/wallet-key.ts";
import { json, Upstream } from "../../actions/upstream.ts";
import { startSteward, WIDE_LIMITS } from "../../support/steward.ts";
import { type Payer, type PayWorld, startPayWorld } from "../support/engine.ts";
import { bundleSteward } from "./steward-bundle.ts";

export const PRICE = 2_000_000n;
export const FUNDS = 100_000_000n;

/** What cells of the fault matrix share: a chain, upstreams, and a steward's data to start from. */
export interface FaultWorld extends AsyncDisposable {
  readonly pay: PayWorld;
  readonly zoneId: string;
  readonly token: string;
  /** Where Node keeps what it compiled: two processes start per cell. */
  readonly cacheDir: string;
  /** The steward's program. */
  readonly program: string;
  /** A copy of the data, with a wallet of its own that has gas. */
  copy(): Promise<{ dir: string; wallet: Address }>;
  config(dir: string, rpcUrl: string, port: number): Record<string, unknown>;
  /** How often each upstream was called, by idempotency key. */
  callsOf(action: string): ReadonlyMap<string, number>;
  payer(amount?: bigint): Promise<Payer>;
}

/** Starts the chain and upstreams, and makes the zone that every cell's steward serves. */
export async function startFaultWorld(): Promise<FaultWorld> {
  const pay = await startPayWorld();
  const upstream = await Upstream.start();
  const calls = new Map<string, Map<string, number>>();
  upstream.answer = (response, { body, headers }) => {
    const key = String(headers["idempotency-key"]);
    const ofAction = calls.get(body.action) ?? new Map<string, number>();
    ofAction.set(key, (ofAction.get(key) ?? 0) + 1);
    calls.set(body.action, ofAction);
    json(response, 200, { served: body.action });
  };
  const template = mkdtempSync(join(tmpdir(), "fault-world-"));
  const cacheDir = mkdtempSync(join(tmpdir(), "fault-cache-"));
  const program = await bundleSteward(cacheDir);
  const config = toConfig(pay, upstream.url);
  const { zoneId, token } = await makeZone(template, config(template, pay.chain.rpcUrl, 0));
  rmSync(join(template, "wallet-key"));
  return {
    pay,
    zoneId,
    token,
    cacheDir,
    program,
    config,
    copy: async () => {
      const dir = mkdtempSync(join(tmpdir(), "fault-cell-"));
      cpSync(template, dir, { recursive: true });
      const key = loadOrCreateWalletKey(join(dir, "wallet-key"));
      const wallet = privateKeyToAccount(key).address;
      await pay.chain.rpc("anvil_setBalance", [wallet, "0x8ac7230489e80000"]);
      return { dir, wallet };
    },
    callsOf: (action) => calls.get(action) ?? new Map(),
    payer: async (amount = FUNDS) => {
      const key = generatePrivateKey();
      const { address } = privateKeyToAccount(key);
      if (amount > 0n) await pay.mint(address, amount);
      return { key, address: getAddress(address) };
    },
    [Symbol.asyncDispose]: async () => {
      await upstream[Symbol.asyncDispose]();
      await pay[Symbol.asyncDispose]();
      for (const dir of [template, cacheDir]) rmSync(dir, { recursive: true, force: true });
    },
  };
}

function toConfig({ chain, usdc, settlement, escrow }: PayWorld, url: string) {
  const http = { type: "http", url, allow_private: ["127.0.0.1"], timeout_ms: 5_000 };
  const keyed = { ...http, idempotent: true };
  return (dir: string, rpcUrl: string, port: number) => ({
    data_dir: dir,
    log: { level: process.env.TEST_LOG ?? "silent" },
    http: { port },
    limits: WIDE_LIMITS,
    chains: [
      {
        ...{ chain_id: chain.chainId, network: "local", rpc_urls: [rpcUrl] },
        ...{ usdc, settlement, escrow },
      },
    ],
    payments: { rpc_timeout_ms: 300, stuck_after_secs: 1 },
    handlers: { "*": { keyed, once: http, held: keyed } },
    zones: { payment_wait_ms: 2_000 },
  });
}

async function makeZone(dataDir: string, { data_dir, ...config }: Record<string, unknown>) {
  await using steward = await startSteward({ dataDir, config });
  const price = { amount: PRICE.toString(), asset: "USDC", network: "local" };
  const escrow = { ...price, settlement_mode: "escrow", escrow_secs: 3_600 };
  const zoneId = await steward.createZone({
    actions: [
      { name: "keyed", description: "Runs once a key.", price },
      { name: "once", description: "May be called once.", price },
      { name: "held", description: "Held until released.", price: escrow },
    ],
  });
  return { zoneId, token: steward.token };
}
