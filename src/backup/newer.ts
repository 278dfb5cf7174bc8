import Database from "better-sqlite3";

const EXAMPLES_MAX = 5;

/** What only ever grows, beside the logs of zones; `updated_at` in Unix seconds. */
const GROWING: readonly (readonly [what: string, sql: string])[] = [
  ["requests", "SELECT max(updated_at) FROM requests"],
  ["payments", "SELECT max(updated_at) FROM payments"],
  ["payments' history", "SELECT max(history_id) FROM payment_history"],
  ["transactions of the wallet", "SELECT max(tx_id) FROM settlement_txs"],
  ["refunds", "SELECT max(updated_at) FROM refunds"],
  ["escrows", "SELECT max(updated_at) FROM escrows"],
  ["claims", "SELECT max(updated_at) FROM claims"],
];

/**
 * Looks for what a database has and another one has not, or has older.
 * @param present may be of an earlier version, or damaged: what cannot be read counts as newer
 * @returns in words, a few of each; empty where nothing would be lost with it
 */
export function findNewer(present: string, other: Database.Database): string[] {
  let db: Database.Database | undefined;
  try {
    db = new Database(present, { fileMustExist: true });
    return [...findNewerZones(db, other), ...findGrown(db, other)];
  } catch (error) {
    return [`it cannot be read (${(error as Error).message}), so what it holds is not known`];
  } finally {
    db?.close();
  }
}

function findNewerZones(db: Database.Database, other: Database.Database): string[] {
  const find = other.prepare<[string], { epoch: number; headSeq: number }>(
    "SELECT epoch, head_seq AS headSeq FROM zones WHERE zone_id = ?",
  );
  const rows = db
    .prepare<[], { zoneId: string; epoch: number; headSeq: number }>(
      "SELECT zone_id AS zoneId, epoch, head_seq AS headSeq FROM zones ORDER BY zone_id",
    )
    .iterate();
  const newer: string[] = [];
  for (const { zoneId, epoch, headSeq } of rows) {
    const known = find.get(zoneId);
    if (known === undefined) newer.push(`${zoneId} is not in the backup`);
    else if (known.headSeq < headSeq || known.epoch < epoch) {
      newer.push(
        `${zoneId}: entry ${headSeq} of epoch ${epoch}; the backup ends at ${known.headSeq} of ${known.epoch}`,
      );
    }
    if (newer.length === EXAMPLES_MAX) break;
  }
  return newer;
}

function findGrown(db: Database.Database, other: Database.Database): string[] {
  return GROWING.flatMap(([what, sql]) => {
    const read = (from: Database.Database) => from.prepare<[], number | null>(sql).pluck().get();
    return (read(db) ?? 0) > (read(other) ?? 0) ? [`${what} that are not in the backup`] : [];
  });
}
