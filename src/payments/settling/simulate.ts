import type { Hex } from "viem";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import { type CallInput, readContract } from "../chain/reads.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import type { RpcMeaning } from "../chain/rpc-errors.ts";
import { callSeen } from "../chain/seen-call.ts";
import { toCompleteCall, toPayCall } from "../contracts/escrow-call.ts";
import { parseBatchAnswer, type SettleCall, toBatchCall } from "../contracts/settle-call.ts";

/** What a node refuses of any call: fewer payments would not help. */
const OF_THE_NODE: readonly RpcMeaning[] = ["unknown-method", "unknown-form", "no-block"];

/** Payments of a batch, by whether they would settle now. */
export interface Simulation {
  readonly good: readonly PaymentRow[];
  readonly bad: readonly PaymentRow[];
  /** The call that was asked about, where it is also the one to send: encoding is not cheap. */
  readonly call?: SettleCall;
}

/**
 * What to simulate: the batch, and payments on their way that spend the same payers' money first; all of
 * them to one contract.
 */
export interface SimulationInput {
  readonly underWay: readonly PaymentRow[];
  readonly rows: readonly PaymentRow[];
}

/**
 * Asks the chain which payments of a batch would settle after those that are already on their way;
 * only of the first ones where it does not execute all of them at one time.
 * One that was mined meanwhile counts as bad in front and changes nothing for the rest.
 * @throws RpcError where no node answers
 */
export async function simulateBatch(
  chain: Chain,
  wallet: Hex,
  { underWay, rows }: SimulationInput,
): Promise<Simulation> {
  const [first] = rows;
  if (first === undefined) return { good: [], bad: [] };
  const to = first.contract as Hex;
  const call = toBatchCall([...underWay, ...rows], chain.packs(to));
  const answer = await tryBatch(chain, { to, from: wallet, ...call });
  if (answer) {
    const settles = answer.slice(underWay.length);
    const good = rows.filter((_, i) => settles[i] === true);
    const bad = rows.filter((_, i) => settles[i] !== true);
    return { good, bad, ...(good.length === answer.length && { call }) };
  }
  if (rows.length <= 1) return { good: [], bad: rows };
  // No batch fails as a whole unless it is too large or one item makes it: halving finds that one. The
  // other half waits its turn, as two halves that pass need not pass together.
  return simulateBatch(chain, wallet, {
    underWay,
    rows: rows.slice(0, Math.ceil(rows.length / 2)),
  });
}

async function tryBatch(chain: Chain, call: CallInput): Promise<readonly boolean[] | undefined> {
  try {
    return await readContract(chain.rpc, call, "latest", parseBatchAnswer);
  } catch (error) {
    // A node that answers but refuses to execute (its gas cap, say) is treated as a revert of the
    // batch: try fewer.
    if (!(error instanceof RpcError) || error.fault === "unavailable") throw error;
    if (error.meaning !== undefined && OF_THE_NODE.includes(error.meaning)) throw error;
    return undefined;
  }
}

/**
 * Executes the settlement of one payment by itself, without effect.
 * @returns the revert's data, `0x` where the node gives none; undefined where it would settle now
 * @throws RpcError where no node answers
 */
export function findRefusal(chain: Chain, wallet: Hex, row: PaymentRow): Promise<Hex | undefined> {
  return findRevert(chain, toCallInput(row, wallet, toPayCall(row)));
}

/** Tells whether the contract would let the wallet recover a payment now. @throws RpcError */
export async function wouldRecover(chain: Chain, wallet: Hex, row: PaymentRow): Promise<boolean> {
  const call = toCallInput(row, wallet, toCompleteCall(row));
  return (await findRevert(chain, call)) === undefined;
}

function toCallInput(row: PaymentRow, wallet: Hex, { data, gas }: SettleCall): CallInput {
  return { to: row.contract as Hex, data, gas, from: wallet };
}

async function findRevert(chain: Chain, input: CallInput): Promise<Hex | undefined> {
  try {
    await callSeen(chain, input);
    return undefined;
  } catch (error) {
    if (error instanceof RpcError && error.fault === "reverted") return error.data;
    throw error;
  }
}
