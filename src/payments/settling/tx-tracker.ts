import type { Hex } from "viem";
import type { Write } from "../../store/database.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import { finalDepth } from "../chain/depth.ts";
import {
  type Block,
  findBlock,
  findReceipt,
  isKnown,
  type Receipt,
  type RpcCaller,
  readNonce,
} from "../chain/reads.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import { toPaidFacts, toPaymentEvents } from "../contracts/escrow-events.ts";
import {
  type HeldEvent,
  recordHeld,
  recordHeldRefund,
  toHeldEvents,
} from "../contracts/held-shares.ts";
import { isAbout, type SettlementEvent } from "../contracts/settlement-events.ts";
import { applyJob, endTaken, returnJob, takeJobBack } from "../jobs/wallet-jobs.ts";
import {
  amend,
  confirm,
  IN_PROGRESS,
  SETTLED,
  type SettlementFacts,
} from "../ledger/transitions.ts";
import { bump } from "./fee-bump.ts";
import { findGasCost } from "./gas-cost.ts";
import { isInChain, type SubmitterDeps, send } from "./submitter.ts";
import type { UnseenTxs } from "./unseen.ts";

const RESEND_SECS = 10;
/** So many nonces are used up at most to let a transaction be mined. */
const GAP_MAX = 8;

/** What following transactions needs. */
export interface TrackerDeps extends SubmitterDeps {
  readonly stuckAfterSecs: number;
  readonly unseen: UnseenTxs;
  /** Takes payments whose transaction was mined without settling them. */
  readonly examine: (row: PaymentRow) => void;
  /** The contract paid out what it had kept for somebody. */
  readonly onClaimed: () => void;
}

/** Where the chain has a transaction. */
interface Mined {
  readonly receipt: Receipt;
  readonly block: Block;
}

/** The head that transactions are looked at from. */
export interface Sight {
  readonly head: Block;
  readonly reorg: boolean;
}

/**
 * Looks at every transaction of the key that is not final, as of a head: records what was mined,
 * sends again what was dropped, raises the fee of what is stuck, and gives up what cannot be mined.
 * @returns `gap` where a nonce that nothing was signed for keeps later ones from being mined
 * @throws RpcError where a transaction could not be asked about; the others were
 */
export async function track(deps: TrackerDeps, sight: Sight): Promise<{ gap: boolean }> {
  const { chain, wallet } = deps;
  await deps.store.committed();
  const sender = { chainId: chain.config.chain_id, sender: wallet.address };
  const finalBlock = sight.head.number - finalDepth(deps.chain);
  const list = () =>
    sight.reorg ? deps.txs.listOpen(sender) : deps.txs.listDue(sender, finalBlock);
  if (list().length === 0) return { gap: false };
  const next = await readNonce(chain.rpc, wallet.address, "latest");
  const open = list();
  const looks = await Promise.allSettled(
    open.map(async (tx) => {
      if (tx.state !== "signed" || tx.nonce < next) return look(deps, tx, sight.head);
      deps.unseen.forget(tx.txId);
      await push(deps, tx, tx.nonce === next);
    }),
  );
  const failed = looks.filter((one) => one.status === "rejected").map(({ reason }) => reason);
  const worst = failed.find((reason) => !(reason instanceof RpcError)) ?? failed[0];
  if (worst !== undefined) throw worst;
  return { gap: closeGap(deps, open, next) };
}

/**
 * Whether a nonce below a signed one is to be used up. Behind too many of them, which only a node's
 * wrong count explains, the signed one is given up: what it settles can be settled by another, and
 * only once.
 */
function closeGap(deps: TrackerDeps, open: readonly TxRow[], next: number): boolean {
  const first = open.find((tx) => tx.state === "signed" && tx.nonce >= next);
  if (!first || first.nonce === next) return false;
  if (deps.now() - first.createdAt < deps.stuckAfterSecs) return false;
  if (first.nonce - next <= GAP_MAX) return true;
  const { nonce, kind } = first;
  const id = kind === "refund" ? "refund-nonce-far" : "nonce-far";
  deps.chain.alarm(id, { nonce, next, kind });
  if (kind !== "refund") deps.store.write((write) => giveUp(write, deps, first));
  return false;
}

function giveUp(write: Write, deps: TrackerDeps, tx: TxRow): void {
  deps.txs.compareAndSet(write, tx.txId, ["signed"], { state: "lost", updatedAt: deps.now() });
  returnJob(write, deps, tx);
  deps.unseen.forget(tx.txId);
  deps.chain.sends.forget(tx.txId);
}

function isFinal(deps: TrackerDeps, blockNumber: number, head: Block): boolean {
  return head.number - blockNumber >= finalDepth(deps.chain);
}

