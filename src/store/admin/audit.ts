import type { JsonObject } from "../../protocol/json.ts";
import type { Store, Write } from "../database.ts";
import { AUDIT_KINDS, type AuditKind } from "./schema.ts";

/** An entry of the audit log. */
export interface AuditRow {
  readonly seq: number;
  readonly kind: AuditKind;
  /** Unix seconds. */
  readonly at: number;
  readonly tokenId: string | null;
  readonly actor: string | null;
  readonly address: string;
  readonly action: string;
  readonly requestId: string | null;
  /** HTTP status; null while what it began is under way. */
  readonly status: number | null;
  readonly detail: JsonObject;
}

/** Where a page begins, and which way it goes. */
export interface AuditPage {
  /** Exclusive; undefined for the first page. */
  readonly after: number | undefined;
  readonly limit: number;
  readonly order: "asc" | "desc";
}

/** What of the log is kept. */
export interface AuditRetention {
  readonly entriesMax: number;
  /** Unix seconds; older ones go. */
  readonly from: number;
}

type StoredRow = Omit<AuditRow, "detail"> & { readonly detail: string };

/** What one call forgets at most, so that it never holds up the loop. */
const PRUNED_ROWS_MAX = 500;
/** Of the entries' bound, which refused tokens have beside: they must not push changes out. */
const REFUSED_SHARE = 10;
/** What became of what a crash cut off. */
export const CUT_OFF = "unknown";
const COLUMNS = `seq, kind, at, token_id AS tokenId, actor, address, action,
  request_id AS requestId, status, detail`;

/** Adds an entry; returns its number. */
export function insertAuditEntry(
  write: Write,
  { raw }: Pick<Store, "raw">,
  entry: Omit<AuditRow, "seq">,
): number {
  const insert = raw.prepare<[Omit<StoredRow, "seq">], { seq: number }>(
    `INSERT INTO audit_log (kind, at, token_id, actor, address, action, request_id, status, detail)
     VALUES (@kind, @at, @tokenId, @actor, @address, @action, @requestId, @status, @detail)
     RETURNING seq`,
  );
  const row = write.get(insert, { ...entry, detail: JSON.stringify(entry.detail) });
  return (row as { seq: number }).seq;
}

/** Says what became of what an entry began. */
export function endAuditEntry(
  write: Write,
  { raw }: Pick<Store, "raw">,
  { seq, status, detail }: Pick<AuditRow, "seq" | "status" | "detail">,
): void {
  const update = raw.prepare("UPDATE audit_log SET status = ?, detail = ? WHERE seq = ?");
  write.run(update, status, JSON.stringify(detail), seq);
}

/**
 * Says of every entry whose end was never noted that nobody knows what became of it: the process ended
 * meanwhile. Call it before anything new begins. Returns how many there were.
 */
export function markCutOff(write: Write, { raw }: Pick<Store, "raw">): number {
  const mark = raw.prepare(
    `UPDATE audit_log SET detail = json_set(detail, '$.outcome', '${CUT_OFF}')
     WHERE status IS NULL AND json_extract(detail, '$.outcome') IS NULL`,
  );
  return write.run(mark).changes;
}

/** Lists entries after one. */
export function listAuditEntries(
  { raw }: Pick<Store, "raw">,
  { after, limit, order }: AuditPage,
): AuditRow[] {
  const [sign, from] = order === "asc" ? [">", 0] : ["<", Number.MAX_SAFE_INTEGER];
  return raw
    .prepare<[number, number], StoredRow>(
      `SELECT ${COLUMNS} FROM audit_log WHERE seq ${sign} ? ORDER BY seq ${order} LIMIT ?`,
    )
    .all(after ?? from, limit)
    .map((row) => ({ ...row, detail: JSON.parse(row.detail) as JsonObject }));
}

/** Forgets some entries that are too many or too old. Tells whether more are left. */
export function pruneAudit(
  write: Write,
  { raw }: Pick<Store, "raw">,
  { entriesMax, from }: AuditRetention,
): boolean {
  const last = raw
    .prepare<[AuditKind, number], number>(
      "SELECT seq FROM audit_log WHERE kind = ? ORDER BY seq DESC LIMIT 1 OFFSET ?",
    )
    .pluck();
  const remove = raw.prepare<[AuditKind, number, number]>(
    `DELETE FROM audit_log WHERE seq IN (
       SELECT seq FROM audit_log WHERE kind = ? AND (seq <= ? OR at < ?)
       ORDER BY seq LIMIT ${PRUNED_ROWS_MAX})`,
  );
  let forgotten = 0;
  for (const kind of AUDIT_KINDS) {
    const max = kind === "refused" ? Math.ceil(entriesMax / REFUSED_SHARE) : entriesMax;
    const upTo = last.get(kind, max) ?? 0;
    forgotten += write.run(remove, kind, upTo, from).changes;
  }
  return forgotten >= PRUNED_ROWS_MAX;
}
