import type { Write } from "../store/database.ts";
import type { PaymentState } from "../store/payments/schema.ts";
import type { EscrowState, SettlementReceipt } from "../wire/zone-replies.ts";
import { findAuthorizationNonce } from "./authorization/authorization.ts";
import { findReceiptOf } from "./books/views.ts";
import { toEscrowState } from "./escrow/views.ts";
import { deliver, IN_PROGRESS, type PaymentBase } from "./ledger/transitions.ts";
import type { PaymentRecords, RequestKey } from "./port.ts";

/** What is recorded of each request's payment: read, and delivered, without anybody being told. */
export class RequestRecords implements PaymentRecords {
  private readonly ledger: PaymentBase;

  constructor(ledger: PaymentBase) {
    this.ledger = ledger;
  }

  /** The request whose requirement, of whatever state, has an authorization's nonce. */
  findPaidBy(authorization: unknown): RequestKey | undefined {
    const nonce = findAuthorizationNonce(authorization);
    return nonce && this.ledger.queries.findByNonce(nonce);
  }

  /** The receipt of a request's settled payment. */
  findReceipt(key: RequestKey): SettlementReceipt | undefined {
    const row = this.ledger.queries.findCurrent(key);
    return row && findReceiptOf(row);
  }

  /** The state of a request's accepted payment that has no final answer yet. */
  findPending(key: RequestKey): { state: PaymentState; txHash?: string } | undefined {
    const { queries, txs } = this.ledger;
    const row = queries.findCurrent(key);
    if (!row || !(IN_PROGRESS.includes(row.state) || row.state === "confirmed")) return undefined;
    const sent = row.txId === null ? [] : txs.listAttempts(row.txId);
    const txHash = row.txHash ?? sent[0]?.hash;
    return { state: row.state, ...(txHash !== undefined && { txHash }) };
  }

  /** The escrow of a request's payment, once it was deposited. */
  findEscrow(key: RequestKey): EscrowState | undefined {
    const { queries, escrows } = this.ledger;
    const row = queries.findCurrent(key);
    const escrow = row?.mode === "escrow" ? escrows.findOfPayment(row.paymentId) : undefined;
    return escrow && toEscrowState(escrows, escrow);
  }

  /** Records that the answer to a paid request is stored. */
  markDelivered(write: Write, key: RequestKey): void {
    const row = this.ledger.queries.findCurrent(key);
    if (row) deliver(write, this.ledger, row);
  }
}
