import type { Hex } from "viem";
import type { Counters } from "../base/counters.ts";
import { KeyedSignal } from "../base/keyed-signal.ts";
import type { Logger } from "../base/log.ts";
import { StewardError } from "../errors.ts";
import { ZERO_ADDRESS } from "../protocol/addresses.ts";
import type { ActionPrice } from "../protocol/manifest.ts";
import type { Store, Write } from "../store/database.ts";
import { prepareBookQueries } from "../store/payments/books.ts";
import { prepareClaimQueries } from "../store/payments/claims.ts";
import { prepareDueQueries } from "../store/payments/due.ts";
import { prepareEscrowQueries } from "../store/payments/escrows.ts";
import { prepareJobQueries } from "../store/payments/jobs.ts";
import { preparePaymentQueries } from "../store/payments/payments.ts";
import { type PaymentPrune, preparePaymentPrune } from "../store/payments/prune.ts";
import { prepareItemQueries } from "../store/payments/tx-items.ts";
import { prepareTxQueries } from "../store/payments/txs.ts";
import type { EscrowState, PaymentRequired } from "../wire/zone-replies.ts";
import type { ZoneGate } from "../zones/zone-gate.ts";
import { SIGNATURE_CODE } from "./authorization/key-signature.ts";
import { Chain } from "./chain/chain.ts";
import { ContractMismatch } from "./chain/contract-views.ts";
import type { ChainHealth } from "./chain/health.ts";
import type { ChainConfig, PaymentsConfig } from "./config.ts";
import { changeForSender } from "./escrow/change.ts";
import { withEscrows } from "./escrow/ledger.ts";
import { toEscrowState } from "./escrow/views.ts";
import { type Acceptance, acceptAuthorization } from "./intake/accept.ts";
import { quoteAction } from "./intake/quote.ts";
import { assertSupported, type QuoteSigner } from "./intake/requirement.ts";
import { forgetPayments } from "./ledger/forget.ts";
import type { PaymentBase } from "./ledger/transitions.ts";
import { OperatorPayments, type PaymentParts } from "./operator.ts";
import type { EscrowOrder, PayableAction, PaymentHooks, PaymentPort, RequestKey } from "./port.ts";
import { RequestRecords } from "./records.ts";
import { Wallet } from "./settling/wallet.ts";
import { Worker } from "./settling/worker.ts";

export type { ChainHealth };

/** What the payments domain is built from. */
export interface PaymentsDeps {
  readonly store: Store;
  readonly gate: ZoneGate;
  readonly log: Logger;
  readonly counters: Counters;
  /** Unix seconds. */
  readonly now: () => number;
  readonly identity: QuoteSigner;
  readonly chains: readonly ChainConfig[];
  readonly payments: PaymentsConfig;
  readonly walletKey: Hex;
}

/**
 * Reaches the chains and looks at their contracts; nothing is taken or sent yet. A chain that does not
 * answer does not stop the start.
 * @throws ContractMismatch where a chain answers and is not as configured
 */
export async function connectPayments(deps: PaymentsDeps): Promise<PaymentConnection> {
  const wallet = new Wallet(deps.walletKey);
  assertPayees(deps, deps.payments.recipient ?? wallet.address);
  const { log, now, payments } = deps;
  const books = prepareBookQueries(deps.store);
  const started = await Promise.allSettled(
    deps.chains.map((config) => {
      const { chain_id, settlement, escrow } = config;
      const contracts = escrow === undefined ? [settlement] : [settlement, escrow];
      const hasSettled = () => books.hasSettled(chain_id, contracts);
      return Chain.start({ log, now, config, payments, wallet: wallet.address, hasSettled });
    }),
  );
  const chains = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = started.find((one) => one.status === "rejected");
  if (failed) {
    await Promise.all(chains.map((chain) => chain[Symbol.asyncDispose]()));
    throw failed.reason;
  }
  return new PaymentConnection(deps, wallet, chains);
}

/** The chains, and what is recorded of payments; whoever is told of changes may read that already. */
export class PaymentConnection implements AsyncDisposable {
  readonly records: RequestRecords;
  private readonly deps: PaymentsDeps;
  private readonly wallet: Wallet;
  private readonly chains: readonly Chain[];
  private readonly base: PaymentBase;

  constructor(deps: PaymentsDeps, wallet: Wallet, chains: readonly Chain[]) {
    const { store, gate, now, log } = deps;
    this.deps = deps;
    this.wallet = wallet;
    this.chains = chains;
    this.base = {
      ...{ store, gate, now, log },
      escrowNews: new KeyedSignal(),
      queries: preparePaymentQueries(store),
      escrows: prepareEscrowQueries(store),
      due: prepareDueQueries(store),
      txs: prepareTxQueries(store),
      items: prepareItemQueries(store),
      jobs: prepareJobQueries(store),
      claims: prepareClaimQueries(store),
    };
    this.records = new RequestRecords(this.base);
  }

  /** Payments that tell `hooks` what becomes of them; what is in flight waits for `resume`. Once. */
  open(hooks: PaymentHooks): Payments {
    const { base, wallet, chains, records } = this;
    const ledger = { ...base, hooks: withEscrows(base, hooks) };
    const { batch_max, in_flight_max, stuck_after_secs, alarm_after_secs } = this.deps.payments;
    const limits = {
      batchMax: batch_max,
      inFlightMax: in_flight_max,
      stuckAfterSecs: stuck_after_secs,
      alarmAfterSecs: alarm_after_secs,
    };
    const workers = chains.map((chain) => new Worker({ ...ledger, ...limits, chain, wallet }));
    return new Payments(this.deps, records, {
      ledger,
      wallet,
      books: prepareBookQueries(base.store),
      chains: new Map(chains.map((chain) => [chain.config.chain_id, chain])),
      workers: new Map(workers.map((worker) => [worker.chainId, worker])),
    });
  }

