import type { JsonObject, JsonValue } from "../../../protocol/json.ts";

const EXAMPLES: Readonly<Record<string, JsonValue>> = {
  string: "hello",
  number: 1,
  integer: 1,
  boolean: true,
  array: [],
  object: {},
};

/** Makes params to begin with from what an action's manifest says of them: a JSON Schema, or hints. */
export function toExampleParams(params: JsonObject | undefined): JsonObject {
  const fields = isObject(params?.properties) ? params.properties : (params ?? {});
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !name.startsWith("$"))
      .map(([name, hint]) => [name, toExample(hint)]),
  );
}

function toExample(hint: JsonValue | undefined): JsonValue {
  const type = isObject(hint) ? hint.type : hint;
  return typeof type === "string" ? (EXAMPLES[type] ?? "hello") : null;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