/** Keeps a transaction on its way whose turn has not come, or has just come (`first`). */
async function push(deps: TrackerDeps, tx: TxRow, first: boolean): Promise<void> {
  const [latest] = deps.txs.listAttempts(tx.txId);
  if (!latest) return;
  const { sends, gas } = deps.chain;
  if (!sends.isDue(tx.txId)) return;
  const now = deps.now();
  const refusal = sends.findMeaning(tx.txId);
  // A wallet without gas cannot afford a higher fee either, so such a transaction is not bumped.
  const isStuck = now - latest.createdAt >= deps.stuckAfterSecs && refusal !== "no-funds";
  const isUnderpriced =
    refusal === "underpriced" && !(gas.tips.overdemanded && latest.priorityFee >= gas.tips.tip);
  const isRefused = isUnderpriced || refusal === "gas-cap";
  if (first && (isStuck || isRefused) && (await bump(deps, tx, latest))) return;
  const idleSecs = now - (tx.sentAt ?? 0);
  const dropped = first && idleSecs > 0 && !(await isKnown(deps.chain.rpc, latest.hash));
  if (tx.sentAt === null || dropped || idleSecs >= RESEND_SECS) await send(deps, tx, latest.raw);
}

async function look(deps: TrackerDeps, tx: TxRow, head: Block): Promise<void> {
  const { chain, unseen } = deps;
  if (!unseen.isDue(tx.txId)) return;
  const hashes = deps.txs.listAttempts(tx.txId).map((attempt) => attempt.hash);
  const found = await chain.rpc.pinned((rpc) => findMined(rpc, hashes));
  if (found) return recordMined(deps, tx, found, head);
  if (tx.state === "mined") return lookAtBlock(deps, tx, head);
  const sighting = await unseen.seek(tx, hashes, head);
  if (sighting.kind === "mined") return recordMined(deps, tx, sighting, head);
  if (sighting.kind === "other") return recordLost(deps, tx, sighting.hash);
  if (!unseen.isPast(tx.txId)) return;
  // Its nonce was used long ago and its receipt is not shown: each of its payments is examined by
  // itself, and one that did not settle may go into another transaction.
  for (const { payment } of deps.txs.listItems(tx.txId)) {
    if (payment.txId === tx.txId && IN_PROGRESS.includes(payment.state)) deps.examine(payment);
  }
}

/** A mined transaction without a receipt was taken back only if its block was. */
async function lookAtBlock(deps: TrackerDeps, tx: TxRow, head: Block): Promise<void> {
  const { chain, txs, now } = deps;
  const isThere = await isInChain(chain, tx);
  if (isThere === undefined) return;
  if (!isThere) return recordReorg(deps, tx);
  const deep = tx.blockNumber !== null && isFinal(deps, tx.blockNumber, head);
  if (!tx.applied) chain.alarm("receipts-missing", { nonce: tx.nonce, tx_hash: tx.minedHash });
  else if (deep) {
    deps.store.write((write) =>
      txs.compareAndSet(write, tx.txId, ["mined"], { state: "final", updatedAt: now() }),
    );
  }
}

async function findMined(rpc: RpcCaller, hashes: readonly string[]): Promise<Mined | undefined> {
  for (const hash of hashes) {
    const receipt = await findReceipt(rpc, hash);
    if (!receipt) continue;
    const block = await findBlock(rpc, receipt.blockNumber);
    if (block?.hash === receipt.blockHash) return { receipt, block };
  }
  return undefined;
}

/** Whom a transaction could not pay, at the contract that it called. */
interface Held {
  readonly events: readonly HeldEvent[];
  readonly treasury: Hex;
}

async function findHeld({ chain }: TrackerDeps, tx: TxRow, logs: Receipt["logs"]) {
  const events = toHeldEvents(logs, tx.to);
  if (events.length === 0) return undefined;
  const { treasury } = await chain.tills.read(chain.rpc, tx.to as Hex);
  return { events, treasury };
}

async function recordMined(deps: TrackerDeps, tx: TxRow, found: Mined, head: Block): Promise<void> {
  const { receipt, block } = found;
  const deep = head.number - block.number + 1 >= deps.chain.config.confirmations;
  const moved = tx.blockHash !== null && tx.blockHash !== block.hash;
  const sent = deps.txs.listAttempts(tx.txId);
  const attempt = sent.find(({ hash }) => hash === receipt.transactionHash);
  deps.unseen.forget(tx.txId);
  deps.chain.sends.forget(tx.txId);
  const held = await findHeld(deps, tx, receipt.logs);
  deps.store.write((write) => {
    if (moved && tx.minedHash !== null) deps.claims.forgetTx(write, tx.chainId, tx.minedHash);
    const kept = deps.txs.compareAndSet(write, tx.txId, ["signed", "mined"], {
      state: isFinal(deps, block.number, head) ? "final" : "mined",
      minedHash: receipt.transactionHash,
      blockNumber: block.number,
      blockHash: block.hash,
      succeeded: receipt.status === 1,
      ...(receipt.gasUsed !== undefined && { gasUsed: Number(receipt.gasUsed) }),
      gasCost: findGasCost(receipt, block, attempt) ?? null,
      updatedAt: deps.now(),
      ...(moved && { applied: false }),
    });
    if (kept && deep && (moved || !tx.applied)) apply(write, deps, tx, found, held);
  });
}

