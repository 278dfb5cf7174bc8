import { setImmediate } from "node:timers/promises";
import type { JsonObject } from "../../protocol/json.ts";
import type { BookCursor, BookQueries, BookSpan, SettledRow } from "../../store/payments/books.ts";
import type { ClaimQueries } from "../../store/payments/claims.ts";

const DAY_SECS = 86_400;
/** Read at once; then everything else has its turn. */
const ROWS_AT_ONCE = 1000;

/** What accounts are added up from. */
interface AccountDeps {
  readonly books: BookQueries;
  readonly claims: ClaimQueries;
}

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
 * Reads in slices, between which everything else goes on; what changes meanwhile may be in it or not.
 */
export async function toAccounts(deps: AccountDeps, span: BookSpan): Promise<JsonObject[]> {
  const held = toHeld(deps.claims);
  const sums = new Map<string, Sums>();
  for (const read of [deps.books.listSettled, deps.books.listReleased]) {
    for await (const rows of readByTime(read, span)) {
      const gas = toGasShares(rows);
      for (const row of rows) {
        // Read for all zones: a transaction's gas is shared by all its payments, whichever zone they
        // are of.
        if (span.zoneId !== undefined && row.zoneId !== span.zoneId) continue;
        const shares = { gas: gas.get(row.paymentId) ?? 0n, held: held.get(row.paymentId) ?? 0n };
        addRow(sums, row, shares);
      }
    }
  }
  return [...sums].map(([key, sum]) => toView(key, sum));
}

type ReadSettled = (after: BookCursor, to: number, limit: number) => SettledRow[];

/** Rows in slices; those of one time, as all payments of a transaction are, are in one. */
async function* readByTime(
  read: ReadSettled,
  { from, to }: BookSpan,
): AsyncGenerator<SettledRow[]> {
  let rest: SettledRow[] = [];
  for (let after: BookCursor = { at: from, id: "" }; ; await setImmediate()) {
    const rows = read(after, to, ROWS_AT_ONCE);
    const known = [...rest, ...rows];
    const last = known.at(-1);
    if (last === undefined) return;
    if (rows.length < ROWS_AT_ONCE) {
      yield known;
      return;
    }
    after = last.cursor;
    const open = known.findIndex(({ cursor }) => cursor.at === last.cursor.at);
    yield known.slice(0, open);
    rest = known.slice(open);
  }
}

function addRow(
  sums: Map<string, Sums>,
  row: SettledRow,
  { gas, held }: { readonly gas: bigint; readonly held: bigint },
): void {
  const key = toKey(row);
  const sum = sums.get(key) ?? emptySums();
  sums.set(key, sum);
  sum.payments += 1;
  sum.gross += row.amount;
  sum.protocolFee += row.protocolFee;
  sum.creatorFee += row.creatorFee;
  sum.net += row.recipientAmount;
  sum.held += held;
  if (row.isRefunded) sum.refunded += row.amount;
  sum.gasWei += gas;
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

function toKey({ cursor, zoneId, chainId, token }: SettledRow): string {
  const day = new Date(Math.floor(cursor.at / DAY_SECS) * DAY_SECS * 1_000);
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
 * Splits each transaction's gas among the payments that it settled, to the last wei. Rows of one time
 * are all there: a transaction's payments were settled at the time of one block.
 */
function toGasShares(rows: readonly SettledRow[]): Map<string, bigint> {
  const byTx = Map.groupBy(
    rows.filter(({ txHash }) => txHash !== null),
    ({ txHash }) => txHash,
  );
  const shares = new Map<string, bigint>();
  for (const settled of byTx.values()) {
    const gasCost = settled[0]?.gasCost ?? 0n;
    const each = gasCost / BigInt(settled.length);
    const rest = gasCost - each * BigInt(settled.length);
    settled.forEach(({ paymentId }, i) => {
      shares.set(paymentId, each + (i === 0 ? rest : 0n));
    });
  }
  return shares;
}
