import type { Store, Write } from "../database.ts";

/** How rows of a table lead to the record that they are a part of. */
interface CapturedTable {
  /** The record's kind; `entry` for the log's own entries, `first` is noted by hand. */
  readonly kind: string;
  /** SQL of the zone and of the key's one or two parts, where `row` is the row that changed. */
  readonly zone: string;
  readonly key: readonly [string, string];
  /** Read where the row does not name its zone. */
  readonly from?: string;
  /** All three where it is left out. */
  readonly on?: readonly ["INSERT"];
}

const REQUEST_KEY = ["row.node_id", "row.request_id"] as const;
const OF_PAYMENT = { zone: "p.zone_id", key: ["p.node_id", "p.request_id"] } as const;

/** The tables whose changes make commits, and the records that their rows are in; `docs/protocol.md` §9.4. */
export const CAPTURED_TABLES: Readonly<Record<string, CapturedTable>> = {
  zone_log: { kind: "entry", zone: "row.zone_id", key: ["''", "''"], on: ["INSERT"] },
  members: { kind: "member", zone: "row.zone_id", key: ["row.node_id", "''"] },
  zone_bans: { kind: "ban", zone: "row.zone_id", key: ["row.node_id", "''"] },
  invites: { kind: "invite", zone: "row.zone_id", key: ["row.invite_id", "''"] },
  zone_providers: { kind: "provider", zone: "row.zone_id", key: ["row.node_id", "''"] },
  requests: { kind: "request", zone: "row.zone_id", key: REQUEST_KEY },
  provider_runs: {
    kind: "request",
    zone: "row.zone_id",
    key: ["row.requester", "row.request_id"],
  },
  payments: { kind: "request", zone: "row.zone_id", key: REQUEST_KEY },
  escrows: { kind: "request", zone: "row.zone_id", key: REQUEST_KEY },
  escrow_ops: {
    kind: "request",
    zone: "e.zone_id",
    key: ["e.node_id", "e.request_id"],
    from: "escrows e WHERE (e.chain_id, e.contract, e.escrow_id) = (row.chain_id, row.contract, row.escrow_id)",
  },
  refunds: {
    kind: "request",
    ...OF_PAYMENT,
    from: "payments p WHERE p.payment_id = row.payment_id",
  },
};

/** The tables whose changes make none, each with the reason. */
export const UNCAPTURED_TABLES: Readonly<Record<string, string>> = {
  zones: "derived from envelopes, entries and records; suspension is each steward's own",
  zone_envelopes: "adopted by zone.epoch",
  zone_forks: "evidence, each finder's own",
  zone_checkpoints: "retention, each steward's own",
  deleted_zones: "this steward's operator",
  wallet_words: "each steward's own wallet",
  bound_nodes: "this steward's sessions",
  operator_bindings: "this steward's sessions",
  wire_bans: "this steward's sessions",
  seen_messages: "every effect has a key of its own",
  direct_messages: "stay with the steward that took them",
  usage: "counts of rows",
  admin_tokens: "this steward's operator",
  dashboard_sessions: "this steward's operator",
  idempotency_keys: "this steward's operator",
  audit_log: "this steward's operator",
  secret_keys: "this steward's master key",
  awaited_voters: "this steward's operator",
  events: "what happened at this steward, as it saw it",
  open_alarms: "this steward's operator",
  payment_history: "each steward's own",
  payer_failures: "cooldowns, each steward's own",
  settlement_txs: "this steward's wallet",
  settlement_attempts: "this steward's wallet",
  settlement_items: "this steward's wallet",
  zone_registrations: "this steward's wallet",
  escrow_cursors: "read from the chain",
  held_shares: "read from the chain",
  claims: "this steward's wallet",
  replicated_zones: "of replication itself",
  zone_commits: "of replication itself",
  replica_requests: "of replication itself",
  replica_chunks: "of replication itself",
  replica_evidence: "of replication itself",
  replica_quarantine: "of replication itself",
  webhooks: "this steward's operator",
  webhook_deliveries: "this steward's operator",
  run_reports: "what this steward has yet to tell another one",
};

