import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex, PrivateKeyAccount } from "viem";
import { Counters } from "../../src/base/counters.ts";
import { createLogger } from "../../src/base/log.ts";
import type { StewardError } from "../../src/errors.ts";
import { type NodeKey, toNodeKey } from "../../src/identity/node-key.ts";
import { chainConfigSchema, paymentsConfigSchema } from "../../src/payments/config.ts";
import { connectPayments, type Payments } from "../../src/payments/payments.ts";
import type { PayableAction, PaymentHooks, RequestKey } from "../../src/payments/port.ts";
import { type Manifest, manifestSchema } from "../../src/protocol/manifest.ts";
import { SecondGate } from "../../src/replication/gate/second-gate.ts";
import { Store, type Write } from "../../src/store/database.ts";
import type { PaymentRequirement } from "../../src/wire/zone-replies.ts";
import { signAuthorization } from "../../test/support/contracts/authorization.ts";
import { fillPayments } from "../../test/support/large-database.ts";
import type { Settler } from "./settler.ts";
import { AMOUNT, CREATOR_FEE_BPS, type World } from "./world.ts";

const NETWORK = "anvil";
const ZONE_ID = "zone_01930000-0000-7000-8000-000000000000";
const PRICE: PayableAction["price"] = {
  amount: AMOUNT.toString(),
  asset: "USDC",
  network: NETWORK,
  settlement_mode: "direct",
  escrow_secs: undefined,
  arbiter: undefined,
};
const AGENT_ID = `atlas_${"cd".repeat(32)}`;

/** A quoted and signed payment. */
export interface EngineTicket {
  readonly key: RequestKey;
  readonly authorization: unknown;
}

/** The steward's payments domain on a database of its own, with its switch. */
export interface Engine extends Settler<EngineTicket>, AsyncDisposable {
  /** Begins to send; what is accepted before waits until then. */
  resume(): void;
}

/** Waits for the end of payments, as the zones' side does: told inside the write, answered after it. */
class Answers implements PaymentHooks {
  private readonly waiting = new Map<string, (failure: string | undefined) => void>();
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  wait(requestId: string): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.waiting.set(requestId, resolve);
    return promise;
  }

  onAuthorized(): void {}

  onSettled(_write: Write, { requestId }: RequestKey): void {
    this.store.gate(() => this.answer(requestId, undefined));
  }

  onRefunded(): void {}

  onEscrow(): void {}

  onFailed(_write: Write, { requestId }: RequestKey, error: StewardError): void {
    this.store.gate(() => this.answer(requestId, String(error.reason)));
  }

  private answer(requestId: string, failure: string | undefined): void {
    this.waiting.get(requestId)?.(failure);
    this.waiting.delete(requestId);
  }
}

/** Starts the engine as a steward would, default settings but for `payments`. */
export async function startEngine(
  world: World,
  payments: Record<string, unknown> = {},
  kept = 0,
): Promise<Engine> {
  const dir = mkdtempSync(join(tmpdir(), "settlement-bench-"));
  const fatal = (error: unknown): never => {
    throw error;
  };
  const store = Store.open(join(dir, "steward.sqlite"), { onFatal: fatal, onEffectError: fatal });
  await fillPayments(store, [ZONE_ID], kept, Math.floor(Date.now() / 1000));
  const answers = new Answers(store);
  const log = createLogger("warn");
  const limits = { framesMax: 10_000, bytesMax: 64 * 1024 * 1024 };
  const connection = await connectPayments({
    store,
    gate: new SecondGate({ store, monotonicMs: () => performance.now(), log, limits }),
    log,
    counters: new Counters(),
    now: () => Math.floor(Date.now() / 1000),
    identity: createNodeKey(),
    chains: [toChainConfig(world)],
    // All are quoted before the clock starts, for one node.
    payments: paymentsConfigSchema.parse({
      recipient: world.recipient,
      quotes_per_node: 100_000,
      quotes_max: 1_000_000,
      ...payments,
    }),
    walletKey: world.walletKey,
  });
  const engine = connection.open(answers);
  const manifest = buildManifest(world);
  return {
    prepare: (agents) => prepare({ store, engine, manifest }, agents),
    settle: async ({ key, authorization }) => {
      const answer = answers.wait(key.requestId);
      await engine.accept(key, authorization);
      const failure = await answer;
      if (failure === undefined) store.write((write) => engine.records.markDelivered(write, key));
      return failure;
    },
    resume: () => engine.resume(),
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function createNodeKey(): NodeKey {
  return toNodeKey(generateKeyPairSync("ed25519").privateKey);
}

function toChainConfig({ chainId, rpcUrl, usdc, settlement, escrow }: World) {
  return chainConfigSchema.parse({
    ...{ chain_id: chainId, network: NETWORK, rpc_urls: [rpcUrl] },
    ...{ usdc, settlement, escrow },
  });
}

function buildManifest({ chainId, creator }: World): Manifest {
  return manifestSchema.parse({
    version: "1",
    id: ZONE_ID,
    name: "shop",
    description: "a shop",
    creator: { node_id: AGENT_ID, wallet: creator },
    type: "service",
    creator_fee_bps: CREATOR_FEE_BPS,
    chain_id: chainId,
    created_at: 1_700_000_000,
  });
}

interface Shop {
  readonly store: Store;
  readonly engine: Payments;
  readonly manifest: Manifest;
}

/** Quotes and signs: what happens before a payment is sent. */
async function prepare(
  { store, engine, manifest }: Shop,
  agents: readonly PrivateKeyAccount[],
): Promise<EngineTicket[]> {
  const quotes = agents.map((agent) => {
    const key = { zoneId: ZONE_ID, nodeId: AGENT_ID, requestId: `req_${randomUUID()}` };
    const content = '{"action":"translate","params":{"text":"hello"}}';
    const action = {
      ...key,
      action: "translate",
      content,
      manifest,
      price: PRICE,
    };
    const { payment_requirement } = store.write((write) => engine.quote(write, action));
    return { agent, key, payment_requirement };
  });
  await store.committed();
  return Promise.all(
    quotes.map(async ({ agent, key, payment_requirement }) => ({
      key,
      authorization: await authorize(agent, payment_requirement),
    })),
  );
}

async function authorize(account: PrivateKeyAccount, requirement: PaymentRequirement) {
  const { to, amount, deadline, nonce, chain_id, token } = requirement;
  const { v, r, s } = await signAuthorization(account, {
    chainId: chain_id,
    token: token as Hex,
    from: account.address,
    to: to as Hex,
    value: BigInt(amount),
    validBefore: BigInt(deadline),
    nonce: nonce as Hex,
  });
  return {
    ...{ type: "receive", from: account.address, to, value: amount },
    ...{ valid_after: 0, valid_before: deadline, nonce, v, r, s },
  };
}
