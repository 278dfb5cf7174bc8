import type { Schema } from "@cfworker/json-schema";
import { StewardError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import { isJudgedFormat } from "./formats.ts";

/** A schema that is no boolean. */
export type SchemaObject = Schema & { readonly [keyword: string]: unknown };

type Read = (value: JsonValue, path: string) => unknown;

const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"];

/** Keywords that strangers could make expensive, or that reach outside the schema. */
const REFUSED = new Set(["pattern", "patternProperties", "$dynamicRef", "$recursiveRef"]);

const number: Read = (value, path) => {
  if (typeof value === "number") return value;
  throw refuseSchema(path, "expected a number");
};
const count: Read = (value, path) => {
  if (Number.isInteger(value) && (value as number) >= 0) return value;
  throw refuseSchema(path, "expected an integer from 0");
};
const boolean: Read = (value, path) => {
  if (typeof value === "boolean") return value;
  throw refuseSchema(path, "expected true or false");
};
const strings: Read = (value, path) => {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return [...value];
  throw refuseSchema(path, "expected an array of strings");
};
const bound: Read = (value, path) => (typeof value === "boolean" ? value : number(value, path));
const schema: Read = (value, path) => toCleanSchema(value, path);
const schemas: Read = (value, path) => {
  if (!Array.isArray(value)) throw refuseSchema(path, "expected an array of schemas");
  return value.map((item: JsonValue, index) => schema(item, `${path}.${index}`));
};

function mapOf(read: Read): Read {
  return (value, path) => {
    if (!isJsonObject(value)) throw refuseSchema(path, "expected an object");
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        if (key === "__proto__") throw refuseSchema(path, "the key __proto__ is not allowed");
        return [key, read(item, `${path}.${key}`)];
      }),
    );
  };
}

/** How each keyword is read; keywords that are not here say nothing about validity, and go. */
const KEYWORDS: Readonly<Record<string, Read>> = {
  $ref: (value, path) => {
    if (value === "#" || (typeof value === "string" && /^#\/./.test(value))) return value;
    throw refuseSchema(path, "expected a reference inside the schema, #/...");
  },
  type: (value, path) => {
    const types = Array.isArray(value) ? value : [value];
    if (types.length > 0 && types.every((type) => TYPES.includes(type as string))) return value;
    throw refuseSchema(path, "expected a JSON type");
  },
  enum: (value, path) => {
    if (Array.isArray(value)) return value;
    throw refuseSchema(path, "expected an array");
  },
  const: (value) => value,
  format: (value, path) => {
    if (typeof value !== "string") throw refuseSchema(path, "expected a string");
    return isJudgedFormat(value) ? value : undefined;
  },
  required: strings,
  uniqueItems: boolean,
  minimum: number,
  maximum: number,
  exclusiveMinimum: bound,
  exclusiveMaximum: bound,
  multipleOf: number,
  minLength: count,
  maxLength: count,
  minItems: count,
  maxItems: count,
  minContains: count,
  maxContains: count,
  minProperties: count,
  maxProperties: count,
  not: schema,
  if: schema,
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: schema,
  else: schema,
  contains: schema,
  propertyNames: schema,
  additionalItems: schema,
  additionalProperties: schema,
  unevaluatedItems: schema,
  unevaluatedProperties: schema,
  items: (value, path) => (Array.isArray(value) ? schemas(value, path) : schema(value, path)),
  allOf: schemas,
  anyOf: schemas,
  oneOf: schemas,
  prefixItems: schemas,
  properties: mapOf(schema),
  $defs: mapOf(schema),
  definitions: mapOf(schema),
  dependentSchemas: mapOf(schema),
  dependentRequired: mapOf(strings),
};

/**
 * Copies a schema with only the keywords that decide on validity, each of the form it must have,
 * so that the validator meets nothing it would throw at.
 * @throws StewardError `invalid_params`
 */
export function toCleanSchema(value: JsonValue, path: string): SchemaObject | boolean {
  if (typeof value === "boolean") return value;
  if (!isJsonObject(value)) throw refuseSchema(path, "expected a schema");
  const clean: Record<string, unknown> = {};
  for (const [keyword, raw] of Object.entries(value)) {
    const at = `${path}.${keyword}`;
    if (REFUSED.has(keyword)) throw refuseSchema(at, "not allowed here");
    if (keyword === "dependencies") Object.assign(clean, splitDependencies(raw, at));
    else if (Object.hasOwn(KEYWORDS, keyword)) clean[keyword] = KEYWORDS[keyword]?.(raw, at);
  }
  return clean as SchemaObject;
}

/** `dependencies` of draft 7 became two keywords, which the validator follows more strictly. */
function splitDependencies(value: JsonValue, path: string): Record<string, unknown> {
  if (!isJsonObject(value)) throw refuseSchema(path, "expected an object");
  const entries = Object.entries(value);
  const lists = Object.fromEntries(entries.filter(([, item]) => Array.isArray(item)));
  const rest = Object.fromEntries(entries.filter(([, item]) => !Array.isArray(item)));
  return {
    dependentRequired: mapOf(strings)(lists, path),
    dependentSchemas: mapOf(schema)(rest, path),
  };
}

/** Lists the schemas that a clean schema applies to the same value as itself, but for its $ref. */
export function listInPlace(node: SchemaObject): unknown[] {
  const { allOf = [], anyOf = [], oneOf = [], dependentSchemas = {} } = node;
  return [
    ...allOf,
    ...anyOf,
    ...oneOf,
    ...Object.values(dependentSchemas),
    node.not,
    node.if,
    node.then,
    node.else,
  ];
}

/** Narrows to a schema that is no boolean. */
export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null;
}

/** The refusal of a schema. */
export function refuseSchema(path: string, problem: string): StewardError {
  return new StewardError("invalid_params", { message: `${path}: ${problem}` });
}

function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
