import type Database from "better-sqlite3";
import type { Store, Write } from "../database.ts";

/** A column of sealed secrets. Names in it are the program's, never anybody's input. */
export interface SealedColumn {
  readonly table: string;
  /** The column of the row's id, which is text. */
  readonly id: string;
  /** Its name ends in `_sealed`; null where a row has no secret. */
  readonly column: string;
  /** The record id that the row's secret is bound to. */
  readonly toRecordId: (id: string) => string;
}

/** Every column of sealed secrets: what is not here is not sealed anew with another master key. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    table: "webhooks",
    id: "webhook_id",
    column: "secret_sealed",
    toRecordId: (id) => `webhook:${id}`,
  },
  {
    table: "webhooks",
    id: "webhook_id",
    column: "former_secret_sealed",
    toRecordId: (id) => `webhook-former:${id}`,
  },
];

/** A sealed secret where it stands. */
export interface SealedRow {
  readonly id: string;
  readonly sealed: string;
}

/** Counts the sealed secrets of a database; those whose text begins so, where it is said how. */
export function countSealed(raw: Database.Database, prefix = ""): number {
  const counts = SEALED_COLUMNS.map(
    ({ table, column }) =>
      raw
        .prepare<[string, string], number>(
          `SELECT count(*) FROM ${table}
           WHERE ${column} IS NOT NULL AND substr(${column}, 1, length(?)) = ?`,
        )
        .pluck()
        .get(prefix, prefix) ?? 0,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Lists some of the rows whose secret's text does not begin so, after an id, in the order of ids. */
export function listSealedOtherwise(
  raw: Database.Database,
  { table, id, column }: SealedColumn,
  asked: { readonly prefix: string; readonly after: string; readonly limit: number },
): SealedRow[] {
  return raw
    .prepare<[typeof asked], SealedRow>(
      `SELECT ${id} AS id, ${column} AS sealed FROM ${table}
       WHERE ${column} IS NOT NULL AND substr(${column}, 1, length(@prefix)) <> @prefix
         AND ${id} > @after
       ORDER BY ${id} LIMIT @limit`,
    )
    .all(asked);
}

/** Puts a secret that was sealed anew in the place of what it was. */
export function replaceSealed(
  write: Write,
  { raw }: Store,
  { table, id, column }: SealedColumn,
  row: SealedRow & { readonly next: string },
): void {
  const update = raw.prepare<[typeof row]>(
    `UPDATE ${table} SET ${column} = @next WHERE ${id} = @id AND ${column} = @sealed`,
  );
  write.run(update, row);
}
