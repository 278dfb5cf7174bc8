import type { Store } from "../database.ts";

/** What turns a change of a table's rows into an event, in the write that changes them. */
export interface EventTrigger {
  /** As `INSERT ON payments`, `UPDATE OF state ON refunds`. */
  readonly after: string;
  readonly when?: string;
  /** SQL: of its type, its zone, whom it is about, and the fields of its data; nulls are left out. */
  readonly type: string;
  readonly zone: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, string>>;
  /** Read where the row does not say all. */
  readonly from?: string;
}

/** A log's entries that a first copy brings are history, and no news. */
const IS_NEWS = `NOT EXISTS (SELECT 1 FROM replicated_zones r
  WHERE r.zone_id = new.zone_id AND r.complete = 0)`;
const toField = (name: string) => `json_extract(new.data, '$.${name}')`;
/** What another steward wrote is cut: an event is small. */
const toText = (name: string) => `substr(${toField(name)}, 1, 200)`;

const MEMBERSHIP: EventTrigger = {
  after: "INSERT ON zone_log",
  when: `new.kind = 'event' AND json_valid(new.data) AND ${toField("event")} IN
    ('joined', 'left', 'removed', 'banned', 'unbanned') AND ${IS_NEWS}`,
  type: `'member.' || ${toField("event")}`,
  zone: "new.zone_id",
  subject: "new.node_id",
  data: {
    node_id: "new.node_id",
    seq: "new.seq",
    name: toText("name"),
    role: toText("role"),
    via: toText("via"),
    reason: toText("reason"),
    expires_at: toField("expires_at"),
  },
};

const ZONE_DATA = {
  name: "new.name",
  creator: "new.creator",
  epoch: "new.epoch",
  state: "new.state",
};
const OF_ZONE = { zone: "new.zone_id", subject: "new.zone_id", data: ZONE_DATA } as const;

const ZONES: readonly EventTrigger[] = [
  { after: "INSERT ON zones", type: "'zone.created'", ...OF_ZONE },
  {
    after: "UPDATE OF epoch ON zones",
    when: "new.epoch <> old.epoch AND (new.state <> 'stopped' OR old.state = 'stopped')",
    type: "'zone.updated'",
    ...OF_ZONE,
  },
  {
    after: "UPDATE OF state ON zones",
    when: "new.state = 'stopped' AND old.state <> 'stopped'",
    type: "'zone.stopped'",
    ...OF_ZONE,
    data: { ...ZONE_DATA, by: "'creator'" },
  },
  {
    after: "UPDATE OF suspended_at ON zones",
    when: "(new.suspended_at IS NULL) <> (old.suspended_at IS NULL)",
    type: "iif(new.suspended_at IS NULL, 'zone.resumed', 'zone.stopped')",
    ...OF_ZONE,
    data: { ...ZONE_DATA, by: "'operator'" },
  },
  {
    after: "DELETE ON zones",
    type: "'zone.deleted'",
    zone: "old.zone_id",
    subject: "old.zone_id",
    data: { name: "old.name", creator: "old.creator", epoch: "old.epoch" },
  },
  {
    after: "INSERT ON zone_forks",
    type: "'zone.forked'",
    zone: "new.zone_id",
    subject: "new.hash",
    data: { epoch: "new.epoch", envelope_hash: "new.hash" },
  },
];

/** The state of the line before; a line that keeps the state tells of something else. */
const STATE_BEFORE = `(SELECT h.state FROM payment_history h
  WHERE h.payment_id = new.payment_id AND h.history_id < new.history_id
  ORDER BY h.history_id DESC LIMIT 1)`;

