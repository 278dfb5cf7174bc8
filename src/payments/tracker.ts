import type { PaymentRow } from "../store/payment-queries.ts";
import type { TxItem, TxRow } from "../store/payment-queries-tx.ts";
import {
  type Block,
  findBlock,
  findReceipt,
  type Receipt,
  type RpcCaller,
  readNonce,
} from "./chain-reads.ts";
import { confirm } from "./ledger.ts";
import { isAbout, type SettlementEvent, toFacts, toSettlementEvents } from "./settlement-events.ts";
import type { SubmitterDeps } from "./submitter.ts";
import { send } from "./submitter.ts";

/** Blocks after which a mined transaction is no longer watched for a reorg, if not configured deeper. */
const FINAL_BLOCKS = 64;
const RESEND_SECS = 2;

/** What following transactions needs. */
export interface TrackerDeps extends SubmitterDeps {
  /** Takes payments whose transaction was mined without settling them. */
  readonly examine: (row: PaymentRow) => void;
}

/** Where the chain has a transaction. */
interface Mined {
  readonly receipt: Receipt;
  readonly block: Block;
}

/**
 * Looks at every transaction of the key that is not final, as of a head.
 * @throws RpcError where no node answers; what was found until then is kept
 */
export async function track(deps: TrackerDeps, head: Block, reorg: boolean): Promise<void> {
  const { chain, wallet } = deps;
  await deps.store.committed();
  const sender = { chainId: chain.config.chain_id, sender: wallet.address };
  const mined = await readNonce(chain.rpc, wallet.address, "latest");
  for (const tx of deps.txs.listOpen(sender)) {
    const due = tx.state === "signed" || !tx.applied || reorg || isFinal(deps, tx, head);
    if (tx.nonce >= mined && tx.state === "signed") await resend(deps, tx);
    else if (due) await look(deps, tx, head);
  }
}

function finalBlocks({ chain }: TrackerDeps): number {
  return Math.max(FINAL_BLOCKS, chain.config.confirmations);
}

function isFinal(deps: TrackerDeps, tx: TxRow, head: Block): boolean {
  return tx.blockNumber !== null && head.number - tx.blockNumber >= finalBlocks(deps);
}

async function resend(deps: TrackerDeps, tx: TxRow): Promise<void> {
  if (deps.now() - tx.updatedAt < RESEND_SECS) return;
  const [latest] = deps.txs.listAttempts(tx.txId);
  if (!latest) return;
  deps.store.write(() => deps.txs.compareAndSet(tx.txId, ["signed"], { updatedAt: deps.now() }));
  await send(deps, tx.txId, latest.raw);
}

async function look(deps: TrackerDeps, tx: TxRow, head: Block): Promise<void> {
  const found = await deps.chain.rpc.pinned((rpc) => findMined(deps, rpc, tx));
  if (!found) return;
  const { receipt, block } = found;
  const depth = head.number - block.number + 1;
  deps.store.write(() => {
    deps.txs.compareAndSet(tx.txId, ["signed", "mined"], {
      state: isFinal(deps, { ...tx, blockNumber: block.number }, head) ? "final" : "mined",
      minedHash: receipt.transactionHash,
      blockNumber: block.number,
      blockHash: block.hash,
      succeeded: receipt.status === 1,
      gasUsed: Number(receipt.gasUsed),
      gasCost: receipt.gasUsed * receipt.effectiveGasPrice,
      updatedAt: deps.now(),
    });
    if (!tx.applied && depth >= deps.chain.config.confirmations) apply(deps, tx, found);
  });
}

async function findMined(deps: TrackerDeps, rpc: RpcCaller, tx: TxRow): Promise<Mined | undefined> {
  for (const { hash } of deps.txs.listAttempts(tx.txId)) {
    const receipt = await findReceipt(rpc, hash);
    if (!receipt) continue;
    const block = await findBlock(rpc, receipt.blockNumber);
    if (block?.hash === receipt.blockHash) return { receipt, block };
  }
  return undefined;
}

/** Tells each payment what the transaction did for it; must run inside `store.write`. */
function apply(deps: TrackerDeps, tx: TxRow, { receipt, block }: Mined): void {
  const events = toSettlementEvents(receipt.logs, tx.to);
  const paid = new Map<string, SettlementEvent & { kind: "paid" }>();
  const failed = new Map<number, SettlementEvent & { kind: "failed" }>();
  for (const event of events) {
    if (event.kind === "paid") paid.set(event.nonce, event);
    else failed.set(event.position, event);
  }
  const unsettled: TxItem[] = [];
  for (const item of deps.txs.listItems(tx.txId)) {
    const { payment, position } = item;
    const event = paid.get(payment.nonce);
    if (event && isAbout(event, payment)) {
      deps.txs.setOutcome(tx.txId, position, "settled", null);
      confirm(deps, payment, toFacts(event.log, payment, block.timestamp));
    } else {
      const failure = failed.get(position);
      if (failure) deps.txs.setOutcome(tx.txId, position, "failed", failure.reason);
      unsettled.push(item);
    }
  }
  deps.txs.compareAndSet(tx.txId, ["mined", "final"], { applied: true, updatedAt: deps.now() });
  deps.store.gate(() => {
    for (const { payment } of unsettled) deps.examine(payment);
  });
}
