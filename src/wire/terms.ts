import { encodeAbiParameters, type Hex, keccak256, stringToBytes, toBytes } from "viem";
import type { JsonObject } from "./json.ts";
import { toCanonicalBytes } from "./json.ts";

/** What a payment's nonce commits to; `docs/protocol.md` §8. Amounts are smallest units. */
export interface PaymentTerms {
  readonly chainId: bigint;
  readonly verifyingContract: Hex;
  readonly token: Hex;
  readonly zoneKey: Hex;
  readonly requestKey: Hex;
  readonly recipient: Hex;
  readonly creator: Hex;
  readonly creatorFeeBps: number;
  readonly amount: bigint;
  /** 0 direct, 1 escrow. */
  readonly mode: number;
  /** Unix seconds. */
  readonly deadline: bigint;
  readonly salt: Hex;
}

/** The two terms an escrow commits to beside those of every payment; `docs/protocol.md` §8. */
export interface EscrowTerms extends PaymentTerms {
  /** Unix seconds. */
  readonly escrowDeadline: bigint;
  readonly arbiter: Hex;
}

const TERMS_FIELDS =
  "uint256 chainId,address verifyingContract,address token,bytes32 zoneKey,bytes32 requestKey,address recipient,address creator,uint16 creatorFeeBps,uint256 amount,uint8 mode,uint64 deadline,bytes32 salt";

/** keccak256 of the direct mode's type string. */
export const TERMS_TYPEHASH = keccak256(stringToBytes(`ZoneTerms(${TERMS_FIELDS})`));
/** keccak256 of the escrow mode's type string. */
export const ESCROW_TERMS_TYPEHASH = keccak256(
  stringToBytes(`ZoneEscrowTerms(${TERMS_FIELDS},uint64 escrowDeadline,address arbiter)`),
);

/** The mode number the terms carry. */
export const SETTLEMENT_MODES = { direct: 0, escrow: 1 } as const;

const TERMS_ABI = [
  { type: "bytes32" },
  { type: "uint256" },
  { type: "address" },
  { type: "address" },
  { type: "bytes32" },
  { type: "bytes32" },
  { type: "address" },
  { type: "address" },
  { type: "uint16" },
  { type: "uint256" },
  { type: "uint8" },
  { type: "uint64" },
  { type: "bytes32" },
] as const;

function toTermsValues(terms: PaymentTerms) {
  return [
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
  ] as const;
}

/** Computes the EIP-3009 nonce of a direct payment; `docs/protocol.md` §8. */
export function toTermsNonce(terms: PaymentTerms): Hex {
  return keccak256(encodeAbiParameters(TERMS_ABI, [TERMS_TYPEHASH, ...toTermsValues(terms)]));
}

/** Computes the EIP-3009 nonce of an escrow deposit; `docs/protocol.md` §8. */
export function toEscrowTermsNonce(terms: EscrowTerms): Hex {
  return keccak256(
    encodeAbiParameters([...TERMS_ABI, { type: "uint64" }, { type: "address" }] as const, [
      ESCROW_TERMS_TYPEHASH,
      ...toTermsValues(terms),
      terms.escrowDeadline,
      terms.arbiter,
    ]),
  );
}

/** keccak256 of the zone id's UTF-8 bytes; `docs/protocol.md` §8. */
export function toZoneKey(zoneId: string): Hex {
  return keccak256(stringToBytes(zoneId));
}

/** Binds a request's sender, id and content into one key; `docs/protocol.md` §8. */
export function toRequestKey(
  nodeId: string,
  requestId: string,
  content: { action: string; params: JsonObject },
): Hex {
  return toRequestKeyOf(nodeId, requestId, toContentKey(content));
}

/** As `toRequestKey`, of content whose key is known. */
export function toRequestKeyOf(nodeId: string, requestId: string, contentKey: Hex): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: "bytes32" }, { type: "bytes32" }, { type: "bytes32" }],
      [keccak256(stringToBytes(nodeId)), toTaskId(requestId), contentKey],
    ),
  );
}

/** keccak256 of a request's canonical content: the third part of its key; `docs/protocol.md` §8. */
export function toContentKey(content: { action: string; params: JsonObject }): Hex {
  return keccak256(toCanonicalBytes({ action: content.action, params: content.params }));
}

/** `keccak256(request_id)`, the id of an escrow's task; `docs/protocol.md` §8. */
export function toTaskId(requestId: string): Hex {
  return keccak256(stringToBytes(requestId));
}

/** `keccak256(depositor ‖ task_id)`, packed; `docs/protocol.md` §8. */
export function toEscrowId(depositor: Hex, taskId: Hex): Hex {
  const packed = new Uint8Array(52);
  packed.set(toBytes(depositor), 0);
  packed.set(toBytes(taskId), 20);
  return keccak256(packed);
}

/** Splits an amount; each fee is rounded down and the three sum to the amount; `docs/protocol.md` §8. */
export function toFeeSplit(
  amount: bigint,
  creatorFeeBps: number,
): { protocolFee: bigint; creatorFee: bigint; recipientAmount: bigint } {
  const protocolFee = (amount * 10n) / 10_000n;
  const creatorFee = (amount * BigInt(creatorFeeBps)) / 10_000n;
  return { protocolFee, creatorFee, recipientAmount: amount - protocolFee - creatorFee };
}
