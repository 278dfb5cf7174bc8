import type { KeyedSignal } from "../../base/keyed-signal.ts";
import type { Logger } from "../../base/log.ts";
import type { ErrorReason } from "../../error-catalogue.ts";
import { StewardError } from "../../errors.ts";
import type { Store, Write } from "../../store/database.ts";
import type { ClaimQueries } from "../../store/payments/claims.ts";
import type { DueQueries } from "../../store/payments/due.ts";
import type { EscrowQueries } from "../../store/payments/escrows.ts";
import type { JobQueries } from "../../store/payments/jobs.ts";
import type {
  PaymentQueries,
  PaymentRow,
  PaymentTransition,
} from "../../store/payments/payments.ts";
import type { PaymentState, TxKind } from "../../store/payments/schema.ts";
import type { ItemQueries } from "../../store/payments/tx-items.ts";
import type { TxQueries } from "../../store/payments/txs.ts";
import type { ZoneGate } from "../../zones/zone-gate.ts";
import type { Authorization } from "../authorization/authorization.ts";
import type { PaymentHooks } from "../port.ts";

/** The hooks as transitions call them: with the payment as it was before. */
export type LedgerHooks = Pick<PaymentHooks, "onRefunded" | "onEscrow"> & {
  onAuthorized(write: Write, row: PaymentRow): void;
  onSettled(write: Write, row: PaymentRow): void;
  onFailed(write: Write, row: PaymentRow, error: StewardError): void;
};

