import type { Hex } from "viem";
import type { PaymentRow } from "../../store/payments/payments.ts";

const GROUPS_MAX = 255;
const AMOUNT_END = 1n << 128n;
const TIME_END = 1n << 64n;
const FLAG_RECEIVE = 1;
const FLAG_V28 = 2;

/**
 * Writes payments as `settlePacked` reads them: what many of them share stands once
 * (`docs/contracts.md`, "Packed batches").
 * @returns undefined where one of them does not fit the form: a smart account's signature, an amount of
 * 2^128, a time past 2^64, more than 255 groups
 */
export function packBatch(rows: readonly PaymentRow[]): Hex | undefined {
  const groups = new Map<string, number>();
  let items = "";
  for (const row of rows) {
    const group = toGroup(row);
    const index = groups.get(group) ?? groups.size;
    if (index === groups.size) groups.set(group, index);
    const item = toItem(row, index);
    if (item === undefined || groups.size > GROUPS_MAX) return undefined;
    items += item;
  }
  return `0x${toWord(BigInt(groups.size), 1)}${[...groups.keys()].join("")}${items}`;
}

function toGroup({ zoneKey, recipient, creator, creatorFeeBps }: PaymentRow): string {
  return (
    zoneKey.slice(2) +
    recipient.slice(2).toLowerCase() +
    creator.slice(2).toLowerCase() +
    toWord(BigInt(creatorFeeBps), 2)
  );
}

function toItem(row: PaymentRow, group: number): string | undefined {
  const { amount, payer, kind, validAfter, signature } = row;
  if (payer === null || kind === null || validAfter === null || signature === null)
    return undefined;
  if (row.byContract || amount >= AMOUNT_END || validAfter >= TIME_END) return undefined;
  const rs = signature.slice(2, 130);
  const v = Number.parseInt(signature.slice(130), 16);
  if (v !== 27 && v !== 28) return undefined;
  const flags = (kind === "receive" ? FLAG_RECEIVE : 0) | (v === 28 ? FLAG_V28 : 0);
  return (
    toWord(BigInt(group), 1) +
    toWord(BigInt(flags), 1) +
    toWord(amount, 16) +
    toWord(BigInt(row.deadline), 8) +
    toWord(validAfter, 8) +
    payer.slice(2).toLowerCase() +
    row.requestKey.slice(2) +
    row.salt.slice(2) +
    rs
  );
}

function toWord(value: bigint, bytes: number): string {
  return value.toString(16).padStart(2 * bytes, "0");
}
