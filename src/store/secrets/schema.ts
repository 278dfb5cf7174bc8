import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Keys under which secrets in this database are sealed: what derives each of a master key, never the key. */
export const secretKeys = sqliteTable("secret_keys", {
  /** The newest one seals. */
  seq: integer("seq").primaryKey({ autoIncrement: true }),
  keyId: text("key_id").notNull().unique(),
  /** Hex. */
  salt: text("salt").notNull(),
  scryptN: integer("scrypt_n").notNull(),
  /** Tells the right master key from a wrong one; hex. */
  keyCheck: text("key_check").notNull(),
  /** Unix seconds. */
  createdAt: integer("created_at").notNull(),
});
