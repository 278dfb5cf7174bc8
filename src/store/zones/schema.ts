import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { USAGE_KINDS } from "../usage.ts";
import { OPEN_REQUESTS, WAITING_REQUESTS } from "../waiting-requests.ts";

/**
 * Node ids that verified in the bound form, for which the plain one is refused, by the first 52 bits of
 * their hash, which are few bytes and enough; `docs/protocol.md` §3.
 */
export const boundNodes = sqliteTable(
  "bound_nodes",
  {
    fingerprint: integer("fingerprint").primaryKey(),
    seenAt: integer("seen_at").notNull(),
  },
  (table) => [index("bound_nodes_seen_at").on(table.seenAt)],
);

/** Bans by the wire's rate limits; `docs/protocol.md` §4. */
export const wireBans = sqliteTable("wire_bans", {
  nodeId: text("node_id").primaryKey(),
  reason: text("reason").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
});

/** When a node's operator binding was first seen; `docs/protocol.md` §4. */
export const operatorBindings = sqliteTable(
  "operator_bindings",
  {
    nodeId: text("node_id").primaryKey(),
    /** Hex SHA-256 of message and signature. */
    digest: text("digest").notNull(),
    firstSeenAt: integer("first_seen_at").notNull(),
    /** Whether the account was found to own the fid. */
    confirmed: integer("confirmed", { mode: "boolean" }).notNull(),
  },
  (table) => [
    index("operator_bindings_first_seen_at").on(table.firstSeenAt),
    index("operator_bindings_trim").on(table.confirmed, table.firstSeenAt),
  ],
);

/** Ids of messages accepted within the last ten minutes; `docs/protocol.md` §5. */
export const seenMessages = sqliteTable(
  "seen_messages",
  {
    nodeId: text("node_id").notNull(),
    messageId: text("message_id").notNull(),
    seenAt: integer("seen_at").notNull(),
  },
  (table) => [
    // Ids of messages begin with the time: in their order new rows lie side by side, whoever sends.
    primaryKey({ columns: [table.messageId, table.nodeId] }),
  ],
);

/** One row a hosted zone; `docs/protocol.md` §6. */
export const zones = sqliteTable(
  "zones",
  {
    zoneId: text("zone_id").primaryKey(),
    epoch: integer("epoch").notNull(),
    /** Of the current envelope, hex. */
    envelopeHash: text("envelope_hash").notNull(),
    state: text("state", { enum: ["registered", "active", "stopped"] }).notNull(),
    /** Set while the operator suspends hosting. */
    suspendedAt: integer("suspended_at"),
    creator: text("creator").notNull(),
    name: text("name").notNull(),
    type: text("type").notNull(),
    topic: text("topic"),
    description: text("description").notNull(),
    headSeq: integer("head_seq").notNull(),
    /** Hex. */
    headHash: text("head_hash").notNull(),
    /** Of its log: the entries' texts and what each costs beside. */
    logBytes: integer("log_bytes").notNull().default(0),
    /** Rows of `members`, a creator who has joined included. */
    memberCount: integer("member_count").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [index("zones_type").on(table.type), index("zones_creator").on(table.creator)],
);

/** Zones that were deleted here: none of them comes back older; `docs/operations.md`, Deleting a zone. */
export const deletedZones = sqliteTable(
  "deleted_zones",
  {
    zoneId: text("zone_id").primaryKey(),
    /** Of the newest envelope it had. */
    epoch: integer("epoch").notNull(),
    envelopeHash: text("envelope_hash").notNull(),
    creator: text("creator").notNull(),
    /** Unix seconds. */
    deletedAt: integer("deleted_at").notNull(),
    /** When the last of its rows was removed, some at a time; null until then. */
    purgedAt: integer("purged_at"),
  },
  (table) => [index("deleted_zones_purged_at").on(table.purgedAt)],
);

/** The accepted envelopes of a zone, unchanged, of the oldest only their hashes; `docs/protocol.md` §6. */
export const zoneEnvelopes = sqliteTable(
  "zone_envelopes",
  {
    zoneId: text("zone_id").notNull(),
    epoch: integer("epoch").notNull(),
    /** JSON as received. */
    envelope: text("envelope").notNull(),
    /** Hex sha256 of the signed bytes. */
    hash: text("hash").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.zoneId, table.epoch] })],
);

/** Membership; survives restarts and manifest updates. */
export const members = sqliteTable(
  "members",
  {
    zoneId: text("zone_id").notNull(),
    nodeId: text("node_id").notNull(),
    name: text("name").notNull(),
    role: text("role", { enum: ["creator", "provider", "member"] }).notNull(),
    /** JSON array of strings, from the Hello of the join. */
    skills: text("skills").notNull(),
    joinedAt: integer("joined_at").notNull(),
    /** Whether its unsigned messages are refused through replicas; `docs/protocol.md` §9.10. */
    signs: integer("signs", { mode: "boolean" }).notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.zoneId, table.nodeId] }),
    index("members_node_id").on(table.nodeId),
  ],
);

/** Bans from one zone. */
export const zoneBans = sqliteTable(
  "zone_bans",
  {
    zoneId: text("zone_id").notNull(),
    nodeId: text("node_id").notNull(),
    reason: text("reason"),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at"),
  },
  (table) => [primaryKey({ columns: [table.zoneId, table.nodeId] })],
);

