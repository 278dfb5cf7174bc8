import { toTaskId } from "../../protocol/terms.ts";
import type { Write } from "../../store/database.ts";
import type { EscrowStatus } from "../../store/payments/escrow-schema.ts";
import type { EscrowRow } from "../../store/payments/escrows.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import { type EscrowEvent, toEscrowIdOf } from "../contracts/escrow-events.ts";
import {
  IN_PROGRESS,
  type LedgerHooks,
  markRefunded,
  type PaymentBase,
  type PaymentContext,
  RETRYABLE_ENDS,
  recordRefund,
  SETTLED,
} from "../ledger/transitions.ts";
import type { PaymentHooks } from "../port.ts";
import { toEscrowState } from "./views.ts";

/** Statuses in which the contract holds the money. */
export const HELD: readonly EscrowStatus[] = ["deposited", "disputed"];

/** What keeping escrows beside their payments needs. */
export type EscrowBookDeps = Pick<
  PaymentBase,
  "store" | "queries" | "escrows" | "escrowNews" | "now"
>;

type EscrowHook = Pick<PaymentHooks, "onEscrow">;

/** Makes escrows follow their payments, in the same transaction, before the zone is told. */
export function withEscrows(deps: EscrowBookDeps, hooks: PaymentHooks): LedgerHooks {
  const escrowed = ({ mode, paymentId }: PaymentRow, run: (row: PaymentRow) => void) => {
    const row = mode === "escrow" ? deps.queries.find(paymentId) : undefined;
    if (row) run(row);
  };
  return {
    onAuthorized: (write, before) => {
      escrowed(before, (row) => put(write, deps, hooks, row, "pending_deposit"));
      hooks.onAuthorized(write, before);
    },
    onSettled: (write, before) => {
      let refunded = false;
      escrowed(before, (row) => {
        refunded = takeDeposit(write, deps, hooks, row);
      });
      // Deposit and refund became known together: the action does not run for money that is already
      // back.
      if (refunded) hooks.onRefunded(write, before);
      else hooks.onSettled(write, before);
    },
    onFailed: (write, before, error) => {
      escrowed(before, (row) => {
        const known = deps.escrows.findOfPayment(row.paymentId);
        if (known) setStatus(write, deps, hooks, known, ["pending_deposit"], { status: "failed" });
      });
      hooks.onFailed(write, before, error);
    },
    onRefunded: (write, key) => hooks.onRefunded(write, key),
    onEscrow: (write, key, news) => hooks.onEscrow(write, key, news),
  };
}

/**
 * A release seen before its deposit was keeps its status.
 * @returns whether the escrow was refunded before its deposit was known, and its payment with it
 */
function takeDeposit(
  write: Write,
  deps: EscrowBookDeps,
  hooks: EscrowHook,
  row: PaymentRow,
): boolean {
  const known = deps.escrows.findOfPayment(row.paymentId);
  if (known && !["pending_deposit", "failed"].includes(known.status)) {
    deps.escrows.compareAndSet(write, known, [known.status], { txHash: row.txHash });
    if (known.status !== "refunded") return false;
    recordRefund(write, deps, row, known.resolvedTx);
    return true;
  }
  put(write, deps, hooks, row, "deposited");
  return false;
}

function put(
  write: Write,
  deps: EscrowBookDeps,
  hooks: EscrowHook,
  row: PaymentRow,
  status: "pending_deposit" | "deposited",
): void {
  const at = deps.now();
  const escrowId = toEscrowIdOf(row);
  deps.escrows.put(write, {
    chainId: row.chainId,
    contract: row.contract,
    escrowId,
    taskId: toTaskId(row.requestId),
    paymentId: row.paymentId,
    nodeId: row.nodeId,
    requestId: row.requestId,
    zoneId: row.zoneId,
    token: row.token,
    depositor: row.payer ?? "",
    recipient: row.recipient,
    arbiter: row.arbiter ?? "",
    amount: row.amount,
    status,
    deadline: row.escrowDeadline ?? 0,
    txHash: status === "deposited" ? row.txHash : null,
    createdAt: row.createdAt,
    updatedAt: at,
  });
  const written = deps.escrows.findOfPayment(row.paymentId);
  if (written) announce(write, deps, hooks, written);
}

