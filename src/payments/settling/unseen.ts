import type { Hex } from "viem";
import type { TxRow } from "../../store/payments/txs.ts";
import type { Chain } from "../chain/chain.ts";
import { finalDepth } from "../chain/depth.ts";
import { findNonceUse, findReceiptInBlock, type NonceUse } from "../chain/nonce-use.ts";
import { type Block, findBlock, type Receipt, readNonce } from "../chain/reads.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";

/** Blocks a receipt may be late before its transaction is looked for in the blocks themselves. */
const LATE_BLOCKS = 3;
const AGAIN_MS_MIN = 1_000;
const AGAIN_MS_MAX = 30_000;
/** So many at one time; then nothing more is sent until some are found. */
const UNSEEN_MAX = 256;

/** What was found out about a transaction whose nonce is used and whose receipt is not shown. */
export type Sighting =
  | { readonly kind: "mined"; readonly receipt: Receipt; readonly block: Block }
  | { readonly kind: "other"; readonly hash: string }
  | { readonly kind: "unknown" };

interface Missing {
  readonly sinceBlock: number;
  looks: number;
  againAtMs: number;
  past: boolean;
}

/**
 * Remembers the wallet's transactions whose nonce is used though no receipt of theirs is shown. A
 * missing receipt says nothing: they are lost only where a block shows another in their place.
 */
export class UnseenTxs {
  private readonly chain: Chain;
  private readonly wallet: Hex;
  private readonly missing = new Map<number, Missing>();

  constructor(chain: Chain, wallet: Hex) {
    this.chain = chain;
    this.wallet = wallet;
  }

  has(txId: number): boolean {
    return this.missing.has(txId);
  }

  /** Whether so many are missing that nothing more may be sent. */
  get full(): boolean {
    return this.missing.size >= UNSEEN_MAX;
  }

  /** Whether a transaction's nonce was used deep enough: it will settle nothing more. */
  isPast(txId: number | null): boolean {
    return txId !== null && this.missing.get(txId)?.past === true;
  }

  /** Whether a transaction that was missing before is to be asked about again at this head. */
  isDue(txId: number): boolean {
    const known = this.missing.get(txId);
    return !known || known.looks === 0 || performance.now() >= known.againAtMs;
  }

  /** Its receipt was shown, its nonce is free again, or it was given up. */
  forget(txId: number): void {
    if (this.missing.delete(txId) && this.missing.size === 0)
      this.chain.endAlarm("receipts-missing");
  }

  /**
   * Looks for a transaction in the blocks, once its receipt is late.
   * @throws RpcError where no node answers
   */
  async seek(tx: TxRow, hashes: readonly string[], head: Block): Promise<Sighting> {
    const known = this.missing.get(tx.txId) ?? this.note(tx, head);
    if (head.number - known.sinceBlock < LATE_BLOCKS) return { kind: "unknown" };
    const waitMs = Math.min(AGAIN_MS_MIN * 2 ** known.looks, AGAIN_MS_MAX);
    known.looks += 1;
    known.againAtMs = performance.now() + waitMs;
    const sighting = await this.look(tx, hashes, known);
    if (sighting.kind === "unknown") {
      this.chain.alarm("receipts-missing", { nonce: tx.nonce, kind: tx.kind, tx_hash: hashes[0] });
    }
    return sighting;
  }

  private note(tx: TxRow, head: Block): Missing {
    const noted = { sinceBlock: head.number, looks: 0, againAtMs: 0, past: false };
    this.missing.set(tx.txId, noted);
    return noted;
  }

  private look(tx: TxRow, hashes: readonly string[], known: Missing): Promise<Sighting> {
    const { chain, wallet } = this;
    return chain.rpc.pinned(async (rpc): Promise<Sighting> => {
      const head = await findBlock(rpc, "latest");
      if (!head || head.number < (chain.head?.number ?? 0)) return { kind: "unknown" };
      const isUsed = async (depth: number) =>
        (await readNonce(rpc, wallet, Math.max(0, head.number - depth))) > tx.nonce;
      const depth = Math.max(LATE_BLOCKS, chain.config.confirmations);
      known.past = await isUsed(depth).catch(toFalse);
      const use: NonceUse | undefined = await findNonceUse(rpc, wallet, tx.nonce, head);
      if (!use) return { kind: "unknown" };
      if (!hashes.includes(use.hash)) {
        // A refund sent twice pays twice, as it has no authorization to use up: it is lost only
        // where another transaction has its nonce deeper than a reorg goes.
        const deep = tx.kind === "refund" ? Math.max(depth, finalDepth(chain)) : depth;
        const isDeep = head.number - use.block.number >= deep;
        return isDeep ? { kind: "other", hash: use.hash } : { kind: "unknown" };
      }
      const receipt = await findReceiptInBlock(rpc, use);
      return receipt ? { kind: "mined", receipt, block: use.block } : { kind: "unknown" };
    }, true);
  }
}

/** A node that has not the state of a block cannot say. */
function toFalse(error: unknown): false {
  if (error instanceof RpcError && error.fault === "refused") return false;
  throw error;
}