  /** Leaves the chains; after the payments that were opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.chains.map((chain) => chain[Symbol.asyncDispose]()));
  }
}

function assertPayees({ chains }: PaymentsDeps, recipient: Hex): void {
  const unpayable = chains.flatMap(({ settlement, escrow }) => [settlement, escrow ?? settlement]);
  if ([ZERO_ADDRESS, ...unpayable].includes(recipient)) {
    throw new ContractMismatch("payments.recipient cannot be paid by the contracts");
  }
}

/** Quotes, takes and settles payments; `docs/protocol.md` §8. */
export class Payments extends OperatorPayments implements PaymentPort, AsyncDisposable {
  readonly records: RequestRecords;
  private readonly deps: PaymentsDeps;
  private readonly recipient: Hex;
  private readonly prune: PaymentPrune;

  constructor(deps: PaymentsDeps, records: RequestRecords, parts: PaymentParts) {
    super(parts);
    this.records = records;
    this.deps = deps;
    this.recipient = deps.payments.recipient ?? parts.wallet.address;
    this.prune = preparePaymentPrune(deps.store);
  }

  /** Settles payments and pays their gas. */
  get walletAddress(): Hex {
    return this.parts.wallet.address;
  }

  /**
   * Refuses what could not be settled now, from cached health; called before any quote.
   * @throws StewardError `payment_failed` UNSUPPORTED_ASSET, PRICE_TOO_LOW; `internal` CHAIN_UNAVAILABLE
   *   or GAS_LOW
   */
  assertPayable(price: ActionPrice, chainId: number): void {
    const chain = this.parts.chains.get(chainId);
    assertSupported(price, chain?.config, this.deps.payments.amount_min);
    chain?.assertUsable();
    if (this.isHeld(chainId)) throw new StewardError("internal", { reason: "WALLET_HELD" });
  }

  /**
   * Returns the requirement of a request: the same one while it is open, else a fresh one;
   * `docs/protocol.md` §8.
   * @throws StewardError as `assertPayable`; `payment_failed` AUTHORIZATION_OUTSTANDING while an
   *   ended attempt could still execute on chain; `internal` for a request that is being or is paid
   */
  quote(write: Write, action: PayableAction): PaymentRequired {
    const chain = this.parts.chains.get(action.manifest.chain_id);
    return quoteAction(
      write,
      { ...this.parts.ledger, identity: this.deps.identity, counters: this.deps.counters },
      {
        action,
        chain,
        recipient: this.recipient,
        config: this.deps.payments,
      },
    );
  }

  /**
   * Checks and takes an authorization, and settles it in the background: `accepted` for a new one,
   * `joined` where the same one is in progress, `settled` where it is settled.
   * @throws StewardError `payment_required`, `payment_invalid` with its reason, `internal`
   *   CHAIN_UNAVAILABLE; the order is in `accept.ts`
   */
  async accept(key: RequestKey, authorization: unknown): Promise<Acceptance["outcome"]> {
    const findChain = (chainId: number) => this.parts.chains.get(chainId);
    const acceptance = await acceptAuthorization(
      { ...this.parts.ledger, findChain },
      key,
      authorization,
    );
    if (acceptance.outcome === "accepted") this.parts.workers.get(acceptance.chainId)?.wake();
    return acceptance.outcome;
  }

  /**
   * Reads an escrow of a node's request.
   * @throws StewardError `invalid_params` where there is none
   */
  getEscrowOf(nodeId: string, escrowId: string): EscrowState {
    const { escrows } = this.parts.ledger;
    const row = escrows.findById(escrowId.toLowerCase(), nodeId);
    if (row) return toEscrowState(escrows, row);
    throw new StewardError("invalid_params", { message: "escrow_id: no such escrow of yours" });
  }

  findEscrowZone(nodeId: string, escrowId: string): string | undefined {
    const { escrows, queries } = this.parts.ledger;
    const row = escrows.findById(escrowId.toLowerCase(), nodeId);
    return row && queries.find(row.paymentId)?.zoneId;
  }

  /** Releases, refunds or disputes an escrow of a node's request; throws as `changeForSender`. */
  changeEscrow(nodeId: string, order: EscrowOrder, waitMs: number): Promise<EscrowState> {
    return changeForSender(this.escrowChange, nodeId, order, waitMs);
  }

  /** Forgets some of what is no longer needed. Tells whether more is left. */
  forget(write: Write): boolean {
    return forgetPayments(write, { ...this.parts.ledger, prune: this.prune });
  }

  /** What is known of each chain. */
  health(): ChainHealth[] {
    return [...this.parts.chains.values()].map((chain) => {
      const health = chain.health();
      if (!this.isHeld(health.chain_id)) return health;
      return { ...health, ok: false, problem: "the wallet waits for your word" };
    });
  }

  private isHeld(chainId: number): boolean {
    return this.parts.workers.get(chainId)?.walletWatch.isHeld ?? false;
  }

  /** Takes up what is in flight; once. */
  resume(): void {
    const open = [...this.parts.chains.values()].filter(
      (chain) => chain.usable && chain.gas.enough,
    );
    if (open.length > 0) {
      const ids = open.map(({ config }) => config.chain_id);
      const what = { signature_code: SIGNATURE_CODE, chain_ids: ids };
      this.deps.log.info(what, "payments are taken");
    }
    for (const worker of this.parts.workers.values()) worker.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.parts.ledger.escrowNews.end();
    // Together: a worker that waits for a dead node goes on when its chain gives up.
    const all = [...this.parts.workers.values(), ...this.parts.chains.values()];
    await Promise.all(all.map((part) => part[Symbol.asyncDispose]()));
  }
}
