import { encodeFunctionData, type Hex, parseAbi } from "viem";
import { StewardError } from "../errors.ts";
import type { Chain } from "./chain.ts";
import { callContract, readCode } from "./chain-reads.ts";
import { RpcError } from "./rpc-endpoint.ts";

const ABI = parseAbi([
  "function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)",
]);
/** ERC-1271's answer for yes, padded to a word. */
const VALID = `0x1626ba7e${"00".repeat(28)}`;
const GAS = 900_000n;

/** A signature that the account's own code is asked about. */
export interface WalletSignature {
  readonly account: Hex;
  readonly digest: Hex;
  readonly signature: Hex;
}

/**
 * Tells whether an account with code accepts a signature (ERC-1271); an account without code
 * accepts none here.
 * @throws StewardError `internal` CHAIN_UNAVAILABLE
 */
export async function isSignedByContract(
  chain: Chain,
  { account, digest, signature }: WalletSignature,
): Promise<boolean> {
  const data = encodeFunctionData({
    abi: ABI,
    functionName: "isValidSignature",
    args: [digest, signature],
  });
  try {
    return await chain.rpc.pinned(async (rpc) => {
      if ((await readCode(rpc, account)) === "0x") return false;
      return (await callContract(rpc, { to: account, data, gas: GAS })) === VALID;
    });
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    if (error.fault === "reverted") return false;
    throw new StewardError("internal", {
      reason: "CHAIN_UNAVAILABLE",
      message: "The chain is not reachable at present.",
      retryAfterMs: 5_000,
      cause: error,
    });
  }
}
