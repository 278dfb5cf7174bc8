import { sql } from "drizzle-orm";
import { foreignKey, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Whether events are sent: `disabled` is the receiver's doing, `paused` the operator's. */
export const WEBHOOK_STATES = ["active", "paused", "disabled"] as const;
export type WebhookState = (typeof WEBHOOK_STATES)[number];

/** How a delivery stands: `dead` ones were given up. */
export const DELIVERY_STATES = ["pending", "delivered", "dead"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Where the operator has events sent; `docs/webhooks.md`. */
export const webhooks = sqliteTable("webhooks", {
  webhookId: text("webhook_id").primaryKey(),
  url: text("url").notNull(),
  /** JSON: the patterns of its events' types. */
  events: text("events").notNull(),
  secretSealed: text("secret_sealed").notNull(),
  /** The secret before, which signs, too, until a time. */
  formerSecretSealed: text("former_secret_sealed"),
  /** Unix seconds. */
  formerSecretUntil: integer("former_secret_until"),
  allowPrivate: integer("allow_private", { mode: "boolean" }).notNull(),
  state: text("state", { enum: WEBHOOK_STATES }).notNull(),
  /** The token that made it. */
  createdBy: text("created_by").notNull(),
  /** Unix seconds. */
  createdAt: integer("created_at").notNull(),
  /** The last event that was looked at for it. */
  position: integer("position").notNull(),
});

/** Events on their way to a webhook, and what became of them. */
export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    webhookId: text("webhook_id").notNull(),
    eventId: integer("event_id").notNull(),
    type: text("type").notNull(),
    zoneId: text("zone_id"),
    /** The zone, or what else keeps its order; of one lane only the first pending one is sent. */
    lane: text("lane").notNull(),
    /** The bytes that are sent, the same at each attempt. */
    body: text("body").notNull(),
    state: text("state", { enum: DELIVERY_STATES }).notNull(),
    /** Waits for one before it in its lane. */
    isHeld: integer("is_held", { mode: "boolean" }).notNull(),
    attempts: integer("attempts").notNull(),
    /** When the event happened, milliseconds since the epoch. */
    happenedAt: integer("happened_at").notNull(),
    /** When it may be sent, milliseconds since the epoch. */
    nextAt: integer("next_at").notNull(),
    /** When it was last tried, or ended, milliseconds since the epoch. */
    changedAt: integer("changed_at").notNull(),
    /** What the receiver last answered with. */
    status: integer("status"),
    /** Why the last attempt failed, in words that hold no secret. */
    error: text("error"),
  },
  (table) => [
    primaryKey({ columns: [table.webhookId, table.eventId] }),
    foreignKey({ columns: [table.webhookId], foreignColumns: [webhooks.webhookId] }).onDelete(
      "cascade",
    ),
    index("webhook_deliveries_due")
      .on(table.webhookId, table.isHeld, table.nextAt)
      .where(sql`state = 'pending'`),
    index("webhook_deliveries_lane")
      .on(table.webhookId, table.lane, table.eventId)
      .where(sql`state = 'pending'`),
    index("webhook_deliveries_state").on(table.webhookId, table.state, table.eventId),
  ],
);
