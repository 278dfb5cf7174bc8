import { type Address, encodeFunctionData, type Hex } from "viem";
import { testUsdcAbi } from "../../../src/contracts/test-usdc.generated.ts";
import type { AuthorizationJson, PayWorld } from "./engine.ts";

/** A transaction as anybody may send it. */
export interface PlainCall {
  readonly to: Address;
  readonly data: Hex;
}

/** A transfer authorization sent straight to the token, as anyone who sees it can. */
export function toTokenCall(world: PayWorld, authorization: AuthorizationJson): PlainCall {
  const { from, to, value, valid_after, valid_before, nonce, v, r, s } = authorization;
  const data = encodeFunctionData({
    abi: testUsdcAbi,
    functionName: "transferWithAuthorization",
    args: [
      from as Hex,
      to as Hex,
      BigInt(value as string),
      BigInt(valid_after as number),
      BigInt(valid_before as number),
      nonce as Hex,
      v as number,
      r as Hex,
      s as Hex,
    ],
  });
  return { to: world.usdc, data };
}
