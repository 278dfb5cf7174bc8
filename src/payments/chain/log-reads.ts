import { type ChainLog, type LogFilter, readLogSpan } from "./reads.ts";
import { type RpcEndpoint, RpcError } from "./rpc-endpoint.ts";

/**
 * Reads events of a span of blocks from one node, in as many questions as it wants.
 * @throws RpcError
 */
export async function readLogs(rpc: RpcEndpoint, filter: LogFilter): Promise<ChainLog[]> {
  const found: ChainLog[] = [];
  for (let fromBlock = filter.fromBlock; fromBlock <= filter.toBlock; ) {
    const toBlock = Math.min(filter.toBlock, fromBlock + rpc.logSpan.blocks - 1);
    const blocks = toBlock - fromBlock + 1;
    try {
      found.push(...(await readLogSpan(rpc, { ...filter, fromBlock, toBlock })));
      rpc.logSpan.took(blocks);
      fromBlock = toBlock + 1;
    } catch (error) {
      if (blocks === 1 || !isOfSpan(error)) throw error;
      rpc.logSpan.refused(blocks);
    }
  }
  return found;
}

/** Whether fewer blocks may help. */
function isOfSpan(error: unknown): boolean {
  if (!(error instanceof RpcError)) return false;
  if (error.fault === "unavailable") return /413|too large/.test(error.words);
  return error.meaning !== "unknown-method" && error.meaning !== "no-block";
}
