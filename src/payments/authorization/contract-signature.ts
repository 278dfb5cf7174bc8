import { encodeFunctionData, type Hex, parseAbi } from "viem";
import type { Chain } from "../chain/chain.ts";
import {
  type CallInput,
  callContract,
  findBlock,
  type RpcCaller,
  readCode,
} from "../chain/reads.ts";
import { RpcError, SAFE_CALL } from "../chain/rpc-endpoint.ts";
import { askingChain, chainUnavailable } from "../chain/unavailable.ts";

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
 * Strangers cause these calls at will, so only so many are made at one time.
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
  const checked = await askingChain(() =>
    chain.signatureChecks.pass(() =>
      chain.rpc.pinned(async (rpc) => {
        const code = await readCode(rpc, account);
        const valid = code !== "0x" && (await answersValid(rpc, { to: account, data, gas: GAS }));
        if (!valid) await assertNotBehind(chain, rpc);
        return valid;
      }),
    ),
  );
  if (checked) return checked.result;
  throw chainUnavailable({
    message: "Too many signatures wait for the chain's word on them.",
    retryAfterMs: 2_000,
  });
}

/** An account may have got its code, or its owner, in blocks that a node has not seen. */
async function assertNotBehind({ head }: Chain, rpc: RpcCaller): Promise<void> {
  const latest = await findBlock(rpc, "latest");
  if (latest && latest.number >= (head?.number ?? 0)) return;
  throw new RpcError("unavailable", "the newest block is older than one that was seen");
}

async function answersValid(rpc: RpcCaller, call: CallInput): Promise<boolean> {
  try {
    return (await callContract(rpc, call)) === VALID;
  } catch (error) {
    if (!(error instanceof RpcError) || error.fault === "unavailable") throw error;
    if (error.fault === "reverted") return false;
    // Code that uses up all gas is refused like a node's own failure: that nodes have a state at
    // all is shown by a call that cannot fail.
    await callContract(rpc, SAFE_CALL);
    return false;
  }
}
