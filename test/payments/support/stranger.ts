import { type Address, encodeFunctionData, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { testUsdcAbi } from "../../../src/abi/test-usdc.generated.ts";
import { zoneSettlementAbi } from "../../../src/abi/zone-settlement.generated.ts";
import type { PaymentRequirement } from "../../../src/wire/zone-replies.ts";
import type { AuthorizationJson, Payer, PayWorld } from "./engine.ts";

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

/** The committed terms of a requirement as the contracts take them. */
export function toTermsArg(terms: PaymentRequirement["terms"]) {
  return {
    chainId: BigInt(terms.chain_id),
    verifyingContract: terms.verifying_contract as Hex,
    token: terms.token as Hex,
    zoneKey: terms.zone_key as Hex,
    requestKey: terms.request_key as Hex,
    recipient: terms.recipient as Hex,
    creator: terms.creator as Hex,
    creatorFeeBps: terms.creator_fee_bps,
    amount: BigInt(terms.amount),
    mode: terms.mode,
    deadline: BigInt(terms.deadline),
    salt: terms.salt as Hex,
  };
}

/** A key's authorization as the contracts take it. */
export function toAuthorizationArg(authorization: AuthorizationJson) {
  return {
    from: authorization.from as Hex,
    validAfter: BigInt(authorization.valid_after as number),
    kind: authorization.type === "receive" ? 1 : 0,
    v: authorization.v as number,
    r: authorization.r as Hex,
    s: authorization.s as Hex,
    signature: "0x",
  } as const;
}

/** The settlement of a payment through the contract, by whoever sends it. */
export function toSettleCall(
  world: PayWorld,
  { terms }: PaymentRequirement,
  authorization: AuthorizationJson,
): PlainCall {
  const data = encodeFunctionData({
    abi: zoneSettlementAbi,
    functionName: "settle",
    args: [toTermsArg(terms), toAuthorizationArg(authorization)],
  });
  return { to: world.settlement, data };
}

/** The payer's cancellation of an authorization. */
export async function toCancelCall(
  world: PayWorld,
  payer: Payer,
  nonce: string,
): Promise<PlainCall> {
  const message = { authorizer: payer.address, nonce: nonce as Hex };
  const signature = await privateKeyToAccount(payer.key).signTypedData({
    domain: {
      name: "USD Coin",
      version: "2",
      chainId: world.chain.chainId,
      verifyingContract: world.usdc,
    },
    types: {
      CancelAuthorization: [
        { name: "authorizer", type: "address" },
        { name: "nonce", type: "bytes32" },
      ],
    },
    primaryType: "CancelAuthorization",
    message,
  });
  const args = [message.authorizer, message.nonce, signature] as const;
  const data = encodeFunctionData({
    abi: testUsdcAbi,
    functionName: "cancelAuthorization",
    args,
  });
  return { to: world.usdc, data };
}
