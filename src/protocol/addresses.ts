import { getAddress, type Hex, isAddress } from "viem";

/** The address that stands for nobody. */
export const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;

/** Reads an address in one case or with a valid EIP-55 checksum; undefined where it is none. */
export function findAddress(text: unknown): Hex | undefined {
  if (typeof text !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(text)) return undefined;
  const digits = text.slice(2);
  const oneCase = digits === digits.toLowerCase() || digits === digits.toUpperCase();
  if (!oneCase && !isAddress(text)) return undefined;
  return getAddress(text.toLowerCase());
}

/** Gives an address its EIP-55 form, whatever case it is in: the wire compares without case. */
export function toAddress(text: string): Hex {
  return getAddress(text.toLowerCase());
}

/** Compares addresses; case carries no meaning; `docs/protocol.md` §1. */
export function isSameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
