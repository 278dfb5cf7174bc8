import { StewardError } from "../errors.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { Write } from "../store/database.ts";
import type { BookQueries, BookSpan } from "../store/payments/books.ts";
import type { EscrowFilter } from "../store/payments/escrows.ts";
import type { PaymentFilter } from "../store/payments/payments.ts";
import { toAccounts } from "./books/accounts.ts";
import { auditChain } from "./books/audit.ts";
import { toHeldView, toPaymentView } from "./books/views.ts";
import type { Chain } from "./chain/chain.ts";
import { askingChain } from "./chain/unavailable.ts";
import { changeForOperator, type EscrowChangeDeps } from "./escrow/change.ts";
import { toEscrowView } from "./escrow/views.ts";
import {
  type ClaimDeskDeps,
  type ClaimPage,
  type ClaimRequest,
  listClaims,
  requestClaims,
} from "./jobs/claim-desk.ts";
import { declareRefundLost, type LostRefund } from "./jobs/lost-refunds.ts";
import { requestRefund, toRefundView } from "./jobs/refunds.ts";
import { wantRegistration, type ZoneRegistration } from "./jobs/registrations.ts";
import type { PaymentContext } from "./ledger/transitions.ts";
import type { EscrowOrder, RefundPort, RefundRequest } from "./port.ts";
import type { Wallet } from "./settling/wallet.ts";
import type { WalletRelease } from "./settling/wallet-watch.ts";
import type { Worker } from "./settling/worker.ts";

/** What the payments domain consists of, per chain id where there is one for each chain. */
export interface PaymentParts {
  readonly ledger: PaymentContext;
  readonly books: BookQueries;
  readonly wallet: Wallet;
  readonly chains: ReadonlyMap<number, Chain>;
  readonly workers: ReadonlyMap<number, Worker>;
}

/** Numbers of payments and of the wallet's transactions that are not final. */
export interface PaymentStats {
  readonly payments: ReturnType<BookQueries["countByState"]>;
  readonly transactions: ReturnType<BookQueries["countTxs"]>;
  /** Calls of each chain's nodes since the start, by `answered` or what was wrong. */
  readonly rpcCalls: readonly { readonly chainId: number; readonly calls: [string, number][] }[];
}

/** What the operator sees and does of payments. */
export class OperatorPayments implements RefundPort {
  protected readonly parts: PaymentParts;

  constructor(parts: PaymentParts) {
    this.parts = parts;
  }

  /** Payments, newest first, and the id to go on after. */
  list(filter: PaymentFilter): { items: JsonObject[]; next?: string } {
    const rows = this.parts.ledger.queries.list({ ...filter, limit: filter.limit + 1 });
    const page = rows.slice(0, filter.limit);
    const next = rows.length > filter.limit ? page.at(-1)?.paymentId : undefined;
    const held = this.findHeld(page.map(({ paymentId }) => paymentId));
    const items = page.map((row) => ({ ...toPaymentView(row), held: held(row.paymentId) }));
    return { items, ...(next !== undefined && { next }) };
  }

  /** Whether a payment is to be given back by this steward, and its refund failed. */
  owesRefund(id: string): boolean {
    const refund = this.parts.ledger.jobs.findRefund(id);
    return refund?.state === "failed" && refund.steward === null;
  }

  /** @throws StewardError `not_found` */
  get(id: string): JsonObject {
    const row = this.parts.ledger.queries.find(id);
    if (!row) throw new StewardError("not_found");
    const refund = this.parts.ledger.jobs.findRefund(id);
    return {
      ...toPaymentView(row, this.parts.ledger.queries.historyOf(id)),
      held: this.findHeld([id])(id),
      refund: refund ? toRefundView(refund) : null,
    };
  }

  /** The shares of payments that the token refused to pay. */
  private findHeld(paymentIds: readonly string[]): (paymentId: string) => JsonObject[] {
    const shares = this.parts.ledger.claims.listOfPayments(paymentIds);
    const byPayment = Map.groupBy(shares, ({ paymentId }) => paymentId);
    return (paymentId) => (byPayment.get(paymentId) ?? []).map(toHeldView);
  }

  /** What is kept for whom, as the chains say now, and the cursor of what follows. */
  listClaims(page: ClaimPage): Promise<{ items: JsonObject[]; next?: string }> {
    return listClaims(this.claimDesk, page);
  }

  /**
   * Has kept shares paid to their owner, in the background; what is claimed already is told again.
   * @throws StewardError as `requestClaims`
   */
  async claim(
    request: ClaimRequest,
    record: (write: Write, claims: JsonObject[]) => void,
  ): Promise<JsonObject[]> {
    const claims = await requestClaims(this.claimDesk, request, record);
    this.parts.workers.get(request.chainId)?.wake();
    return claims;
  }