/** A record that an operation changed; of a log's new entries, without a key. */
export interface TouchedRecord {
  readonly zoneId: string;
  readonly kind: string;
  readonly first: string;
  readonly second: string;
}

const TOUCHED = `CREATE TEMP TABLE IF NOT EXISTS touched_records (
  id INTEGER PRIMARY KEY, zone_id TEXT NOT NULL, kind TEXT NOT NULL, first TEXT NOT NULL,
  second TEXT NOT NULL, UNIQUE (zone_id, kind, first, second))`;

/**
 * Prepares what notes which records of replicated zones an operation changed. The notes stand in a
 * temporary table, so that what takes rows back takes the notes back with them. Call it outside of a
 * transaction; until `install` it costs nothing.
 */
export function prepareCapture(store: Store) {
  const { raw } = store;
  store.createTemporary(TOUCHED);
  const take = raw.prepare<[number], TouchedRecord & { readonly id: number }>(
    `DELETE FROM touched_records WHERE id > ?
     RETURNING id, zone_id AS zoneId, kind, first, second`,
  );
  const last = raw.prepare<[], number | null>("SELECT max(id) FROM touched_records");
  const forget = raw.prepare<[number]>("DELETE FROM touched_records WHERE id > ?");
  const note = raw.prepare<[string, string]>(
    "INSERT OR IGNORE INTO touched_records (zone_id, kind, first, second) VALUES (?, ?, '', '')",
  );
  const place = (): number => last.pluck().get() ?? 0;
  return {
    /** Begins to note; the triggers live with the connection. Again it does nothing. */
    install: (write: Write): void => {
      for (const [table, captured] of Object.entries(CAPTURED_TABLES)) {
        for (const event of captured.on ?? ["INSERT", "UPDATE", "DELETE"]) {
          write.run(raw.prepare(toTrigger(table, captured, event)));
        }
      }
    },
    /** Names the last note. */
    place,
    /** Takes what was noted after a place, in its order. */
    takeTouched: (write: Write, after: number): readonly TouchedRecord[] => {
      write.assertOpen();
      return take.all(after).sort((a, b) => a.id - b.id);
    },
    /** Forgets what was noted after a place. */
    clearTouched: (write: Write, after: number): void => {
      write.run(forget, after);
    },
    /** Notes that a zone's log has entries in no commit yet, or that this is its epoch's first one. */
    note: (write: Write, zoneId: string, kind: "entry" | "first"): void => {
      write.run(note, zoneId, kind);
    },
  };
}

function toTrigger(table: string, captured: CapturedTable, event: string): string {
  const { kind, from } = captured;
  const row = event === "DELETE" ? "old" : "new";
  const of = (text: string) => text.replaceAll("row.", `${row}.`);
  const [first, second] = captured.key.map(of);
  const zone = of(captured.zone);
  const isReplicated = `EXISTS (SELECT 1 FROM replicated_zones r WHERE r.zone_id = ${zone})`;
  // No OR IGNORE: the conflict clause of the statement that fires a trigger goes before the trigger's own.
  const isNew = `NOT EXISTS (SELECT 1 FROM touched_records t WHERE t.zone_id = ${zone}
    AND t.kind = '${kind}' AND t.first = ${first} AND t.second = ${second})`;
  const source =
    from === undefined ? `WHERE ${isNew}` : `FROM ${of(from)} AND ${isReplicated} AND ${isNew}`;
  return `CREATE TEMP TRIGGER IF NOT EXISTS capture_${table}_${event.toLowerCase()}
    AFTER ${event} ON main.${table}${from === undefined ? ` WHEN ${isReplicated}` : ""}
    BEGIN
      INSERT INTO touched_records (zone_id, kind, first, second)
        SELECT ${zone}, '${kind}', ${first}, ${second} ${source};
    END`;
}
