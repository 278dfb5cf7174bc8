import type { Store, Write } from "../database.ts";
import {
  BAN_COLUMNS,
  type Columns,
  ESCROW_COLUMNS,
  ESCROW_OP_COLUMNS,
  INVITE_COLUMNS,
  MEMBER_COLUMNS,
  PAYMENT_COLUMNS,
  PROVIDER_COLUMNS,
  REFUND_COLUMNS,
  REQUEST_COLUMNS,
  RUN_COLUMNS,
} from "./record-columns.ts";

/** A row as SQLite has it, by column. */
export type Row = Readonly<Record<string, string | number | null>>;

/** The kinds whose records are one row each, with their table and the column that names it in a zone. */
const PLAIN = {
  ban: { table: "zone_bans", id: "node_id", columns: BAN_COLUMNS },
  invite: { table: "invites", id: "invite_id", columns: INVITE_COLUMNS },
  member: { table: "members", id: "node_id", columns: MEMBER_COLUMNS },
  provider: { table: "zone_providers", id: "node_id", columns: PROVIDER_COLUMNS },
} as const;

export type PlainKind = keyof typeof PLAIN;

/** The rows that a request's record is made of. */
export interface RequestRows {
  /** With `sig`, beside the columns of the record. */
  readonly request: Row;
  readonly runs: readonly Row[];
  readonly payments: readonly Row[];
  readonly escrow: Row | undefined;
  /** Those that are open. */
  readonly ops: readonly Row[];
  readonly refund: Row | undefined;
}

/** Prepares the reading and writing of the rows behind members, bans, invitations and providers. */
export function preparePlainRows({ raw, usage }: Pick<Store, "raw" | "usage">) {
  const count = raw.prepare<[number, string]>(
    "UPDATE zones SET member_count = member_count + ? WHERE zone_id = ?",
  );
  const prepare = (kind: PlainKind) => {
    const { table, id, columns } = PLAIN[kind];
    const names = Object.keys(columns);
    const list = toList(columns);
    const set = names.map((name) => `"${name}" = excluded."${name}"`).join(", ");
    return {
      find: raw.prepare<[string, string], Row>(
        `SELECT ${list} FROM ${table} WHERE zone_id = ? AND ${id} = ?`,
      ),
      page: raw.prepare<[string, string, number], Row & { record_id: string }>(
        `SELECT ${id} AS record_id, ${list} FROM ${table} WHERE zone_id = ? AND ${id} > ?
         ORDER BY ${id} LIMIT ?`,
      ),
      // What is another zone's stays: an invitation's id is unique over all of them.
      put: raw.prepare<[Row]>(
        `INSERT INTO ${table} (zone_id, ${id}, ${list})
         VALUES (@zone_id, @record_id, ${names.map((name) => `@${name}`).join(", ")})
         ON CONFLICT (${kind === "invite" ? id : `zone_id, ${id}`}) DO UPDATE SET ${set}
           WHERE zone_id = excluded.zone_id`,
      ),
      remove: raw.prepare<[string, string]>(`DELETE FROM ${table} WHERE zone_id = ? AND ${id} = ?`),
    };
  };
  const kinds = {
    ban: prepare("ban"),
    invite: prepare("invite"),
    member: prepare("member"),
    provider: prepare("provider"),
  };
  const noteMember = (write: Write, zoneId: string, nodeId: string, sign: 1 | -1) => {
    write.run(count, sign, zoneId);
    usage.add(write, "member", nodeId, sign, 0);
  };
  return {
    findPlain: (kind: PlainKind, zoneId: string, id: string) => kinds[kind].find.get(zoneId, id),
    /** Rows of a zone after an id, in the order of their ids. */
    listPlain: (kind: PlainKind, zoneId: string, after: string, limit: number) =>
      kinds[kind].page.all(zoneId, after, limit),
    /** Writes a row over what was there; false where its id is another zone's. */
    putPlain: (write: Write, kind: PlainKind, zoneId: string, id: string, row: Row): boolean => {
      const isNew = kinds[kind].find.get(zoneId, id) === undefined;
      const { changes } = write.run(kinds[kind].put, { ...row, zone_id: zoneId, record_id: id });
      if (changes > 0 && isNew && kind === "member") noteMember(write, zoneId, id, 1);
      return changes > 0;
    },
    deletePlain: (write: Write, kind: PlainKind, zoneId: string, id: string): void => {
      const { changes } = write.run(kinds[kind].remove, zoneId, id);
      if (changes > 0 && kind === "member") noteMember(write, zoneId, id, -1);
    },
  };
}