  private get claimDesk(): ClaimDeskDeps {
    const { ledger, wallet, chains } = this.parts;
    return { ...ledger, wallet: wallet.address, chains };
  }

  /**
   * Gives a settled payment's whole amount back to its payer, out of the wallet's own balance; the
   * same refund again where there is one. It is sent in the background.
   * @throws StewardError `not_found`, `conflict`, `internal` CHAIN_UNAVAILABLE
   */
  async refund(request: RefundRequest): Promise<JsonObject> {
    const chainId = this.parts.ledger.queries.find(request.paymentId)?.chainId ?? 0;
    const chain = this.parts.chains.get(chainId);
    const view = await requestRefund(
      this.parts.ledger,
      { chain, wallet: this.parts.wallet.address },
      request,
    );
    this.parts.workers.get(chainId)?.wake();
    return view;
  }

  /**
   * Gives up a refund that no node shows, on the operator's word; it may be asked for again then.
   * @throws StewardError as `declareRefundLost`
   */
  async declareRefundLost(lost: LostRefund): Promise<JsonObject> {
    const { ledger, chains, wallet, workers } = this.parts;
    const chainId = ledger.queries.find(lost.paymentId)?.chainId ?? 0;
    const from = { chain: chains.get(chainId), wallet: wallet.address };
    const { refund, txId } = await declareRefundLost(ledger, from, lost);
    workers.get(chainId)?.forget(txId);
    return refund;
  }

  /** Has a zone written into the registry on chain, in the background, for information only. */
  registerZone(write: Write, registration: ZoneRegistration): void {
    wantRegistration(write, this.parts.ledger, registration);
    this.parts.ledger.store.gate(() => this.parts.workers.get(registration.chainId)?.wake());
  }

  /** Escrows, newest first, and the id to go on after. */
  listEscrows(filter: EscrowFilter): { items: JsonObject[]; next?: string } {
    const { escrows } = this.parts.ledger;
    const rows = escrows.list({ ...filter, limit: filter.limit + 1 });
    const page = rows.slice(0, filter.limit);
    const next = rows.length > filter.limit ? page.at(-1)?.escrowId : undefined;
    return {
      items: page.map((row) => toEscrowView(escrows, row)),
      ...(next !== undefined && { next }),
    };
  }

  /** @throws StewardError `not_found` */
  getEscrow(escrowId: string): JsonObject {
    const { escrows } = this.parts.ledger;
    const row = escrows.findById(escrowId.toLowerCase());
    if (!row) throw new StewardError("not_found");
    return toEscrowView(escrows, row);
  }

  /** Changes an escrow as the operator asks; throws as `changeForOperator`. */
  async operateEscrow(order: EscrowOrder, by: string, waitMs: number): Promise<JsonObject> {
    const row = await changeForOperator(this.escrowChange, order, { by, waitMs });
    return toEscrowView(this.parts.ledger.escrows, row);
  }

  protected get escrowChange(): EscrowChangeDeps {
    const { ledger, wallet, chains, workers } = this.parts;
    return {
      ...ledger,
      wallet: wallet.address,
      findChain: (chainId) => chains.get(chainId),
      wake: (chainId) => workers.get(chainId)?.wake(),
    };
  }

  /** What was settled in a span, per zone, token and UTC day. */
  async accounts(span: BookSpan): Promise<JsonObject[]> {
    const { books, ledger } = this.parts;
    return await toAccounts({ books, claims: ledger.claims }, span);
  }

  /**
   * Compares every accepted payment with the chain, and lists the differences, per chain.
   * @throws StewardError `internal` CHAIN_UNAVAILABLE
   */
  async audit(): Promise<JsonObject[]> {
    const audited = { books: this.parts.books, escrows: this.parts.ledger.escrows };
    const chains = [...this.parts.chains.values()];
    return await askingChain(() => Promise.all(chains.map((chain) => auditChain(chain, audited))));
  }

  /** How the wallet stands on each chain. */
  listWallets(): JsonObject[] {
    return [...this.parts.workers.values()].map(({ walletWatch }) => walletWatch.view());
  }

  /**
   * Lets a held wallet send again; throws as `WalletWatch.release`.
   * @throws StewardError `not_found` for a chain that is not configured
   */
  async releaseWallet(chainId: number, release: WalletRelease): Promise<JsonObject> {
    const worker = this.parts.workers.get(chainId);
    if (worker === undefined) throw new StewardError("not_found");
    const givenUp = await worker.walletWatch.release(release);
    worker.wake();
    return { ...worker.walletWatch.view(), given_up: givenUp };
  }

  /** How many payments are in each state, and transactions on each chain, for metrics. */
  stats(): PaymentStats {
    const { books, chains } = this.parts;
    const rpcCalls = [...chains].map(([chainId, chain]) => ({ chainId, calls: chain.rpcCalls() }));
    return { payments: books.countByState(), transactions: books.countTxs(), rpcCalls };
  }
}
