import type { Hex } from "viem";
import {
  type Block,
  findBlock,
  findBlockReceipt,
  listSent,
  type Receipt,
  type RpcCaller,
  readNonce,
} from "./reads.ts";
import { RpcError } from "./rpc-endpoint.ts";

/** Which transaction has a nonce, and the block that shows it. */
export interface NonceUse {
  readonly hash: string;
  readonly block: Block;
}

/**
 * Looks for the transaction that has a used nonce of an account, in the block after which the
 * account had more: needs no index of transactions, only blocks and the state of some of them.
 * @returns undefined where the node shows none, or not the state of so old a block
 * @throws RpcError `unavailable` where it does not answer
 */
export async function findNonceUse(
  rpc: RpcCaller,
  account: Hex,
  nonce: number,
  head: Block,
): Promise<NonceUse | undefined> {
  try {
    const number = await findFirstPast(rpc, account, nonce, head.number);
    const [block, sent] = await Promise.all([
      findBlock(rpc, number),
      listSent(rpc, number, account),
    ]);
    const found = sent.find((tx) => tx.nonce === nonce);
    return block && found && { hash: found.hash, block };
  } catch (error) {
    if (error instanceof RpcError && error.fault === "refused") return undefined;
    throw error;
  }
}

/** The first block after which an account's count is past a nonce; it is at `high`. */
async function findFirstPast(
  rpc: RpcCaller,
  account: Hex,
  nonce: number,
  high: number,
): Promise<number> {
  const isPast = async (block: number) => (await readNonce(rpc, account, block)) > nonce;
  let past = high;
  let before = high - 1;
  for (let step = 2; before >= 0 && (await isPast(before)); step *= 2) {
    past = before;
    before -= step;
  }
  before = Math.max(before, -1);
  while (past - before > 1) {
    const middle = Math.floor((past + before) / 2);
    if (await isPast(middle)) past = middle;
    else before = middle;
  }
  return past;
}

/** The receipt of a transaction out of its block's; undefined where the node has none or no such method. */
export async function findReceiptInBlock(
  rpc: RpcCaller,
  { hash, block }: NonceUse,
): Promise<Receipt | undefined> {
  try {
    const receipt = await findBlockReceipt(rpc, block.number, hash);
    return receipt?.blockHash === block.hash ? receipt : undefined;
  } catch (error) {
    if (error instanceof RpcError && error.fault === "refused") return undefined;
    throw error;
  }
}
