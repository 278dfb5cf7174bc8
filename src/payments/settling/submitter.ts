import type { Hex } from "viem";
import type { Write } from "../../store/database.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { TxKind } from "../../store/payments/schema.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import type { Chain } from "../chain/chain.ts";
import { findBlock, readNonce } from "../chain/reads.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import type { SettleCall } from "../contracts/settle-call.ts";
import { type Carrier, claim, markSubmitted, type PaymentContext } from "../ledger/transitions.ts";
import type { Wallet } from "./wallet.ts";

/** What sending transactions needs. */
export interface SubmitterDeps extends PaymentContext {
  readonly chain: Chain;
  readonly wallet: Wallet;
}

/** A transaction to be sent. */
export interface Submission extends SettleCall {
  readonly kind: TxKind;
  readonly to: Hex;
  /** From `readMined`. */
  readonly mined: number;
  /** What it carries; all of it must still be claimable. */
  readonly rows: readonly PaymentRow[];
  /** Ties something else to it, inside the write that makes it durable; false where that changed. */
  readonly claim?: (write: Write, tx: Carrier) => boolean;
}

/** Is thrown where a payment changed between the decision to send it and the write. */
class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

/** How many transactions of the wallet are mined: its lowest nonce that may be free. */
export function readMined({ chain, wallet }: SubmitterDeps): Promise<number> {
  // The chain id is checked right before: another chain's higher count would leave a nonce gap,
  // behind which all later transactions wait.
  return chain.rpc.pinned((rpc) => readNonce(rpc, wallet.address, "latest"), true);
}

/**
 * Gives a transaction a nonce, signs it, makes it durable together with what it carries, and only
 * then broadcasts it. Only one call of this may run at a time per key.
 * @returns the broadcast under way, which the tracker repeats where it fails; undefined where a
 *   payment was no longer claimable and nothing was written
 */
export async function submit(
  deps: SubmitterDeps,
  submission: Submission,
): Promise<{ readonly sent: Promise<boolean> } | undefined> {
  const { chain, wallet, store } = deps;
  const nonce = findFreeNonce(deps, submission.mined);
  await dropUndone(deps, nonce);
  const fees = chain.gas.fees();
  const { to, data, gas, kind, rows } = submission;
  const signed = await wallet.sign({
    chainId: chain.config.chain_id,
    nonce,
    to,
    data,
    gas,
    ...fees,
  });
  let txId: number;
  try {
    txId = store.write((write) => {
      const at = deps.now();
      const id = deps.txs.insert(write, {
        chainId: chain.config.chain_id,
        sender: wallet.address,
        nonce,
        kind,
        state: "signed",
        to,
        data,
        gasLimit: Number(gas),
        applied: false,
        createdAt: at,
        updatedAt: at,
      });
      deps.txs.addAttempt(write, { ...signed, txId: id, ...fees, createdAt: at });
      const carrier = { id, kind, hash: signed.hash };
      const paymentIds = rows.map((row) => row.paymentId);
      if (claim(write, deps, carrier, paymentIds) < rows.length) throw new ClaimLost();
      if (submission.claim?.(write, carrier) === false) throw new ClaimLost();
      return id;
    });
  } catch (error) {
    if (error instanceof ClaimLost) return undefined;
    throw error;
  }
  await store.committed();
  deps.log.info(
    { chain_id: chain.config.chain_id, nonce, tx_hash: signed.hash, payments: rows.length },
    "settling",
  );
  return { sent: send(deps, { txId, nonce, gasLimit: Number(gas) }, signed.raw) };
}

/** Broadcasts a signed transaction that is already durable; false where no node took it. */
export async function send(
  deps: SubmitterDeps,
  tx: Pick<TxRow, "txId" | "nonce" | "gasLimit">,
  raw: string,
): Promise<boolean> {
  const { txId } = tx;
  const { chain } = deps;
  const { taken, refusal } = await chain.rpc.broadcast(raw);
  if (refusal) chain.sends.note(tx, refusal);
  if (!taken) return false;
  chain.sends.forget(txId);
  deps.store.write((write) => {
    const at = deps.now();
    deps.txs.compareAndSet(write, txId, ["signed"], { sentAt: at, updatedAt: at });
    markSubmitted(deps, txId);
  });
  return true;
}

/**
 * Gives up the final transaction that has a nonce which the chain calls free: the chain was set back.
 * @throws RpcError where the chain has its block, and the count of mined ones came from a node behind
 */
async function dropUndone(deps: SubmitterDeps, nonce: number): Promise<void> {
  const { chain, wallet, txs } = deps;
  const former = txs.findFinal({ chainId: chain.config.chain_id, sender: wallet.address }, nonce);
  if (!former) return;
  if ((await isInChain(chain, former)) !== false) {
    throw new RpcError("unavailable", `nonce ${nonce} is used: a node is behind`);
  }
  chain.alarm("final-undone", { nonce });
  const updatedAt = deps.now();
  deps.store.write((write) =>
    txs.compareAndSet(write, former.txId, ["final"], { state: "lost", updatedAt }),
  );
}

/**
 * Whether the block that a transaction was mined in is still the chain's: one with another hash
 * is in its place, or the chain as seen does not reach it any more; undefined where a node is behind.
 * @throws RpcError where no node answers
 */
export function isInChain(
  chain: Chain,
  { blockNumber, blockHash }: Pick<TxRow, "blockNumber" | "blockHash">,
): Promise<boolean | undefined> {
  return chain.rpc.pinned(async (rpc) => {
    const head = await findBlock(rpc, "latest");
    if (!head || head.number < (chain.head?.number ?? 0)) return undefined;
    const block = blockNumber === null ? undefined : await findBlock(rpc, blockNumber);
    // A node may announce a head before it serves the blocks below it: a missing block is then no
    // proof.
    if (!block && blockNumber !== null && blockNumber <= head.number) return undefined;
    return block !== undefined && block.hash === blockHash;
  }, true);
}

/** The lowest nonce that is neither mined nor signed: it moves down again after a reorg. */
function findFreeNonce({ txs, chain, wallet }: SubmitterDeps, mined: number): number {
  const sender = { chainId: chain.config.chain_id, sender: wallet.address };
  const taken = new Set(txs.listNonces(sender, mined));
  let nonce = mined;
  while (taken.has(nonce)) nonce += 1;
  return nonce;
}