const MONEY: readonly EventTrigger[] = [
  {
    after: "INSERT ON payment_history",
    when: `new.state IS NOT ${STATE_BEFORE}`,
    type: "'payment.' || new.state",
    zone: "p.zone_id",
    subject: "new.payment_id",
    data: {
      payment_id: "new.payment_id",
      state: "new.state",
      from: STATE_BEFORE,
      node_id: "p.node_id",
      request_id: "p.request_id",
      action: "p.action",
      mode: "p.mode",
      chain_id: "p.chain_id",
      token: "p.token",
      amount: "p.amount",
      payer: "p.payer",
      recipient: "p.recipient",
      tx_hash: "p.tx_hash",
      failure_reason: "p.failure_reason",
    },
    from: "payments p WHERE p.payment_id = new.payment_id",
  },
  ...onState("escrows", "status", {
    type: "'escrow.' || new.status",
    zone: "new.zone_id",
    subject: "new.escrow_id",
    data: {
      escrow_id: "new.escrow_id",
      status: "new.status",
      payment_id: "new.payment_id",
      node_id: "new.node_id",
      request_id: "new.request_id",
      chain_id: "new.chain_id",
      contract: "new.contract",
      amount: "new.amount",
      depositor: "new.depositor",
      recipient: "new.recipient",
      deadline: "new.deadline",
      tx_hash: "coalesce(new.resolved_tx, new.tx_hash)",
      resolved_by: "new.resolved_by",
    },
  }),
  ...onState("refunds", "state", {
    type: "'refund.' || new.state",
    zone: "(SELECT p.zone_id FROM payments p WHERE p.payment_id = new.payment_id)",
    subject: "new.payment_id",
    data: {
      payment_id: "new.payment_id",
      state: "new.state",
      chain_id: "new.chain_id",
      token: "new.token",
      to: 'new."to"',
      amount: "new.amount",
      requested_by: "new.requested_by",
      tx_hash: "new.tx_hash",
      failure: "substr(new.failure, 1, 200)",
    },
  }),
  ...onState("claims", "state", {
    type: "'claim.' || new.state",
    zone: "NULL",
    subject: "CAST(new.claim_id AS TEXT)",
    data: {
      claim_id: "new.claim_id",
      state: "new.state",
      chain_id: "new.chain_id",
      contract: "new.contract",
      token: "new.token",
      owner: "new.owner",
      amount: "new.amount",
      requested_by: "new.requested_by",
      tx_hash: "new.tx_hash",
      failure: "substr(new.failure, 1, 200)",
    },
  }),
];

const toPrimary = (envelope: string) =>
  `(SELECT json_extract(s.value, '$.node_id') FROM json_each(
     iif(json_valid(${envelope}), json_extract(${envelope}, '$.manifest'), '{}'), '$.steward_set') s
   WHERE json_extract(s.value, '$.role') = 'primary')`;
const ENVELOPE_BEFORE = `(SELECT e.envelope FROM zone_envelopes e
  WHERE e.zone_id = new.zone_id AND e.epoch < new.epoch ORDER BY e.epoch DESC LIMIT 1)`;

const REPLICATION: readonly EventTrigger[] = [
  {
    after: "INSERT ON zone_envelopes",
    when: `new.epoch > 1 AND ${toPrimary(ENVELOPE_BEFORE)} <> ${toPrimary("new.envelope")}`,
    type: "'replication.primary_changed'",
    zone: "new.zone_id",
    subject: toPrimary("new.envelope"),
    data: {
      epoch: "new.epoch",
      primary: toPrimary("new.envelope"),
      before: toPrimary(ENVELOPE_BEFORE),
    },
  },
  {
    after: "UPDATE OF halted ON replicated_zones",
    when: "new.halted IS NOT old.halted",
    type: "iif(new.halted IS NULL, 'replication.resumed', 'replication.halted')",
    zone: "new.zone_id",
    subject: "new.zone_id",
    data: { reason: "coalesce(new.halted, old.halted)", epoch: "new.epoch", n: "new.n" },
  },
  {
    after: "INSERT ON replica_evidence",
    type: "'replication.evidence'",
    zone: "new.zone_id",
    subject: "new.signer",
    data: {
      evidence_id: "new.id",
      kind: "new.kind",
      signer: "new.signer",
      epoch: "new.epoch",
      n: "new.n",
      seq: "new.seq",
    },
  },
];

