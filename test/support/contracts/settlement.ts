import type { Address, Hex, PrivateKeyAccount } from "viem";
import { encodeFunctionData } from "viem";
import { testUsdcAbi } from "../../../src/abi/test-usdc.generated.ts";
import { zoneSettlementAbi } from "../../../src/abi/zone-settlement.generated.ts";
import type { Authorization } from "./authorization.ts";
import { KIND_RECEIVE, signAuthorization } from "./authorization.ts";
import type { Terms } from "./terms.ts";
import { random32, termsNonce } from "./terms.ts";
import type { World } from "./world.ts";
import { people } from "./world.ts";

export interface Item {
  terms: Terms;
  authorization: Authorization;
}

/** Builds terms of 2 USDC with a 1 % creator fee, open for an hour, unless told otherwise. */
export async function buildTerms(world: World, change: Partial<Terms> = {}): Promise<Terms> {
  return {
    chainId: BigInt(world.chain.chainId),
    verifyingContract: world.settlement,
    token: world.usdc,
    zoneKey: random32(),
    requestKey: random32(),
    recipient: people.recipient.address,
    creator: people.creator.address,
    creatorFeeBps: 100,
    amount: 2_000_000n,
    mode: 0,
    deadline: change.deadline ?? (await world.chain.now()) + 3_600n,
    salt: random32(),
    ...change,
  };
}

/** Has a payer authorize exactly what the terms commit to. */
export function authorize(
  world: World,
  terms: Terms,
  {
    kind = KIND_RECEIVE,
    signer = people.payer,
    from = signer.address,
    validAfter = 0n,
  }: {
    kind?: number;
    signer?: PrivateKeyAccount;
    from?: Address;
    validAfter?: bigint;
  } = {},
): Promise<Authorization> {
  return signAuthorization(signer, {
    chainId: world.chain.chainId,
    token: terms.token,
    from,
    to: terms.verifyingContract,
    value: terms.amount,
    validAfter,
    validBefore: terms.deadline,
    nonce: termsNonce(terms),
    kind,
  });
}

export const settleCall = (terms: Terms, authorization: Authorization) =>
  encodeFunctionData({
    abi: zoneSettlementAbi,
    functionName: "settle",
    args: [terms, authorization],
  });

export const settleBatchCall = (items: Item[]) =>
  encodeFunctionData({ abi: zoneSettlementAbi, functionName: "settleBatch", args: [items] });

export const recoverCall = (terms: Terms, authorization: Authorization) =>
  encodeFunctionData({
    abi: zoneSettlementAbi,
    functionName: "recover",
    args: [terms, authorization],
  });

/** Signs and encodes the token's `cancelAuthorization`. */
export async function cancelCall(
  world: World,
  authorizer: PrivateKeyAccount,
  nonce: Hex,
): Promise<Hex> {
  const signature = await authorizer.signTypedData({
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
    message: { authorizer: authorizer.address, nonce },
  });
  return encodeFunctionData({
    abi: testUsdcAbi,
    functionName: "cancelAuthorization",
    args: [authorizer.address, nonce, signature],
  });
}

/** Encodes what a stranger does with a transfer authorization it saw: send it straight to the token. */
export function frontRunCall(terms: Terms, auth: Authorization): Hex {
  const { from, validAfter, v, r, s } = auth;
  const common = [from, terms.verifyingContract, terms.amount, validAfter, terms.deadline] as const;
  return encodeFunctionData({
    abi: testUsdcAbi,
    functionName: "transferWithAuthorization",
    args: [...common, termsNonce(terms), v, r, s],
  });
}
