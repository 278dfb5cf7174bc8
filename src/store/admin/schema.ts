import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What a token may do; each scope includes those before it. */
export const TOKEN_SCOPES = ["read", "operate", "admin"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** Tokens of the admin API, stored hashed; times are Unix seconds. */
export const adminTokens = sqliteTable(
  "admin_tokens",
  {
    tokenId: text("token_id").primaryKey(),
    /** Hex sha256. */
    hash: text("hash").notNull().unique(),
    name: text("name").notNull(),
    scope: text("scope", { enum: TOKEN_SCOPES }).notNull(),
    createdAt: integer("created_at").notNull(),
    /** The part of its text that is no secret; empty for those of earlier versions. */
    prefix: text("prefix").notNull().default(""),
    expiresAt: integer("expires_at"),
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [index("admin_tokens_prefix").on(table.prefix)],
);

/** Who is logged in to the dashboard; times are Unix seconds. */
export const dashboardSessions = sqliteTable(
  "dashboard_sessions",
  {
    /** Hex sha256 of the cookie's secret. */
    hash: text("hash").primaryKey(),
    /** What it may do is what its token may, and it ends with it. */
    tokenId: text("token_id")
      .notNull()
      .references(() => adminTokens.tokenId, { onDelete: "cascade" }),
    createdAt: integer("created_at").notNull(),
    /** When somebody last did something, to the minute. */
    seenAt: integer("seen_at").notNull(),
  },
  (table) => [
    index("dashboard_sessions_token").on(table.tokenId),
    index("dashboard_sessions_seen").on(table.seenAt),
  ],
);

/** Answers of POSTs with an Idempotency-Key. */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    key: text("key").primaryKey(),
    contentHash: text("content_hash").notNull(),
    status: integer("status").notNull(),
    body: text("body").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [index("idempotency_keys_created_at").on(table.createdAt)],
);

/** What an entry of the audit log is about: a change, or a token that was refused. */
export const AUDIT_KINDS = ["change", "refused"] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** Who changed what over the admin API or on the machine itself. */
export const auditLog = sqliteTable(
  "audit_log",
  {
    seq: integer("seq").primaryKey({ autoIncrement: true }),
    kind: text("kind", { enum: AUDIT_KINDS }).notNull(),
    /** Unix seconds. */
    at: integer("at").notNull(),
    /** Null where it was no token. */
    tokenId: text("token_id"),
    /** The token's name, or the machine's user. */
    actor: text("actor"),
    /** From where. */
    address: text("address").notNull(),
    /** Method and route, or what was done on the machine. */
    action: text("action").notNull(),
    requestId: text("request_id"),
    /** Null while what it began is under way. */
    status: integer("status"),
    /** JSON: the path's ids, what was asked, before and after, an error's code. */
    detail: text("detail").notNull(),
  },
  (table) => [
    index("audit_log_kind").on(table.kind, table.seq),
    index("audit_log_begun").on(table.seq).where(sql`status is null`),
  ],
);
