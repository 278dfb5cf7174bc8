import { randomBytes } from "node:crypto";
import type { Address, Hex } from "viem";
import { encodeAbiParameters, keccak256, toHex } from "viem";

export const TERMS_TYPE =
  "ZoneTerms(uint256 chainId,address verifyingContract,address token,bytes32 zoneKey,bytes32 requestKey,address recipient,address creator,uint16 creatorFeeBps,uint256 amount,uint8 mode,uint64 deadline,bytes32 salt)";
export const ESCROW_TERMS_TYPE = TERMS_TYPE.replace("ZoneTerms(", "ZoneEscrowTerms(").replace(
  ")",
  ",uint64 escrowDeadline,address arbiter)",
);

const TERMS_FIELDS = [
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
  { name: "token", type: "address" },
  { name: "zoneKey", type: "bytes32" },
  { name: "requestKey", type: "bytes32" },
  { name: "recipient", type: "address" },
  { name: "creator", type: "address" },
  { name: "creatorFeeBps", type: "uint16" },
  { name: "amount", type: "uint256" },
  { name: "mode", type: "uint8" },
  { name: "deadline", type: "uint64" },
  { name: "salt", type: "bytes32" },
] as const;

export interface Terms {
  chainId: bigint;
  verifyingContract: Address;
  token: Address;
  zoneKey: Hex;
  requestKey: Hex;
  recipient: Address;
  creator: Address;
  creatorFeeBps: number;
  amount: bigint;
  mode: number;
  deadline: bigint;
  salt: Hex;
}

export interface EscrowTerms {
  base: Terms;
  escrowDeadline: bigint;
  arbiter: Address;
}

export interface RequestParts {
  nodeKey: Hex;
  taskId: Hex;
  contentKey: Hex;
}

export const random32 = (): Hex => toHex(randomBytes(32));

/** Computes the nonce from docs/protocol.md §8 alone, field by field, to compare with the contract's. */
export function termsNonce(terms: Terms): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: "bytes32" }, ...TERMS_FIELDS],
      [
        keccak256(toHex(TERMS_TYPE)),
        terms.chainId,
        terms.verifyingContract,
        terms.token,
        terms.zoneKey,
        terms.requestKey,
        terms.recipient,
        terms.creator,
        terms.creatorFeeBps,
        terms.amount,
        terms.mode,
        terms.deadline,
        terms.salt,
      ],
    ),
  );
}

export function escrowTermsNonce({ base, escrowDeadline, arbiter }: EscrowTerms): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: "bytes32" },
        ...TERMS_FIELDS,
        { name: "escrowDeadline", type: "uint64" },
        { name: "arbiter", type: "address" },
      ],
      [
        keccak256(toHex(ESCROW_TERMS_TYPE)),
        base.chainId,
        base.verifyingContract,
        base.token,
        base.zoneKey,
        base.requestKey,
        base.recipient,
        base.creator,
        base.creatorFeeBps,
        base.amount,
        base.mode,
        base.deadline,
        base.salt,
        escrowDeadline,
        arbiter,
      ],
    ),
  );
}

export function requestKeyOf(parts: RequestParts): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: "bytes32" }, { type: "bytes32" }, { type: "bytes32" }],
      [parts.nodeKey, parts.taskId, parts.contentKey],
    ),
  );
}

/** Are the shares of protocol.md §8 in plain arithmetic. */
export function sharesOf(amount: bigint, creatorFeeBps: number) {
  const protocolFee = (amount * 10n) / 10_000n;
  const creatorFee = (amount * BigInt(creatorFeeBps)) / 10_000n;
  return { protocolFee, creatorFee, recipientAmount: amount - protocolFee - creatorFee };
}
