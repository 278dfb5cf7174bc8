import { StewardError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import type { Columns, ColumnType } from "../../store/replication/record-columns.ts";
import type { Row } from "../../store/replication/record-rows.ts";

/** What of a row stands in a record: the columns as stored, null left out; `docs/protocol.md` §9.4. */
export function toValue(columns: Columns, row: Row): JsonObject {
  const value: Record<string, JsonValue> = {};
  for (const name of Object.keys(columns)) {
    const stored = row[name];
    if (stored === null || stored === undefined) continue;
    const type = columns[name] as ColumnType;
    if (type === "bool" || type === "bool?") value[name] = stored === 1;
    else if (type !== "flag") value[name] = stored;
    else if (stored === 1) value[name] = true;
  }
  return value;
}

/**
 * The row that a record's value describes; what has no column is left out.
 * @throws StewardError `invalid_params`, naming the column that does not fit
 */
export function parseValue(columns: Columns, value: unknown, where: string): Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse(`${where}: expected an object`);
  }
  const row: Record<string, string | number | null> = {};
  for (const name of Object.keys(columns)) {
    const given = (value as Record<string, unknown>)[name];
    row[name] = parseColumn(columns[name] as ColumnType, given, `${where}.${name}`);
  }
  return row;
}

function parseColumn(type: ColumnType, given: unknown, where: string): string | number | null {
  if (given === undefined || given === null) {
    if (type === "flag") return 0;
    if (type.endsWith("?")) return null;
    throw refuse(`${where}: missing`);
  }
  switch (type) {
    case "text":
    case "text?":
      if (typeof given === "string") return given;
      break;
    case "int":
    case "int?":
      if (Number.isSafeInteger(given)) return given as number;
      break;
    default:
      if (typeof given === "boolean") return given ? 1 : 0;
  }
  throw refuse(`${where}: expected ${type}, received ${typeof given}`);
}

/** What a record that does not fit is refused with. */
export function refuse(message: string): StewardError {
  return new StewardError("invalid_params", { message });
}
