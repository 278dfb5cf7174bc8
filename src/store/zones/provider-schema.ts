import { foreignKey, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { requests } from "./schema.ts";

/** Which nodes may fulfil which actions of a zone; `docs/protocol.md` §6. */
export const zoneProviders = sqliteTable(
  "zone_providers",
  {
    zoneId: text("zone_id").notNull(),
    nodeId: text("node_id").notNull(),
    /** JSON array of action names, sorted. */
    actions: text("actions").notNull(),
    /** Node id of the creator, or `operator`. */
    approvedBy: text("approved_by").notNull(),
    approvedAt: integer("approved_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.zoneId, table.nodeId] })],
);

/** Whom a run was sent to: only that node's result counts, also after a restart. */
export const providerRuns = sqliteTable(
  "provider_runs",
  {
    invokeId: text("invoke_id").notNull(),
    /** The provider. */
    nodeId: text("node_id").notNull(),
    /** Where, who asked, and the request it is a run of; forgotten together with it. */
    zoneId: text("zone_id").notNull(),
    requester: text("requester").notNull(),
    requestId: text("request_id").notNull(),
    sentAt: integer("sent_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.invokeId, table.nodeId] }),
    index("provider_runs_request").on(table.zoneId, table.requester, table.requestId),
    foreignKey({
      columns: [table.zoneId, table.requester, table.requestId],
      foreignColumns: [requests.zoneId, requests.nodeId, requests.requestId],
    }).onDelete("cascade"),
  ],
);