/** Invitations; the secret itself is never stored; `docs/protocol.md` §6. */
export const invites = sqliteTable(
  "invites",
  {
    inviteId: text("invite_id").primaryKey(),
    zoneId: text("zone_id").notNull(),
    /** Hex sha256 of the secret. */
    hash: text("hash").notNull().unique(),
    /** The only node that may use it; null admits anyone who has it. */
    nodeId: text("node_id"),
    maxUses: integer("max_uses").notNull(),
    uses: integer("uses").notNull(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at"),
    revokedAt: integer("revoked_at"),
  },
  (table) => [index("invites_zone_id").on(table.zoneId, table.inviteId)],
);

/** Envelopes that a creator signed beside an accepted one of the same epoch: evidence. */
export const zoneForks = sqliteTable(
  "zone_forks",
  {
    zoneId: text("zone_id").notNull(),
    epoch: integer("epoch").notNull(),
    hash: text("hash").notNull(),
    /** JSON as received. */
    envelope: text("envelope").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.zoneId, table.epoch, table.hash] })],
);

/** Where a pruned log begins: the last entry that was removed; `docs/protocol.md` §6. */
export const zoneCheckpoints = sqliteTable("zone_checkpoints", {
  zoneId: text("zone_id").primaryKey(),
  seq: integer("seq").notNull(),
  hash: text("hash").notNull(),
  /** JSON of the signed head. */
  head: text("head").notNull(),
});

/** Direct messages until their receiver acknowledges them; `docs/protocol.md` §5. */
export const directMessages = sqliteTable(
  "direct_messages",
  {
    /** Orders a receiver's messages. */
    id: integer("id").primaryKey({ autoIncrement: true }),
    sender: text("sender").notNull(),
    receiver: text("receiver").notNull(),
    messageId: text("message_id").notNull(),
    /** JSON of the AtlasMessage's fields. */
    message: text("message").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [
    uniqueIndex("direct_messages_message_id").on(table.sender, table.receiver, table.messageId),
    index("direct_messages_receiver").on(table.receiver, table.id),
    index("direct_messages_created_at").on(table.createdAt),
  ],
);

/** Entries that tell of a zone's envelopes; in the index's own words, too. */
export const ENVELOPE_EVENTS =
  "kind = 'event' and json_extract(data, '$.event') in ('created', 'updated', 'stopped')";

/** The hash-chained log of each zone; `docs/protocol.md` §6. */
export const zoneLog = sqliteTable(
  "zone_log",
  {
    zoneId: text("zone_id").notNull(),
    seq: integer("seq").notNull(),
    timestamp: integer("timestamp").notNull(),
    kind: text("kind", { enum: ["message", "event"] }).notNull(),
    nodeId: text("node_id").notNull(),
    /** Canonical JSON. */
    data: text("data").notNull(),
    /** Hex. */
    hash: text("hash").notNull(),
    /** `zmsg_` id of a message, null for events. */
    messageId: text("message_id"),
  },
  (table) => [
    primaryKey({ columns: [table.zoneId, table.seq] }),
    // Ids of messages begin with the time: in their order new rows lie side by side, whoever sends.
    uniqueIndex("zone_log_message")
      .on(table.zoneId, table.messageId, table.nodeId)
      .where(sql`message_id is not null`),
    // Few: what tells of an envelope.
    index("zone_log_envelopes").on(table.zoneId, table.seq).where(sql.raw(ENVELOPE_EVENTS)),
  ],
);

/** Requests for actions, by zone, sender and request id; `docs/protocol.md` §6 and §8. */
export const requests = sqliteTable(
  "requests",
  {
    nodeId: text("node_id").notNull(),
    requestId: text("request_id").notNull(),
    zoneId: text("zone_id").notNull(),
    action: text("action").notNull(),
    /** Canonical JSON. */
    params: text("params").notNull(),
    /** Hex sha256 of the canonical JSON of {zone_id, action, params}. */
    contentHash: text("content_hash").notNull(),
    state: text("state", {
      enum: [
        "quoted",
        "paying",
        "paid",
        "running",
        "undelivered",
        "answered",
        "failed",
        "refunded",
      ],
    }).notNull(),
    paid: integer("paid", { mode: "boolean" }).notNull(),
    /** The key every run of this request carries. */
    invokeId: text("invoke_id").notNull(),
    /** Whether a run of unknown outcome may be repeated, fixed when a run starts. */
    idempotent: integer("idempotent", { mode: "boolean" }).notNull(),
    /** Id of the latest message that asks; the answer's reply_to. */
    messageId: text("message_id").notNull(),
    /** JSON of the final answer's result. */
    result: text("result"),
    /** JSON {code, reason?, message} of the last definite failure. */
    failure: text("failure"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    /** When the row may be forgotten; null while it must be kept. */
    expiresAt: integer("expires_at"),
    /** Node id of the steward that runs it, of a replicated zone's. */
    runner: text("runner"),
    /** JSON {message} of a sealed zone.request as received; `docs/protocol.md` §9.10. */
    sig: text("sig"),
  },
  (table) => [
    primaryKey({ columns: [table.zoneId, table.nodeId, table.requestId] }),
    // In this order requests with ids that begin with the time lie side by side, whoever asks.
    index("requests_name").on(table.requestId, table.nodeId),
    // Few: what was answered at once was never in it.
    index("requests_open").on(table.state).where(sql.raw(OPEN_REQUESTS)),
    index("requests_expires_at").on(table.expiresAt),
    // Few: paid ones that the operator is to look at.
    index("requests_waiting").on(table.zoneId).where(sql.raw(WAITING_REQUESTS)),
    // Few: runs of which another steward has to tell what became of them.
    index("requests_run").on(table.invokeId).where(sql`runner is not null`),
  ],
);

/**
 * What is stored for others, by owner, and under the empty owner in all: requests that nobody pays or
 * paid for, quotes that nobody has paid, direct messages by their sender, places in zones.
 */
export const usage = sqliteTable(
  "usage",
  {
    kind: text("kind", { enum: USAGE_KINDS }).notNull(),
    owner: text("owner").notNull(),
    rows: integer("rows").notNull(),
    bytes: integer("bytes").notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.owner] })],
);
