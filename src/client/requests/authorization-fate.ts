import { createPublicClient, type Hex, http, parseAbi } from "viem";
import type { PayableChain } from "./chain-settings.ts";
import type { LedgerEntry } from "./ledger.ts";

/** Whether an authorization could still move money, did so (or was cancelled), or never will. */
type AuthorizationFate = "open" | "used" | "void";

/** Without a look at the chain: its time may lag behind after an outage, so wait this much longer. */
const UNSEEN_CHAIN_MARGIN_SECS = 3600;

/** Past `valid_before` by the chain's own time: a reorganisation may take the newest blocks back. */
const REORG_MARGIN_SECS = 60;

const TOKEN_ABI = parseAbi([
  "function authorizationState(address authorizer, bytes32 nonce) view returns (bool)",
]);

/**
 * Finds out what became of a signed authorization. Only the chain can say: block time past
 * `valid_before` with the nonce unused makes it void; a steward's word does not; `docs/protocol.md` §8.
 * @param now Unix seconds
 * @throws viem errors when `rpcUrl` is set and does not answer
 */
export async function findAuthorizationFate(
  entry: LedgerEntry,
  chain: PayableChain | undefined,
  now: number,
): Promise<AuthorizationFate> {
  if (entry.state === "settled") return "used";
  if (chain?.rpcUrl === undefined) {
    return now > entry.validBefore + UNSEEN_CHAIN_MARGIN_SECS ? "void" : "open";
  }
  const client = createPublicClient({ transport: http(chain.rpcUrl, { timeout: 10_000 }) });
  if ((await client.getChainId()) !== entry.chainId) return "open";
  const block = await client.getBlock({ blockTag: "latest" });
  const used = await client.readContract({
    address: entry.token as Hex,
    abi: TOKEN_ABI,
    functionName: "authorizationState",
    args: [entry.from as Hex, entry.nonce as Hex],
    blockNumber: block.number,
  });
  if (used) return "used";
  return block.timestamp > BigInt(entry.validBefore + REORG_MARGIN_SECS) ? "void" : "open";
}
