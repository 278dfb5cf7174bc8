import type { JsonObject } from "../../protocol/json.ts";
import type { BookQueries, BookSpan } from "../../store/payments/books.ts";
import type { ClaimQueries } from "../../store/payments/claims.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";

const DAY_SECS = 86_400;
const HASHES_AT_ONCE = 500;

interface Sums {
  payments: number;
  gross: bigint;
  protocolFee: bigint;
  creatorFee: bigint;
  net: bigint;
  held: bigint;
  refunded: bigint;
  gasWei: bigint;
}

/**
 * Adds up what was settled in a span, per zone, token and UTC day: gross, fees, what was left for the
 * recipient, what of these three the token refused to pay and nobody has claimed yet, what was given
 * back, and each payment's share of its transaction's gas. Amounts are
 * decimal strings in the smallest unit, gas in wei; a settlement carried by somebody else cost none.
 */
export function toAccounts(
  { books, claims }: { readonly books: BookQueries; readonly claims: ClaimQueries },
  span: BookSpan,
): JsonObject[] {
  // Read for all zones: a transaction's gas is shared by all its payments, whichever zone they are
  // of.
  const settled = books.listSettled(span);
  const gas = toGasShares(books, settled);
  const held = toHeld(claims);
  const sums = new Map<string, Sums>();
  for (const row of settled) {
    if (span.zoneId !== undefined && row.zoneId !== span.zoneId) continue;
    const key = toKey(row);
    const sum = sums.get(key) ?? emptySums();
    sums.set(key, sum);
    sum.payments += 1;
    sum.gross += row.amount;
    sum.protocolFee += row.protocolFee ?? 0n;
    sum.creatorFee += row.creatorFee ?? 0n;
    sum.net += row.recipientAmount ?? 0n;
    sum.held += held.get(row.paymentId) ?? 0n;
    if (row.state === "refunded") sum.refunded += row.amount;
    sum.gasWei += gas.get(row.paymentId) ?? 0n;
  }
  return [...sums].map(([key, sum]) => toView(key, sum));
}

function toHeld(claims: ClaimQueries): Map<string, bigint> {
  const held = new Map<string, bigint>();
  for (const { paymentId, amount } of claims.listUnclaimed()) {
    held.set(paymentId, (held.get(paymentId) ?? 0n) + amount);
  }
  return held;
}

function emptySums(): Sums {
  return {
    payments: 0,
    gross: 0n,
    protocolFee: 0n,
    creatorFee: 0n,
    net: 0n,
    held: 0n,
    refunded: 0n,
    gasWei: 0n,
  };
}

function toKey({ settledAt, zoneId, chainId, token }: PaymentRow): string {
  const day = new Date(Math.floor((settledAt ?? 0) / DAY_SECS) * DAY_SECS * 1_000);
  return [day.toISOString().slice(0, 10), zoneId, chainId, token].join(" ");
}

function toView(key: string, sum: Sums): JsonObject {
  const [day = "", zoneId = "", chainId = "", token = ""] = key.split(" ");
  return {
    day,
    zone_id: zoneId,
    chain_id: Number(chainId),
    token,
    payments: sum.payments,
    gross: sum.gross.toString(),
    protocol_fee: sum.protocolFee.toString(),
    creator_fee: sum.creatorFee.toString(),
    net: sum.net.toString(),
    held: sum.held.toString(),
    refunded: sum.refunded.toString(),
    gas_wei: sum.gasWei.toString(),
  };
}

/**
 * Splits each transaction's gas among the payments that it settled, to the last wei. A span has all
 * of them or none: they were settled at the time of one block.
 */
function toGasShares(books: BookQueries, rows: readonly PaymentRow[]): Map<string, bigint> {
  const byTx = Map.groupBy(
    rows.filter((row) => row.txHash !== null),
    (row) => row.txHash as string,
  );
  const hashes = [...byTx.keys()];
  const shares = new Map<string, bigint>();
  for (let i = 0; i < hashes.length; i += HASHES_AT_ONCE) {
    for (const { hash, gasCost } of books.listGas(hashes.slice(i, i + HASHES_AT_ONCE))) {
      const settled = byTx.get(hash ?? "") ?? [];
      const each = (gasCost ?? 0n) / BigInt(settled.length);
      const rest = (gasCost ?? 0n) - each * BigInt(settled.length);
      settled.forEach((row, j) => {
        shares.set(row.paymentId, each + (j === 0 ? rest : 0n));
      });
    }
  }
  return shares;
}
