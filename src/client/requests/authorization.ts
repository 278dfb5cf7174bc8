import { isAddress, isHex, type LocalAccount, parseSignature } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { JsonObject } from "../../protocol/json.ts";
import { AgentError } from "../agent-error.ts";
import type { CheckedQuote } from "./quote-check.ts";

/** The agent's wallet: a viem account, or a private key as 0x-hex. It is never logged. */
export type AgentWallet = LocalAccount | `0x${string}`;

/** Bytes of an ECDSA signature; anything longer is a smart account's. */
const ECDSA_HEX_CHARS = 2 + 65 * 2;

const RECEIVE_TYPES = {
  ReceiveWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
} as const;

/**
 * Reads the `wallet` option.
 * @throws AgentError `invalid_input`; its text never holds the key
 */
export function parseWallet(wallet: AgentWallet): LocalAccount {
  if (typeof wallet !== "string") {
    if (isAddress(wallet?.address ?? "") && typeof wallet.signTypedData === "function")
      return wallet;
    throw new AgentError("invalid_input", { message: "wallet: expected a viem LocalAccount." });
  }
  try {
    if (!isHex(wallet) || wallet.length !== 66) throw new Error("expected 32 bytes");
    return privateKeyToAccount(wallet);
  } catch {
    // The library's own error may quote the key.
    throw new AgentError("invalid_input", {
      message: "wallet: expected a private key of 32 bytes as 0x-hex.",
    });
  }
}

/** The EIP-712 document of a quote's `ReceiveWithAuthorization`; `docs/protocol.md` §8. */
export function toAuthorizationDocument(quote: CheckedQuote, from: `0x${string}`) {
  const { chain } = quote;
  return {
    domain: {
      name: chain.tokenName,
      version: chain.tokenVersion,
      chainId: chain.chainId,
      verifyingContract: chain.token,
    },
    types: RECEIVE_TYPES,
    primaryType: "ReceiveWithAuthorization" as const,
    message: {
      from,
      to: quote.contract,
      value: quote.amount,
      validAfter: 0n,
      validBefore: BigInt(quote.deadline),
      nonce: quote.nonce,
    },
  };
}

/**
 * Signs exactly what a checked quote says, as type `receive`: only the committed contract can use it;
 * `docs/protocol.md` §8. Returns the authorization as it travels.
 */
export async function signAuthorization(
  quote: CheckedQuote,
  wallet: LocalAccount,
): Promise<JsonObject> {
  const document = toAuthorizationDocument(quote, wallet.address);
  const signature = await wallet.signTypedData(document);
  return {
    type: "receive",
    from: wallet.address,
    to: quote.contract,
    value: quote.amount.toString(),
    valid_after: 0,
    valid_before: quote.deadline,
    nonce: quote.nonce,
    ...(signature.length === ECDSA_HEX_CHARS ? toParts(signature) : { signature }),
  };
}

function toParts(signature: `0x${string}`): JsonObject {
  const { r, s, v, yParity } = parseSignature(signature);
  return { v: Number(v ?? 27n + BigInt(yParity)), r, s };
}