/** Prepares the reading of the rows behind requests. */
export function prepareRequestRows({ raw }: Pick<Store, "raw">) {
  const find = raw.prepare<[string, string, string], Row>(
    `SELECT ${toList(REQUEST_COLUMNS)}, sig FROM requests
     WHERE zone_id = ? AND node_id = ? AND request_id = ?`,
  );
  const keys = raw.prepare<[string, string, string, number], { nodeId: string; requestId: string }>(
    `SELECT node_id AS nodeId, request_id AS requestId FROM requests
     WHERE zone_id = ? AND (node_id, request_id) > (?, ?) ORDER BY node_id, request_id LIMIT ?`,
  );
  const runs = raw.prepare<[string, string, string], Row>(
    `SELECT ${toList(RUN_COLUMNS)} FROM provider_runs
     WHERE zone_id = ? AND requester = ? AND request_id = ? ORDER BY sent_at, node_id`,
  );
  const payments = raw.prepare<[string, string, string], Row>(
    `SELECT ${toList(PAYMENT_COLUMNS)} FROM payments
     WHERE zone_id = ? AND node_id = ? AND request_id = ? ORDER BY created_at, payment_id`,
  );
  const escrow = raw.prepare<[string], Row>(
    `SELECT ${toList(ESCROW_COLUMNS)} FROM escrows WHERE payment_id = ?`,
  );
  const ops = raw.prepare<[number, string, string], Row>(
    `SELECT ${toList(ESCROW_OP_COLUMNS)} FROM escrow_ops
     WHERE chain_id = ? AND contract = ? AND escrow_id = ? AND state IN ('requested', 'submitted')
     ORDER BY created_at, op_id`,
  );
  const refund = raw.prepare<[string], Row>(
    `SELECT ${toList(REFUND_COLUMNS)} FROM refunds WHERE payment_id = ?`,
  );
  return {
    findRequestRows: (
      zoneId: string,
      nodeId: string,
      requestId: string,
    ): RequestRows | undefined => {
      const request = find.get(zoneId, nodeId, requestId);
      if (request === undefined) return undefined;
      const paid = payments.all(zoneId, nodeId, requestId);
      const newest = <T>(read: (id: string) => T | undefined): T | undefined => {
        for (const { payment_id } of paid.toReversed()) {
          const found = read(payment_id as string);
          if (found !== undefined) return found;
        }
        return undefined;
      };
      const held = newest((id) => escrow.get(id));
      const key = held && ([held.chain_id, held.contract, held.escrow_id] as const);
      return {
        request,
        runs: runs.all(zoneId, nodeId, requestId),
        payments: paid,
        escrow: held,
        ops: key === undefined ? [] : ops.all(...(key as [number, string, string])),
        refund: newest((id) => refund.get(id)),
      };
    },
    /** The keys of a zone's requests after one, in their order. */
    listRequestKeys: (
      zoneId: string,
      after: { readonly nodeId: string; readonly requestId: string },
      limit: number,
    ) => keys.all(zoneId, after.nodeId, after.requestId, limit),
  };
}

function toList(columns: Columns): string {
  return Object.keys(columns)
    .map((name) => `"${name}"`)
    .join(", ");
}
