import type { Hex } from "viem";
import type { RpcCaller } from "./reads.ts";
import { RpcError } from "./rpc-endpoint.ts";
import { parseHex } from "./rpc-pool.ts";

/** Creates a contract that reads transient storage (EIP-1153), and returns one word. */
const PROBE: Hex = "0x5f5c5f5260205ff3";
const WORD_LENGTH = 66;

/** What is said of a chain on which the contracts cannot run. */
export const NO_CANCUN =
  "does not run contracts of the Cancun upgrade (EIP-1153), which these are; use a chain or a node version that does";

/**
 * Whether a chain runs what the contracts are compiled for. Old nodes say that an unknown instruction
 * returned nothing.
 * @throws RpcError where the node does not answer, or not about the instruction
 */
export async function runsCancun(rpc: RpcCaller): Promise<boolean> {
  try {
    const word = await rpc.call("eth_call", [{ data: PROBE }, "latest"], parseHex);
    return word.length === WORD_LENGTH;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    if (error.fault === "reverted" || error.meaning === "halted") return false;
    throw error;
  }
}