/** Changes an escrow and tells its parties; false where it was in none of the statuses. */
export function setStatus(
  write: Write,
  deps: EscrowBookDeps,
  hooks: EscrowHook,
  row: EscrowRow,
  from: readonly EscrowStatus[],
  set: Partial<EscrowRow> & { status: EscrowStatus },
): boolean {
  if (!deps.escrows.compareAndSet(write, row, from, { ...set, updatedAt: deps.now() }))
    return false;
  announce(write, deps, hooks, { ...row, ...set });
  return true;
}

function announce(write: Write, deps: EscrowBookDeps, hooks: EscrowHook, row: EscrowRow): void {
  hooks.onEscrow(write, row, {
    type: "zone.event",
    zone_id: row.zoneId,
    event: "escrow",
    escrow_id: row.escrowId,
    status: row.status,
    timestamp: deps.now(),
    escrow: toEscrowState(deps.escrows, row),
  });
  deps.store.gate(() => deps.escrowNews.tell(row.escrowId));
}

/**
 * Takes in what the contract said about an escrow, whoever caused it.
 * Said again, after a reorg, it only corrects where and when it happened.
 * @param at the block's time, Unix seconds
 */
export function applyEvent(
  write: Write,
  deps: PaymentContext,
  row: EscrowRow,
  event: EscrowEvent,
  at: number,
): void {
  const { log } = event;
  const changedBlock = log.blockNumber;
  if (event.kind === "deposited") return applyDeposit(write, deps, row, log);
  if (event.kind === "disputed") {
    const set = { status: "disputed" as const, deadline: event.deadline, changedBlock };
    reach(write, deps, row, ["pending_deposit", "failed", "deposited"], set);
    return;
  }
  const ended = {
    resolvedBy: event.by,
    resolvedTx: log.transactionHash,
    resolvedAt: at,
    changedBlock,
  };
  const from: EscrowStatus[] = ["pending_deposit", "failed", ...HELD];
  if (event.kind === "released") {
    const { recipientAmount, protocolFee, creatorFee } = event;
    const shares = { recipientAmount, protocolFee, creatorFee };
    reach(write, deps, row, from, { ...ended, ...shares, status: "released" });
    return;
  }
  if (!reach(write, deps, row, from, { ...ended, status: "refunded" })) return;
  const payment = deps.queries.find(row.paymentId);
  if (payment) markRefunded(write, deps, payment, log.transactionHash);
}

function reach(
  write: Write,
  deps: PaymentContext,
  row: EscrowRow,
  from: readonly EscrowStatus[],
  set: Partial<EscrowRow> & { status: EscrowStatus },
): boolean {
  if (row.status === set.status) return deps.escrows.compareAndSet(write, row, [row.status], set);
  return setStatus(write, deps, deps.hooks, row, from, set);
}

/** A payment's own confirmation makes it deposited; only where a reorg undid that does this. */
function applyDeposit(
  write: Write,
  deps: PaymentContext,
  row: EscrowRow,
  log: EscrowEvent["log"],
): void {
  const payment = deps.queries.find(row.paymentId);
  const set = { changedBlock: log.blockNumber, txHash: log.transactionHash };
  if (payment === undefined || !SETTLED.includes(payment.state)) {
    deps.escrows.compareAndSet(write, row, [row.status], { changedBlock: log.blockNumber });
  } else if (row.status === "pending_deposit") {
    setStatus(write, deps, deps.hooks, row, [row.status], { ...set, status: "deposited" });
  } else deps.escrows.compareAndSet(write, row, [row.status], set);
}

/** Whether an escrow's id belongs to another payment that opened it or still can. */
export function isTakenByOther(
  deps: Pick<PaymentContext, "escrows" | "queries">,
  row: PaymentRow,
  payer: string,
): boolean {
  const escrowId = toEscrowIdOf({ ...row, payer });
  const known = deps.escrows.find({ chainId: row.chainId, contract: row.contract, escrowId });
  if (!known || known.paymentId === row.paymentId) return false;
  const other = deps.queries.find(known.paymentId);
  if (!other) return true;
  const isOpen = RETRYABLE_ENDS.includes(other.state) && other.voidAt === null;
  return isOpen || [...IN_PROGRESS, ...SETTLED].includes(other.state);
}
