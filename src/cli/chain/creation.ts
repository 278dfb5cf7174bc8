import { setTimeout as sleep } from "node:timers/promises";
import {
  type Address,
  type Hex,
  keccak256,
  type PrivateKeyAccount,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from "viem";
import type { Creation } from "../../contracts/creations.ts";
import { askNode, type ChainRpc, isSilence, NodeRefusal } from "./rpc.ts";

const POLL_MS_MIN = 100;
const POLL_MS_MAX = 4_000;
const ESTIMATE_TRIES = 10;
const ESTIMATE_AGAIN_MS = 1_000;
const AGAIN_MS = 15_000;

/** Fees of a deployment in wei per unit of gas. */
export interface DeployFees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** Who sends, and what it may take. */
export interface CreationDeps {
  readonly rpc: ChainRpc;
  readonly account: PrivateKeyAccount;
  readonly chainId: number;
  readonly fees: DeployFees;
  /** Milliseconds a transaction is waited for. */
  readonly timeoutMs: number;
  /** Says what happens, as it happens. */
  readonly say: (line: string) => void;
}

/**
 * Sends one creation and waits until it is mined. Hash and address are said before it is sent.
 * @param waits whether what it builds on was mined a moment ago
 * @throws NodeRefusal where the node does not take it; Error where it reverted or is not mined in
 *   time; UnreachableError where nothing answers any more
 */
export async function createContract(
  deps: CreationDeps,
  creation: Creation,
  waits: boolean,
): Promise<TransactionReceipt> {
  const { account, chainId, fees, say } = deps;
  const { name, address, nonce, data } = creation;
  const gas = await estimateGas(deps.rpc, account.address, creation, waits);
  const raw = await account.signTransaction({
    ...{ chainId, nonce, data, gas, ...fees, type: "eip1559" as const },
  });
  const hash = keccak256(raw);
  say(`${name.padEnd(11)} ${address}, to be made by transaction ${hash}`);
  await send(deps, raw, hash);
  const receipt = await waitForReceipt(deps, raw, hash);
  if (receipt.status !== "success") {
    throw new Error(`The creation of ${name} reverted in transaction ${hash}.`);
  }
  say(`${"".padEnd(11)} mined in block ${receipt.blockNumber}, ${receipt.gasUsed} gas`);
  return receipt;
}

/**
 * Returns a fifth more gas than the node says a creation takes.
 * @param waits whether what it builds on was mined a moment ago, which a node may not have seen yet
 * @throws NodeRefusal where it would revert; UnreachableError
 */
export async function estimateGas(
  rpc: ChainRpc,
  account: Address,
  { name, data }: Creation,
  waits = false,
): Promise<bigint> {
  for (let left = waits ? ESTIMATE_TRIES : 1; ; left--) {
    try {
      const what = `creation of ${name}`;
      const gas = await askNode(rpc, what, () => rpc.client.estimateGas({ account, data }));
      return (gas * 6n) / 5n;
    } catch (error) {
      if (left <= 1) throw error;
      await sleep(ESTIMATE_AGAIN_MS);
    }
  }
}

async function send({ rpc }: CreationDeps, raw: Hex, hash: Hex): Promise<void> {
  try {
    await askNode(rpc, "transaction", () =>
      rpc.client.sendRawTransaction({ serializedTransaction: raw }),
    );
  } catch (error) {
    // Silence says nothing: it may have arrived. A refusal may be of its second arrival.
    if (isSilence(error)) return;
    if (!(error instanceof NodeRefusal)) throw error;
    const known = await rpc.client.getTransaction({ hash }).catch(() => undefined);
    if (known === undefined) throw error;
  }
}

async function waitForReceipt(deps: CreationDeps, raw: Hex, hash: Hex) {
  const { rpc, timeoutMs, say } = deps;
  const endsAt = performance.now() + timeoutMs;
  let sentAt = performance.now();
  let pollMs = POLL_MS_MIN;
  let wasSilent = false;
  let last: unknown;
  while (performance.now() < endsAt) {
    try {
      const receipt = await askNode(rpc, "receipt", () => findReceipt(rpc, hash));
      if (receipt) return receipt;
      last = undefined;
    } catch (error) {
      last = error;
      if (!wasSilent) say(`${"".padEnd(11)} ${(error as Error).message} It is asked again.`);
      wasSilent = true;
    }
    if (performance.now() - sentAt > AGAIN_MS) {
      sentAt = performance.now();
      await send(deps, raw, hash).catch(() => undefined);
    }
    await sleep(pollMs);
    pollMs = Math.min(pollMs * 1.5, POLL_MS_MAX);
  }
  if (last !== undefined) throw last;
  throw new Error(
    `Transaction ${hash} is not mined after ${timeoutMs / 1000} s; it still may be. Look it up before you go on.`,
  );
}

async function findReceipt(
  { client }: ChainRpc,
  hash: Hex,
): Promise<TransactionReceipt | undefined> {
  try {
    return await client.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}
