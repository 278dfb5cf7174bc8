import { customType } from "drizzle-orm/sqlite-core";

/** An amount in the smallest unit: bigint in code, decimal TEXT in SQLite. */
export const amount = customType<{ data: bigint; driverData: string }>({
  dataType: () => "text",
  toDriver: (value) => value.toString(),
  fromDriver: (value) => BigInt(value),
});

/** A JSON value kept as TEXT. */
export function json<T>() {
  return customType<{ data: T; driverData: string }>({
    dataType: () => "text",
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => JSON.parse(value) as T,
  });
}