const WIRE_BAN = {
  type: "'ban.set'",
  zone: "NULL",
  subject: "new.node_id",
  data: { node_id: "new.node_id", reason: "new.reason", expires_at: "new.expires_at" },
} as const;
const TOKEN = { name: "new.name", scope: "new.scope", expires_at: "new.expires_at" };

const OPERATOR: readonly EventTrigger[] = [
  { after: "INSERT ON wire_bans", ...WIRE_BAN },
  { after: "UPDATE ON wire_bans", ...WIRE_BAN },
  {
    after: "DELETE ON wire_bans",
    // What has expired is only tidied away.
    when: "old.expires_at * 1000 > event_at()",
    type: "'ban.lifted'",
    zone: "NULL",
    subject: "old.node_id",
    data: { node_id: "old.node_id", reason: "old.reason", expires_at: "old.expires_at" },
  },
  {
    after: "INSERT ON admin_tokens",
    type: "'token.created'",
    zone: "NULL",
    subject: "new.token_id",
    data: { token_id: "new.token_id", ...TOKEN },
  },
  {
    after: "DELETE ON admin_tokens",
    when: "old.expires_at IS NULL OR old.expires_at * 1000 > event_at()",
    type: "'token.deleted'",
    zone: "NULL",
    subject: "old.token_id",
    data: { token_id: "old.token_id", name: "old.name", scope: "old.scope" },
  },
];

/** Every change that is an event; those that no row tells of are appended by who sees them. */
export const EVENT_TRIGGERS: readonly EventTrigger[] = [
  MEMBERSHIP,
  ...ZONES,
  ...MONEY,
  ...REPLICATION,
  ...OPERATOR,
];

/** A row that begins, and each change of its state. */
function onState(
  table: string,
  column: string,
  event: Omit<EventTrigger, "after" | "when">,
): EventTrigger[] {
  return [
    { after: `INSERT ON ${table}`, ...event },
    {
      after: `UPDATE OF ${column} ON ${table}`,
      when: `new.${column} <> old.${column}`,
      ...event,
    },
  ];
}

/** What the triggers call. */
export interface EventHooks {
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** An event of this id was added; its operation may still be taken back. */
  readonly added: (id: number) => void;
  /** A zone's log has a new entry, which may still be taken back. */
  readonly headMoved: (zoneId: string) => void;
}

/**
 * Has each change of `EVENT_TRIGGERS` add its event within the write that makes it, whoever writes it. The
 * triggers live with the connection; call it once, outside of operations.
 */
export function installEventTriggers(store: Store, hooks: EventHooks): void {
  store.raw.function("event_at", () => Math.floor(hooks.nowMs()));
  store.raw.function("event_added", (id: number) => {
    hooks.added(id);
    return null;
  });
  store.raw.function("head_moved", (zoneId: string) => {
    hooks.headMoved(zoneId);
    return null;
  });
  store.createTemporary(
    `CREATE TEMP TRIGGER head_moved AFTER INSERT ON main.zone_log
     BEGIN SELECT head_moved(new.zone_id); END`,
  );
  EVENT_TRIGGERS.forEach((trigger, index) => {
    store.createTemporary(toSql(trigger, index));
  });
}

function toSql({ after, when, type, zone, subject, data, from }: EventTrigger, index: number) {
  const [action, table] = after.split(" ON ");
  const fields = Object.entries(data).map(([name, sql]) => `'${name}', ${sql}`);
  return `CREATE TEMP TRIGGER event_${index} AFTER ${action} ON main.${table}
    ${when === undefined ? "" : `WHEN ${when}`}
    BEGIN
      INSERT INTO events (at, type, zone_id, subject, data)
        SELECT event_at(), ${type}, ${zone}, ${subject}, json_patch('{}', json_object(${fields.join(", ")}))
        ${from === undefined ? "" : `FROM ${from}`};
      SELECT event_added(max(id)) FROM events;
    END`;
}