/** What is kept of payments, and the clock: enough to read, and for changes that nobody is told of. */
export interface PaymentBase {
  readonly store: Store;
  readonly gate: ZoneGate;
  readonly queries: PaymentQueries;
  readonly due: DueQueries;
  readonly txs: TxQueries;
  readonly items: ItemQueries;
  readonly jobs: JobQueries;
  readonly claims: ClaimQueries;
  readonly escrows: EscrowQueries;
  readonly escrowNews: KeyedSignal;
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** What every part of the engine that changes payments needs. */
export interface PaymentContext extends PaymentBase {
  readonly hooks: LedgerHooks;
}

/** States in which an authorization was accepted and nothing is known yet. */
export const IN_PROGRESS: readonly PaymentState[] = ["authorized", "submitting", "submitted"];
/** States in which the money has moved. */
export const SETTLED: readonly PaymentState[] = ["confirmed", "delivered", "refunded"];
/** States whose money the operator may give back. */
export const REFUNDABLE: readonly PaymentState[] = ["confirmed", "delivered"];
/** States of an attempt that ended; its authorization may still execute until `voidAt` is set. */
export const RETRYABLE_ENDS: readonly PaymentState[] = ["rejected", "failed"];

type MoveDeps = Pick<PaymentBase, "queries" | "now">;
type Change = Omit<PaymentTransition, "paymentId" | "at"> & { readonly detail?: object };

/**
 * Changes one payment's state, with a line of history; false, and nothing is changed, where it was in
 * none of the `from` states. What happens to all payments of a transaction at once (it was sent, say)
 * is one statement in `store/payments/tx-items.ts` instead.
 */
export function move(
  write: Write,
  deps: MoveDeps,
  paymentId: string,
  { detail, ...change }: Change,
): boolean {
  const at = deps.now();
  if (!deps.queries.compareAndSet(write, { ...change, paymentId, at })) return false;
  deps.queries.addHistory(write, paymentId, change.to, at, detail);
  return true;
}

/** quoted → expired: no authorization was accepted and none can be any more. */
export function expire(write: Write, deps: PaymentContext, row: PaymentRow): boolean {
  return move(write, deps, row.paymentId, {
    from: ["quoted"],
    to: "expired",
    set: { current: false },
  });
}

/** Makes room for a fresh requirement after the chain showed that the old one is void. */
export function retire(write: Write, deps: PaymentContext, row: PaymentRow): void {
  move(write, deps, row.paymentId, {
    from: [row.state],
    to: row.state,
    set: { current: false },
    detail: { retired: true },
  });
}

/** quoted, rejected or failed → authorized. */
export function authorize(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  authorization: Authorization & { readonly byContract: boolean },
): boolean {
  const { byContract, from: payer, kind, validAfter, signature, keySignature } = authorization;
  const moved = move(write, deps, row.paymentId, {
    from: ["quoted", ...RETRYABLE_ENDS],
    to: "authorized",
    set: {
      payer,
      kind,
      validAfter,
      byContract,
      signature: byContract ? signature : (keySignature ?? signature),
      txId: null,
      failureReason: null,
      failureMessage: null,
    },
    detail: { payer, kind },
  });
  if (moved && row.state === "quoted") deps.queries.noteTaken(write, row.nodeId);
  if (moved) deps.hooks.onAuthorized(write, row);
  return moved;
}

/** The transaction a payment is claimed for. */
export interface Carrier {
  readonly id: number;
  readonly hash: string;
  readonly kind: TxKind;
}

/**
 * authorized → submitting: carried by a transaction that is signed but not yet sent. To be recovered
 * a payment may also have been sent before, or have ended.
 * @returns how many were in such a state, and are claimed now
 */
export function claim(
  write: Write,
  deps: PaymentContext,
  tx: Carrier,
  paymentIds: readonly string[],
): number {
  deps.items.add(write, tx.id, paymentIds);
  return deps.items.claim(write, {
    txId: tx.id,
    from: tx.kind === "recover" ? [...IN_PROGRESS, ...RETRYABLE_ENDS] : ["authorized"],
    to: "submitting",
    at: deps.now(),
    detail: { tx_hash: tx.hash, ...(tx.kind !== "settle" && { kind: tx.kind }) },
  });
}

/**
 * submitting → submitted: a node took the transaction. A payment of a zone that may not be changed now stays as
 * it is, and keeps no other one so.
 */
export function markSubmitted(deps: PaymentContext, txId: number): void {
  const change = { from: ["submitting"], to: "submitted" } as const;
  const failed = deps.store.tryWrite((write) =>
    deps.items.move(write, { ...change, txId, at: deps.now() }),
  );
  if (failed === undefined) return;
  for (const { payment } of deps.txs.listItems(txId)) {
    const { paymentId } = payment;
    if (payment.txId !== txId) continue;
    const err = deps.store.tryWrite((write) => move(write, deps, paymentId, change));
    if (err) deps.log.warn({ err, payment_id: paymentId }, "a payment is not marked as sent");
  }
}

/** Back to authorized, because its transaction can no longer carry it. */
export function unclaim(write: Write, deps: PaymentContext, row: PaymentRow, why: string): boolean {
  return move(write, deps, row.paymentId, {
    from: ["submitting", "submitted"],
    to: "authorized",
    set: { txId: null },
    detail: { why },
  });
}

/** Where and how a payment was settled; amounts in the smallest unit. */
export interface SettlementFacts {
  readonly txHash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  /** The block's time, Unix seconds. */
  readonly settledAt: number;
  /** Not of a deposit: fees are taken at its release. */
  readonly protocolFee?: bigint;
  readonly creatorFee?: bigint;
  readonly recipientAmount?: bigint;
}

/** Anything accepted → confirmed, whoever's transaction did it and however late. */
export function confirm(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  facts: SettlementFacts,
): boolean {
  const moved = move(write, deps, row.paymentId, {
    from: [...IN_PROGRESS, ...RETRYABLE_ENDS],
    to: "confirmed",
    set: { ...facts, failureReason: null, failureMessage: null },
    detail: { tx_hash: facts.txHash, block_number: facts.blockNumber },
  });
  if (moved) deps.hooks.onSettled(write, row);
  return moved;
}

/** A settled payment that a reorg moved to another block keeps its state, with the new facts. */
export function amend(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  facts: SettlementFacts,
): void {
  if (row.blockHash === facts.blockHash) return;
  move(write, deps, row.paymentId, {
    from: SETTLED,
    to: row.state,
    set: { ...facts },
    detail: { reorg: true, tx_hash: facts.txHash, block_number: facts.blockNumber },
  });
}

/** How an attempt ended without the money moving. */
export interface Failure {
  readonly reason: ErrorReason;
  readonly message: string;
  /** Set where the chain already showed that the authorization can never execute. */
  readonly voidAt?: number;
}

/** authorized → rejected: a simulation or the chain's time refused it before any broadcast. */
export function reject(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  failure: Failure,
): boolean {
  return end(write, deps, row, failure, { from: ["authorized"], to: "rejected" });
}

/** submitting or submitted → failed: a mined transaction did not settle it. */
export function fail(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  failure: Failure,
): boolean {
  return end(write, deps, row, failure, { from: ["submitting", "submitted"], to: "failed" });
}

function end(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  { reason, message, voidAt }: Failure,
  states: Pick<Change, "from" | "to">,
): boolean {
  const moved = move(write, deps, row.paymentId, {
    ...states,
    set: {
      failureReason: reason,
      failureMessage: message,
      ...(voidAt !== undefined && { voidAt }),
    },
    detail: { reason },
  });
  if (moved)
    deps.hooks.onFailed(write, row, new StewardError("payment_failed", { reason, message }));
  return moved;
}

/** Records that an ended attempt's authorization can never execute any more. */
export function markVoid(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  why: string,
): boolean {
  return move(write, deps, row.paymentId, {
    from: RETRYABLE_ENDS,
    to: row.state,
    set: { voidAt: deps.now() },
    detail: { void: why },
  });
}

/** confirmed → delivered: the answer to the paid request is stored. */
export function deliver(write: Write, deps: PaymentBase, row: PaymentRow): boolean {
  return move(write, deps, row.paymentId, { from: ["confirmed"], to: "delivered" });
}

/** confirmed or delivered → refunded: the money went back to the payer. */
export function markRefunded(
  write: Write,
  deps: PaymentContext,
  row: PaymentRow,
  txHash: string,
): boolean {
  const moved = recordRefund(write, deps, row, txHash);
  if (moved) deps.hooks.onRefunded(write, row);
  return moved;
}

/** As `markRefunded`, and tells nobody: for who tells of the settlement and its refund at one time. */
export function recordRefund(
  write: Write,
  deps: MoveDeps,
  { paymentId }: PaymentRow,
  txHash: string | null,
): boolean {
  return move(write, deps, paymentId, {
    from: REFUNDABLE,
    to: "refunded",
    detail: { tx_hash: txHash },
  });
}

/** refunded → what it was before: a reorg took the refund back. */
export function takeRefundBack(
  write: Write,
  deps: PaymentContext,
  { paymentId }: PaymentRow,
): boolean {
  const history = deps.queries.historyOf(paymentId);
  const to = history.findLast(({ state }) => REFUNDABLE.includes(state))?.state ?? "confirmed";
  return move(write, deps, paymentId, { from: ["refunded"], to, detail: { reorg: true } });
}
