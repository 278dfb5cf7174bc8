import { decodeFunctionResult, encodeFunctionData, type Hex, toFunctionSelector } from "viem";
import { zoneSettlementAbi } from "../../abi/zone-settlement.generated.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import { packBatch } from "./packed-batch.ts";
import { toTerms } from "./terms.ts";

const abi = zoneSettlementAbi;
const KINDS = { transfer: 0, receive: 1 } as const;
const NO_WORD: Hex = `0x${"00".repeat(32)}`;

// Upper bounds, measured in bench/contracts-gas.ts: the limit must leave each token call its floor.
const ITEM_GAS = 60_000n;
const PAYEE_GAS = 35_000n;
const BASE_GAS = 400_000n;
const WALLET_ITEM_GAS = 1_100_000n;
/** The treasury is paid by every batch. */
const EMPTY_GAS = BASE_GAS + PAYEE_GAS;

/** A call of the settlement contract: its data and a sufficient gas limit. */
export interface SettleCall {
  readonly data: Hex;
  readonly gas: bigint;
}

/** A payment's authorization as both contracts take it. @throws Error where it has none */
export function toAuthorizationArg(row: PaymentRow) {
  const { payer, kind, validAfter, signature, byContract } = row;
  if (payer === null || kind === null || validAfter === null || signature === null) {
    throw new Error(`payment ${row.paymentId} has no authorization`);
  }
  const base = { from: payer as Hex, validAfter, kind: KINDS[kind] };
  return byContract
    ? { ...base, v: 0, r: NO_WORD, s: NO_WORD, signature: signature as Hex }
    : { ...base, ...toVrs(signature), signature: "0x" as const };
}

function toItem(row: PaymentRow) {
  return { terms: toTerms(row), authorization: toAuthorizationArg(row) };
}

function toVrs(signature: string): { v: number; r: Hex; s: Hex } {
  return {
    r: signature.slice(0, 66) as Hex,
    s: `0x${signature.slice(66, 130)}`,
    v: Number.parseInt(signature.slice(130), 16),
  };
}

/** What of a payment its gas depends on. */
export type GasUser = Pick<PaymentRow, "recipient" | "creator" | "byContract">;

/** Gas that is enough for a batch whatever its items do. */
export function toBatchGas(rows: readonly GasUser[]): bigint {
  return [...accumulateGas(rows)].at(-1) ?? EMPTY_GAS;
}

/** How many of these payments, from the first, a batch of so much gas can hold; at least one. */
export function toBatchSize(rows: readonly GasUser[], gasMax: bigint): number {
  let size = 0;
  for (const gas of accumulateGas(rows)) {
    if (gas > gasMax) break;
    size += 1;
  }
  return Math.max(1, size);
}

/** Gas of the first, of the first two, and so on. */
function* accumulateGas(rows: readonly GasUser[]): Generator<bigint> {
  const payees = new Set<string>();
  let gas = EMPTY_GAS;
  for (const { recipient, creator, byContract } of rows) {
    const known = payees.size;
    payees.add(recipient).add(creator);
    gas += ITEM_GAS + PAYEE_GAS * BigInt(payees.size - known);
    if (byContract) gas += WALLET_ITEM_GAS;
    yield gas;
  }
}

/**
 * The call that settles each of these payments it can; all of them are to the same contract.
 * @param packing whether that contract knows `settlePacked`, which costs 6,000 gas less a payment
 */
export function toBatchCall(rows: readonly PaymentRow[], packing: boolean): SettleCall {
  const gas = toBatchGas(rows);
  const packed = packing ? packBatch(rows) : undefined;
  if (packed !== undefined) return { data: toPackedData(packed), gas };
  const args = [rows.map(toItem)] as const;
  return { data: encodeFunctionData({ abi, functionName: "settleBatch", args }), gas };
}

const PACKED_SELECTOR = toFunctionSelector("settlePacked(bytes)");

/** One bytes argument, put together by hand: the encoder would take longer than the rest. */
function toPackedData(packed: Hex): Hex {
  const bytes = packed.length / 2 - 1;
  const padding = "00".repeat((32 - (bytes % 32)) % 32);
  const length = bytes.toString(16).padStart(64, "0");
  return `${PACKED_SELECTOR}${"20".padStart(64, "0")}${length}${packed.slice(2)}${padding}`;
}

/** The call that settles one payment or reverts with the reason: for asking, not for sending. */
export function toSingleCall(row: PaymentRow): SettleCall {
  const { terms, authorization } = toItem(row);
  const data = encodeFunctionData({ abi, functionName: "settle", args: [terms, authorization] });
  return { data, gas: toBatchGas([row]) };
}

/** The call that completes a payment whose money was sent past the contract. */
export function toRecoverCall(row: PaymentRow): SettleCall {
  const { terms, authorization } = toItem(row);
  const data = encodeFunctionData({ abi, functionName: "recover", args: [terms, authorization] });
  return { data, gas: toBatchGas([row]) };
}

/**
 * Which items of a simulated batch would settle; both forms of a batch answer alike.
 * @throws Error where the answer does not decode
 */
export function parseBatchAnswer(data: Hex): readonly boolean[] {
  return decodeFunctionResult({ abi, functionName: "settleBatch", data });
}
