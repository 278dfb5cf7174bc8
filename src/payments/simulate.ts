import type { Hex } from "viem";
import type { PaymentRow } from "../store/payment-queries.ts";
import type { Chain } from "./chain.ts";
import { callContract } from "./chain-reads.ts";
import { RpcError } from "./rpc-endpoint.ts";
import { parseBatchAnswer, toBatchCall, toSingleCall } from "./settle-call.ts";

/** Payments of a batch, by whether they would settle now. */
export interface Simulation {
  readonly good: readonly PaymentRow[];
  readonly bad: readonly PaymentRow[];
}

/**
 * Asks the chain which payments of a batch would settle after those that are already on their way.
 * One that was mined meanwhile counts as bad in front and changes nothing for the rest.
 * @throws RpcError where no node answers
 */
export async function simulateBatch(
  chain: Chain,
  wallet: Hex,
  input: { readonly underWay: readonly PaymentRow[]; readonly rows: readonly PaymentRow[] },
): Promise<Simulation> {
  const { underWay, rows } = input;
  const { data, gas } = toBatchCall([...underWay, ...rows]);
  try {
    const answer = parseBatchAnswer(
      await callContract(chain.rpc, { to: chain.config.settlement, data, gas, from: wallet }),
    ).slice(underWay.length);
    return {
      good: rows.filter((_, i) => answer[i] === true),
      bad: rows.filter((_, i) => answer[i] !== true),
    };
  } catch (error) {
    if (!(error instanceof RpcError) || error.fault !== "reverted") throw error;
    // The batch fails as a whole only where one item makes it: let each be looked at by itself.
    return { good: [], bad: rows };
  }
}

/** Tells whether one payment would settle by itself now. @throws RpcError where no node answers */
export async function wouldSettle(chain: Chain, wallet: Hex, row: PaymentRow): Promise<boolean> {
  const { data, gas } = toSingleCall(row);
  try {
    await callContract(chain.rpc, { to: chain.config.settlement, data, gas, from: wallet });
    return true;
  } catch (error) {
    if (error instanceof RpcError && error.fault === "reverted") return false;
    throw error;
  }
}