function recordReorg(deps: TrackerDeps, tx: TxRow): void {
  deps.log.warn({ chain_id: tx.chainId, tx_hash: tx.minedHash }, "transaction was taken back");
  deps.store.write((write) => {
    deps.txs.compareAndSet(write, tx.txId, ["mined"], {
      state: "signed",
      minedHash: null,
      blockNumber: null,
      blockHash: null,
      sentAt: null,
      applied: false,
      updatedAt: deps.now(),
    });
    if (tx.minedHash !== null) deps.claims.forgetTx(write, tx.chainId, tx.minedHash);
    takeJobBack(write, deps, tx);
  });
}

/** Another transaction was shown at its nonce. */
function recordLost(deps: TrackerDeps, tx: TxRow, hash: string): void {
  const { nonce, sender } = tx;
  // A transaction of ours that was given up may be mined after all; only what is not ours is an
  // alarm.
  const isForeign = !deps.txs.isOurs(hash);
  if (isForeign) deps.chain.alarm("foreign-transaction", { nonce, sender, tx_hash: hash });
  deps.store.write((write) => {
    // First: what is ended is not returned.
    if (isForeign) endTaken(write, deps, tx);
    giveUp(write, deps, tx);
  });
}

/** Tells each payment what the transaction did for it. */
function apply(
  write: Write,
  deps: TrackerDeps,
  tx: TxRow,
  { receipt, block }: Mined,
  held: Held | undefined,
): void {
  const events = toPaymentEvents(receipt.logs, tx.to);
  const paid = new Map<string, SettlementEvent & { kind: "paid" }>();
  const failed = new Map<number, Hex>();
  for (const event of events) {
    if (event.kind === "paid") paid.set(event.nonce, event);
    else failed.set(event.position, event.reason);
  }
  const unsettled: PaymentRow[] = [];
  for (const { payment, position } of deps.txs.listItems(tx.txId)) {
    const event = paid.get(payment.nonce);
    if (event && isAbout(event, payment)) {
      deps.txs.setOutcome(write, tx.txId, position, "settled", null);
      deps.chain.token.noteTaken();
      const facts = toPaidFacts(event.log, payment, block.timestamp);
      if (!tell(deps, payment, facts)) unsettled.push(payment);
      else if (held) recordHeld(write, deps, deps.chain, { row: payment, shares: facts, ...held });
      continue;
    }
    const reason = failed.get(position);
    if (reason !== undefined) deps.txs.setOutcome(write, tx.txId, position, "failed", reason);
    if (payment.txId === tx.txId) unsettled.push(payment);
    if (held && payment.mode === "escrow") {
      recordHeldRefund(write, deps, deps.chain, { row: payment, ...held });
    }
  }
  const { transactionHash: txHash, blockNumber, status, logs } = receipt;
  applyJob(write, deps, tx, { txHash, blockNumber, succeeded: status === 1, logs });
  if (tx.kind === "claim") deps.onClaimed();
  deps.txs.compareAndSet(write, tx.txId, ["mined", "final"], {
    applied: true,
    updatedAt: deps.now(),
  });
  deps.store.gate(() => {
    for (const payment of unsettled) settleAgain(deps, tx, payment);
  });
}

/** Confirms one payment; that its request cannot be told must not hold up the rest of the batch. */
function tell(deps: TrackerDeps, payment: PaymentRow, facts: SettlementFacts): boolean {
  const err = deps.store.tryWrite((write) => {
    if (!confirm(write, deps, payment, facts)) amend(write, deps, payment, facts);
  });
  if (err === undefined) return true;
  deps.log.error({ err, payment_id: payment.paymentId }, "a settled payment was not taken");
  return false;
}

function settleAgain(deps: TrackerDeps, tx: TxRow, payment: PaymentRow): void {
  const hashes = deps.txs.listAttempts(tx.txId).map(({ hash }) => hash);
  if (SETTLED.includes(payment.state)) {
    const { paymentId, txHash } = payment;
    // Settled by another transaction: this payment needs no event here.
    if (txHash !== null && !hashes.includes(txHash)) return;
    const details = { payment_id: paymentId, tx_hash: txHash };
    deps.chain.alarm("payment-undone", details);
  } else {
    deps.examine(payment);
  }
}
