import type { Chain } from "./chain.ts";
import { type Block, findBlock } from "./reads.ts";
import { type RpcEndpoint, RpcError } from "./rpc-endpoint.ts";

/**
 * Reads a URL's newest block, where what it does not show is to count for something.
 * @throws RpcError `unavailable` where it is behind a block that was seen
 */
export async function readLevelHead(
  { head: seen }: Pick<Chain, "head">,
  rpc: RpcEndpoint,
): Promise<Block> {
  const head = await findBlock(rpc, "latest");
  if (head && head.number >= (seen?.number ?? 0)) return head;
  throw new RpcError("unavailable", `${rpc.label} is behind a block that was seen`);
}
