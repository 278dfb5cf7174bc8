import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What happened here, in the order of its commits; `docs/events.md`. */
export const events = sqliteTable("events", {
  /** Never given twice, and never lower than one that was committed before. */
  id: integer("id").primaryKey({ autoIncrement: true }),
  /** Milliseconds since the epoch. */
  at: integer("at").notNull(),
  /** Dotted, of the list in `src/events/types.ts`. */
  type: text("type").notNull(),
  /** Null where it is of no zone. */
  zoneId: text("zone_id"),
  /** Whom or what it is about: a node, a payment, a token. */
  subject: text("subject"),
  /** JSON object. */
  data: text("data").notNull(),
});

/** Alarms that were raised and not cleared since. */
export const openAlarms = sqliteTable("open_alarms", {
  /** Names what is wrong; stable while it lasts. */
  key: text("key").primaryKey(),
  /** In words. */
  what: text("what").notNull(),
  remedy: text("remedy").notNull(),
  /** Milliseconds since the epoch. */
  raisedAt: integer("raised_at").notNull(),
});
