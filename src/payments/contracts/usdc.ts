import { decodeFunctionResult, encodeFunctionData, type Hex } from "viem";
import { testUsdcAbi } from "../../abi/test-usdc.generated.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import { type Block, type RpcCaller, readContract } from "../chain/reads.ts";

const abi = testUsdcAbi;

/** Tells whether a payment's authorization was used or cancelled, at a block. @throws RpcError */
export function readUsed(rpc: RpcCaller, row: PaymentRow, block: Block): Promise<boolean> {
  const functionName = "authorizationState";
  const args = [row.payer as Hex, row.nonce as Hex] as const;
  const data = encodeFunctionData({ abi, functionName, args });
  return readContract(rpc, { to: row.token as Hex, data }, block.number, (answer) =>
    decodeFunctionResult({ abi, functionName, data: answer }),
  );
}

/** Whose balance of which token; without a block the latest one. */
export interface TokenHolding {
  readonly token: Hex;
  readonly owner: Hex;
  readonly block?: Block;
}

/** Reads a balance in the token's smallest unit. @throws RpcError */
export function readTokenBalance(
  rpc: RpcCaller,
  { token, owner, block }: TokenHolding,
): Promise<bigint> {
  const functionName = "balanceOf";
  const data = encodeFunctionData({ abi, functionName, args: [owner] });
  return readContract(rpc, { to: token, data }, block?.number ?? "latest", (answer) =>
    decodeFunctionResult({ abi, functionName, data: answer }),
  );
}
