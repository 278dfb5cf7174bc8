import { generateKeyPairSync, sign as signBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Address,
  concat,
  encodeFunctionData,
  type Hex,
  numberToHex,
  type TransactionReceipt,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { testUsdcAbi } from "../../../src/abi/test-usdc.generated.ts";
import { Counters } from "../../../src/base/counters.ts";
import { createLogger } from "../../../src/base/log.ts";
import { deployContracts } from "../../../src/contracts/deploy.ts";
import { ANVIL_CHAIN_ID } from "../../../src/dev/anvil.ts";
import type { StewardError } from "../../../src/errors.ts";
import { chainConfigSchema, paymentsConfigSchema } from "../../../src/payments/config.ts";
import { connectPayments, type Payments } from "../../../src/payments/payments.ts";
import type { PaymentHooks, RequestKey } from "../../../src/payments/port.ts";
import { type Manifest, manifestSchema } from "../../../src/protocol/manifest.ts";
import { SecondGate } from "../../../src/replication/gate/second-gate.ts";
import { Store, type Write } from "../../../src/store/database.ts";
import type {
  EscrowNewsBody,
  PaymentRequired,
  PaymentRequirement,
} from "../../../src/wire/zone-replies.ts";
import { startTestChain, type TestChain } from "../../support/anvil.ts";
import { signAuthorization } from "../../support/contracts/authorization.ts";

/** A chain with the contracts on it, and who does what there. */
export interface PayWorld extends AsyncDisposable {
  chain: TestChain;
  usdc: Address;
  settlement: Address;
  escrow: Address;
  walletKey: Hex;
  recipient: Address;
  creator: Address;
  treasury: Address;
  balanceOf(owner: Address): Promise<bigint>;
  mint(to: Address, amount: bigint): Promise<TransactionReceipt>;
}

/**
 * Starts anvil (0.1 s blocks) with the contracts; one per test file.
 * @param deployToken puts another token than ours on the chain
 */
export async function startPayWorld(
  deployToken?: (chain: TestChain) => Promise<Address>,
  chainId = ANVIL_CHAIN_ID as number,
): Promise<PayWorld> {
  const args = ["--chain-id", String(chainId)];
  const chain = { ...(await startTestChain({ args })), chainId } as TestChain;
  const [deployer, wallet, recipient, creator, treasury] = chain.accounts;
  if (!deployer || !wallet || !recipient || !creator || !treasury) throw new Error("no accounts");
  const usdc = await deployToken?.(chain);
  const deployment = await deployContracts({
    rpcUrl: chain.rpcUrl,
    privateKey: deployer.key,
    treasury: treasury.address,
    recoverers: [wallet.address],
    ...(usdc && { usdc }),
  });
  return {
    chain,
    ...deployment,
    walletKey: wallet.key,
    recipient: recipient.address,
    creator: creator.address,
    treasury: treasury.address,
    balanceOf: (owner) =>
      chain.client.readContract({
        address: deployment.usdc,
        abi: testUsdcAbi,
        functionName: "balanceOf",
        args: [owner],
      }),
    mint: (to, amount) =>
      sendAs(chain, deployer.address, {
        to: deployment.usdc,
        data: encodeFunctionData({ abi: testUsdcAbi, functionName: "mint", args: [to, amount] }),
      }),
    [Symbol.asyncDispose]: () => chain[Symbol.asyncDispose](),
  };
}

interface SentTx {
  readonly nonce: number;
  readonly hash: Hex;
}
const lastSent = new Map<string, Promise<SentTx>>();

/** Sends a transaction from an account that anvil holds the key of, and waits until it is mined. */
export async function sendAs(
  chain: TestChain,
  from: Address,
  tx: { to?: Address; data: Hex; gasPrice?: Hex },
): Promise<TransactionReceipt> {
  // anvil gives concurrent senders of one account the same nonce, and may keep for ever what came out of order.
  const account = chain.rpcUrl + from;
  const before = lastSent.get(account) ?? Promise.resolve(undefined);
  const sent = before
    .catch(() => undefined)
    .then(async (last) => {
      const nonce = last
        ? last.nonce + 1
        : await chain.client.getTransactionCount({ address: from });
      const asked = { from, nonce: `0x${nonce.toString(16)}`, ...tx };
      return { nonce, hash: (await chain.rpc("eth_sendTransaction", [asked])) as Hex };
    });
  lastSent.set(account, sent);
  const { hash } = await sent;
  const receipt = await chain.client.waitForTransactionReceipt({ hash, checkReplacement: false });
  if (receipt.status !== "success") throw new Error(`${hash} reverted`);
  return receipt;
}

/** Remembers what the engine told, as a zone's side would. */
export class HookRecorder implements PaymentHooks {
  readonly calls: { hook: string; requestId: string; error?: StewardError }[] = [];
  private readonly emitter = new EventEmitter().setMaxListeners(0);

  onAuthorized(_write: Write, { requestId }: RequestKey): void {
    this.record({ hook: "authorized", requestId });
  }

  onSettled(_write: Write, { requestId }: RequestKey): void {
    this.record({ hook: "settled", requestId });
  }

  onFailed(_write: Write, { requestId }: RequestKey, error: StewardError): void {
    this.record({ hook: "failed", requestId, error });
  }

  onRefunded(_write: Write, { requestId }: RequestKey): void {
    this.record({ hook: "refunded", requestId });
  }

  onEscrow(_write: Write, _key: RequestKey, _news: EscrowNewsBody): void {}

  of(requestId: string): string[] {
    return this.calls.filter((call) => call.requestId === requestId).map((call) => call.hook);
  }

  /** Resolves when a hook was called for a request, with what it was told. */
  async until(hook: string, requestId: string): Promise<{ error?: StewardError }> {
    for (;;) {
      const call = this.calls.find((one) => one.hook === hook && one.requestId === requestId);
      if (call) return call;
      await once(this.emitter, "call");
    }
  }

  private record(call: HookRecorder["calls"][number]): void {
    this.calls.push(call);
    this.emitter.emit("call");
  }
}

export interface EngineOptions {
  dir?: string;
  rpcUrls?: string[];
  confirmations?: number;
  /** Takes escrow payments too. */
  escrow?: boolean;
  /** More keys of the `chains[]` entry. */
  chainKeys?: object;
  payments?: Record<string, unknown>;
  now?: () => number;
  hooks?: HookRecorder;
}

/** A running engine on a database of its own. */
export interface Engine extends AsyncDisposable {
  payments: Payments;
  /** Knows of no replicated zone until a test has it watch one. */
  gate: SecondGate;
  store: Store;
  hooks: HookRecorder;
  dir: string;
  /** Stops it but keeps the database. */
  stop(): Promise<void>;
}

const { privateKey } = generateKeyPairSync("ed25519");
export const STEWARD_ID = `atlas_${"ab".repeat(32)}`;

export async function startEngine(world: PayWorld, options: EngineOptions = {}): Promise<Engine> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "payments-"));
  const hooks = options.hooks ?? new HookRecorder();
  const log = createLogger(process.env.TEST_LOG ?? "silent");
  const fatal = (error: unknown) => {
    throw error;
  };
  const store = Store.open(join(dir, "steward.sqlite"), { onFatal: fatal, onEffectError: fatal });
  const limits = { framesMax: 10_000, bytesMax: 64 * 1024 * 1024 };
  const gate = new SecondGate({ store, monotonicMs: () => performance.now(), log, limits });
  const connection = await connectPayments({
    store,
    gate,
    log,
    counters: new Counters(),
    now: options.now ?? (() => Math.floor(Date.now() / 1000)),
    identity: {
      nodeId: STEWARD_ID,
      publicKeyHex: "",
      sign: (content) => signBytes(null, content, privateKey),
    },
    chains: [
      chainConfigSchema.parse({
        chain_id: world.chain.chainId,
        network: "local",
        rpc_urls: options.rpcUrls ?? [world.chain.rpcUrl],
        usdc: world.usdc,
        settlement: world.settlement,
        ...(options.escrow && { escrow: world.escrow }),
        confirmations: options.confirmations ?? 1,
        ...options.chainKeys,
      }),
    ],
    payments: paymentsConfigSchema.parse({ recipient: world.recipient, ...options.payments }),
    walletKey: world.walletKey,
  });
  const payments = connection.open(hooks);
  payments.resume();
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await payments[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  return {
    payments,
    gate,
    store,
    hooks,
    dir,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export const ZONE_ID = "zone_01930000-0000-7000-8000-000000000000";
const AGENT_ID = `atlas_${"cd".repeat(32)}`;

export function buildManifest(world: PayWorld, change: Record<string, unknown> = {}): Manifest {
  return manifestSchema.parse({
    version: "1",
    id: ZONE_ID,
    name: "shop",
    description: "a shop",
    creator: { node_id: AGENT_ID, wallet: world.creator },
    type: "service",
    creator_fee_bps: 100,
    chain_id: world.chain.chainId,
    created_at: 1_700_000_000,
    ...change,
  });
}

let requests = 0;

/** Asks for a quote of a new request, durably. */
export async function askQuote(
  engine: Engine,
  world: PayWorld,
  { requestId = `req_${++requests}`, amount = "2000000", nodeId = AGENT_ID, zoneId = ZONE_ID } = {},
): Promise<{ key: RequestKey; quote: PaymentRequired }> {
  const key = { zoneId, nodeId, requestId };
  const quote = engine.store.write((write) =>
    engine.payments.quote(write, {
      ...key,
      action: "translate",
      content: '{"action":"translate","params":{"text":"hello"}}',
      manifest: buildManifest(world, { id: zoneId }),
      price: { amount, asset: "USDC", network: "local", settlement_mode: "direct" } as never,
    }),
  );
  await engine.store.committed();
  return { key, quote };
}

/** A payer with test USDC. */
export interface Payer {
  key: Hex;
  address: Address;
  /** The smart account that the key signs for, where it pays with one. */
  contract?: Address;
}

export async function fundPayer(world: PayWorld, amount = 100_000_000n): Promise<Payer> {
  const key = generatePrivateKey();
  const { address } = privateKeyToAccount(key);
  if (amount > 0n) await world.mint(address, amount);
  return { key, address };
}

export type AuthorizationJson = Record<string, unknown>;

/** Has a payer sign exactly what a requirement asks, with what the test changes before signing. */
export async function pay(
  payer: Payer,
  requirement: PaymentRequirement,
  change: {
    value?: bigint;
    to?: Address;
    nonce?: Hex;
    validBefore?: bigint;
    validAfter?: bigint;
    kind?: "transfer" | "receive";
  } = {},
): Promise<AuthorizationJson> {
  const kind = change.kind ?? "receive";
  const signed = {
    to: change.to ?? (requirement.to as Address),
    value: change.value ?? BigInt(requirement.amount),
    validAfter: change.validAfter ?? 0n,
    validBefore: change.validBefore ?? BigInt(requirement.deadline),
    nonce: change.nonce ?? (requirement.nonce as Hex),
  };
  const { v, r, s } = await signAuthorization(privateKeyToAccount(payer.key), {
    chainId: requirement.chain_id,
    token: requirement.token as Address,
    from: payer.contract ?? payer.address,
    kind: kind === "receive" ? 1 : 0,
    ...signed,
  });
  return {
    ...(payer.contract && { signature: concat([r, s, numberToHex(v)]) }),
    type: kind,
    from: payer.contract ?? payer.address,
    to: signed.to,
    value: signed.value.toString(),
    valid_after: Number(signed.validAfter),
    valid_before: Number(signed.validBefore),
    nonce: signed.nonce,
    v,
    r,
    s,
  };
}
