import { customType } from "drizzle-orm/sqlite-core";

/** An amount in the smallest unit: bigint in code, decimal TEXT in SQLite. */
export const amount = customType<{ data: bigint; driverData: string }>({
  dataType: () => "text",
  toDriver: (value) => value.toString(),
  fromDriver: (value) => BigInt(value),
});
