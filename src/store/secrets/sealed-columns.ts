import type Database from "better-sqlite3";
import type { Store, Write } from "../database.ts";

/** A column of sealed secrets. Names in it are the program's, never anybody's input. */
export interface SealedColumn {
  readonly table: string;
  /** The column of the row's id, which is text. */
  readonly id: string;
  /** Its name ends in `_sealed`; null, or empty, where a row has no secret. */
  readonly column: string;
  /** The record id that the row's secret is bound to. */
  readonly toRecordId: (id: string) => string;
  /** What a row becomes whose secret nothing opens any more, as SQL; the column is null or empty then. */
  readonly forgotten: string;
}

/** Every column of sealed secrets: what is not here is not sealed anew with another master key. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    table: "webhooks",
    id: "webhook_id",
    column: "secret_sealed",
    toRecordId: (id) => `webhook:${id}`,
    forgotten: "secret_sealed = '', state = iif(state = 'active', 'disabled', state)",
  },
  {
    table: "webhooks",
    id: "webhook_id",
    column: "former_secret_sealed",
    toRecordId: (id) => `webhook-former:${id}`,
    forgotten: "former_secret_sealed = NULL, former_secret_until = NULL",
  },
];

/** A sealed secret where it stands. */
export interface SealedRow {
  readonly id: string;
  readonly sealed: string;
}

/** Counts the sealed secrets of a database. */
export function countSealed(raw: Database.Database): number {
  const counts = SEALED_COLUMNS.map(
    ({ table, column }) =>
      raw
        .prepare<[], number>(`SELECT count(*) FROM ${table} WHERE ${column} <> ''`)
        .pluck()
        .get() ?? 0,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Tells whether secrets are sealed under a key: without one that seals nothing, nothing is lost. */
export function isKeyInUse(raw: Database.Database, keyId: string): boolean {
  return SEALED_COLUMNS.some(({ table, column }) => {
    const find = raw.prepare<[string]>(
      `SELECT 1 FROM ${table} WHERE instr(${column}, '.' || ? || '.') > 0 LIMIT 1`,
    );
    return find.get(keyId) !== undefined;
  });
}

/** Lists some of the rows whose secret's text begins in none of these ways, after an id, in the order of ids. */
export function listSealedOtherwise(
  raw: Database.Database,
  { table, id, column }: SealedColumn,
  asked: { readonly prefixes: readonly string[]; readonly after: string; readonly limit: number },
): SealedRow[] {
  return raw
    .prepare<[Omit<typeof asked, "prefixes"> & { prefixes: string }], SealedRow>(
      `SELECT ${id} AS id, ${column} AS sealed FROM ${table}
       WHERE ${column} <> '' AND ${id} > @after
         AND NOT EXISTS (SELECT 1 FROM json_each(@prefixes) AS one
           WHERE substr(${column}, 1, length(one.value)) = one.value)
       ORDER BY ${id} LIMIT @limit`,
    )
    .all({ ...asked, prefixes: JSON.stringify(asked.prefixes) });
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

/** Drops a secret that nothing opens, where it is still that one. */
export function forgetSealed(
  write: Write,
  { raw }: Store,
  { table, id, column, forgotten }: SealedColumn,
  row: SealedRow,
): void {
  const update = raw.prepare<[SealedRow]>(
    `UPDATE ${table} SET ${forgotten} WHERE ${id} = @id AND ${column} = @sealed`,
  );
  write.run(update, row);
}
