import type { Hex } from "viem";
import type { Chain } from "./chain.ts";
import { type Block, type CallInput, callContract, findBlock } from "./reads.ts";
import { type RpcEndpoint, RpcError } from "./rpc-endpoint.ts";

/**
 * Executes without effect at the last block that was seen: a node that does not have it cannot say
 * what is refused. Nodes that do not take a block's hash are given its number, and those that have
 * neither answer at their latest block if that is not an older one.
 * @throws RpcError `reverted` with the revert data
 */
export function callSeen(chain: Chain, input: CallInput): Promise<Hex> {
  const { head } = chain;
  if (!head) return callContract(chain.rpc, input);
  return chain.rpc.pinned((endpoint) => callAt(endpoint, input, head));
}

async function callAt(endpoint: RpcEndpoint, input: CallInput, head: Block): Promise<Hex> {
  if (endpoint.takesBlockHash) {
    try {
      return await callContract(endpoint, input, { blockHash: head.hash });
    } catch (error) {
      if (!isAboutBlock(error)) throw error;
      if (error.meaning === "unknown-form") endpoint.takesBlockHash = false;
    }
  }
  try {
    return await callContract(endpoint, input, head.number);
  } catch (error) {
    if (!isAboutBlock(error)) throw error;
    const latest = await findBlock(endpoint, "latest");
    if (!latest || latest.number < head.number) throw error;
    return callContract(endpoint, input);
  }
}

function isAboutBlock(error: unknown): error is RpcError {
  if (!(error instanceof RpcError) || error.fault !== "refused") return false;
  return error.meaning === "unknown-form" || error.meaning === "no-block";
}
