import type { Address, Hex, PrivateKeyAccount } from "viem";
import { parseSignature } from "viem";

export const KIND_TRANSFER = 0;
export const KIND_RECEIVE = 1;
export const ZERO_32: Hex = `0x${"00".repeat(32)}`;

export interface Authorization {
  from: Address;
  validAfter: bigint;
  kind: number;
  v: number;
  r: Hex;
  s: Hex;
  signature: Hex;
}

export interface AuthorizationInput {
  chainId: number;
  token: Address;
  from: Address;
  to: Address;
  value: bigint;
  validAfter?: bigint;
  validBefore: bigint;
  nonce: Hex;
  kind?: number;
}

const FIELDS = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
] as const;

export async function signAuthorization(
  signer: PrivateKeyAccount,
  { chainId, token, kind = KIND_RECEIVE, validAfter = 0n, ...message }: AuthorizationInput,
): Promise<Authorization> {
  const signature = await signer.signTypedData({
    domain: { name: "USD Coin", version: "2", chainId, verifyingContract: token },
    types: { TransferWithAuthorization: FIELDS, ReceiveWithAuthorization: FIELDS },
    primaryType: kind === KIND_RECEIVE ? "ReceiveWithAuthorization" : "TransferWithAuthorization",
    message: { ...message, validAfter },
  });
  const { r, s, yParity } = parseSignature(signature);
  return { from: message.from, validAfter, kind, v: 27 + yParity, r, s, signature: "0x" };
}

/** Moves v, r, s into the bytes form that smart accounts take. */
export function asWalletSignature(auth: Authorization): Authorization {
  const v = auth.v.toString(16).padStart(2, "0");
  const signature: Hex = `${auth.r}${auth.s.slice(2)}${v}`;
  return { ...auth, v: 0, r: ZERO_32, s: ZERO_32, signature };
}
