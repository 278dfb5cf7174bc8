import type { Hex } from "viem";
import { StewardError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Store } from "../store/database.ts";
import { type PaymentFilter, preparePaymentQueries } from "../store/payment-queries.ts";
import { prepareTxQueries } from "../store/payment-queries-tx.ts";
import type { PaymentState } from "../store/payment-schema.ts";
import type { JsonObject } from "../wire/json.ts";
import type { ActionPrice } from "../wire/manifest.ts";
import type { PaymentRequired, SettlementReceipt } from "../wire/zone-replies.ts";
import { type Acceptance, acceptAuthorization } from "./accept.ts";
import { Chain, type ChainHealth } from "./chain.ts";
import type { ChainConfig, PaymentsConfig } from "./config.ts";
import {
  deliver,
  IN_PROGRESS,
  type LedgerDeps,
  type PaymentHooks,
  type RequestKey,
} from "./ledger.ts";
import { quoteAction } from "./quote.ts";
import { assertSupported, type PayableAction, type QuoteSigner } from "./requirement.ts";
import { findReceiptOf, toPaymentView } from "./views.ts";
import { Wallet } from "./wallet.ts";
import { Worker } from "./worker.ts";

export type { Acceptance, ChainHealth, PayableAction, PaymentHooks, RequestKey };

/** What the payments domain is built from. */
export interface PaymentsDeps {
  readonly store: Store;
  readonly log: Logger;
  /** Unix seconds. */
  readonly now: () => number;
  readonly identity: QuoteSigner;
  readonly chains: readonly ChainConfig[];
  readonly payments: PaymentsConfig;
  readonly walletKey: Hex;
  readonly hooks: PaymentHooks;
}

/**
 * Starts the payments domain; in-flight payments wait for `resume`. A chain that does not answer
 * does not stop the start.
 * @throws ContractMismatch where a chain answers and is not as configured
 */
export async function startPayments(deps: PaymentsDeps): Promise<Payments> {
  const wallet = new Wallet(deps.walletKey);
  const { log, now, payments } = deps;
  const started = await Promise.allSettled(
    deps.chains.map((config) =>
      Chain.start({ log, now, config, payments, wallet: wallet.address }),
    ),
  );
  const chains = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = started.find((one) => one.status === "rejected");
  if (failed) {
    await Promise.all(chains.map((chain) => chain[Symbol.asyncDispose]()));
    throw failed.reason;
  }
  return new Payments(deps, wallet, chains);
}

/** Quotes, takes and settles payments; `docs/protocol.md` §8. */
export class Payments implements AsyncDisposable {
  private readonly deps: PaymentsDeps & LedgerDeps;
  private readonly chains: ReadonlyMap<number, Chain>;
  private readonly workers: ReadonlyMap<number, Worker>;
  private readonly recipient: Hex;

  constructor(deps: PaymentsDeps, wallet: Wallet, chains: readonly Chain[]) {
    this.deps = {
      ...deps,
      queries: preparePaymentQueries(deps.store),
      txs: prepareTxQueries(deps.store),
    };
    this.recipient = deps.payments.recipient ?? wallet.address;
    this.chains = new Map(chains.map((chain) => [chain.config.chain_id, chain]));
    this.workers = new Map(
      chains.map((chain) => [
        chain.config.chain_id,
        new Worker({
          ...this.deps,
          chain,
          wallet,
          batchMax: deps.payments.batch_max,
          inFlightMax: deps.payments.in_flight_max,
          stuckAfterSecs: deps.payments.stuck_after_secs,
        }),
      ]),
    );
  }

  /**
   * Refuses what could not be settled now, from cached health; called before any quote.
   * @throws StewardError `payment_failed` UNSUPPORTED_ASSET; `internal` CHAIN_UNAVAILABLE or GAS_LOW
   */
  assertPayable(price: ActionPrice, chainId: number): void {
    const chain = this.chains.get(chainId);
    assertSupported(price, chain?.config);
    chain?.assertUsable();
  }

  /**
   * Returns the requirement of a request: the same one while it is open, else a fresh one; runs
   * inside `store.write`. `docs/protocol.md` §8.
   * @throws StewardError as `assertPayable`; `payment_failed` AUTHORIZATION_OUTSTANDING while an
   *   ended attempt could still execute on chain; `internal` for a request that is being or is paid
   */
  quote(action: PayableAction): PaymentRequired {
    const chain = this.chains.get(action.manifest.chain_id);
    return quoteAction(this.deps, {
      action,
      chain,
      recipient: this.recipient,
      ttlSecs: this.deps.payments.quote_ttl_secs,
    });
  }

  /**
   * Checks and takes an authorization, and settles it in the background: `accepted` for a new one,
   * `joined` where the same one is in progress, `settled` where it is settled.
   * @throws StewardError `payment_required`, `payment_invalid` with its reason, `internal`
   *   CHAIN_UNAVAILABLE; the order is in `accept.ts`
   */
  async accept(key: RequestKey, authorization: unknown): Promise<Acceptance> {
    const findChain = (chainId: number) => this.chains.get(chainId);
    const acceptance = await acceptAuthorization({ ...this.deps, findChain }, key, authorization);
    if (acceptance !== "accepted") return acceptance;
    const row = this.deps.queries.findCurrent(key.nodeId, key.requestId);
    if (row) this.workers.get(row.chainId)?.wake();
    return acceptance;
  }

  /** The receipt of a request's settled payment. */
  findReceipt(key: RequestKey): SettlementReceipt | undefined {
    const row = this.deps.queries.findCurrent(key.nodeId, key.requestId);
    return row && findReceiptOf(row);
  }

  /** The state of a request's accepted payment that has no final answer yet. */
  findPending(key: RequestKey): { state: PaymentState; txHash?: string } | undefined {
    const row = this.deps.queries.findCurrent(key.nodeId, key.requestId);
    if (!row || !(IN_PROGRESS.includes(row.state) || row.state === "confirmed")) return undefined;
    const sent = row.txId === null ? [] : this.deps.txs.listAttempts(row.txId);
    const txHash = row.txHash ?? sent[0]?.hash;
    return { state: row.state, ...(txHash !== undefined && { txHash }) };
  }

  /** Records that the answer to a paid request is stored; runs inside `store.write`. */
  markDelivered(key: RequestKey): void {
    const row = this.deps.queries.findCurrent(key.nodeId, key.requestId);
    if (row) deliver(this.deps, row);
  }

  /** What is known of each chain. */
  health(): ChainHealth[] {
    return [...this.chains.values()].map((chain) => chain.health());
  }

  /** Payments, newest first, and the id to go on after. */
  list(filter: PaymentFilter): { items: JsonObject[]; next?: string } {
    const rows = this.deps.queries.list({ ...filter, limit: filter.limit + 1 });
    const page = rows.slice(0, filter.limit);
    const next = rows.length > filter.limit ? page.at(-1)?.paymentId : undefined;
    return { items: page.map((row) => toPaymentView(row)), ...(next !== undefined && { next }) };
  }

  /** @throws StewardError `not_found` */
  get(id: string): JsonObject {
    const row = this.deps.queries.find(id);
    if (!row) throw new StewardError("not_found");
    return toPaymentView(row, this.deps.queries.historyOf(id));
  }

  /** Takes up what is in flight; called once, when the hooks can be used. */
  resume(): void {
    for (const worker of this.workers.values()) worker.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker[Symbol.asyncDispose]()));
    await Promise.all([...this.chains.values()].map((chain) => chain[Symbol.asyncDispose]()));
  }
}
